/** Choosing a WebGPU adapter and asking it for a device with all that it can give. */
import { DeviceError } from '../../errors.js';
import type { GpuIdentity, GpuLimits, KernelFeature } from '../gpu.js';

/** What kind of adapter is wanted. */
export type AdapterWish = 'hardware' | 'software' | 'any';

/**
 * Whether an adapter computes on the CPU: by WebGPU's own flag, and by the names that software rasterisers give
 * themselves, as some implementations leave the flag out.
 */
export function isSoftware(info: GPUAdapterInfo): boolean {
  const names = `${info.vendor} ${info.architecture} ${info.device} ${info.description}`;
  return info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|softpipe|warp|basic render/i.test(names);
}

/**
 * An adapter of the wished kind.
 * @throws DeviceError saying what was found instead
 */
export async function requestAdapter(gpu: GPU, wish: AdapterWish): Promise<GPUAdapter> {
  const software = wish === 'software';
  const adapter = await gpu.requestAdapter(
    software ? { forceFallbackAdapter: true } : { powerPreference: 'high-performance' },
  );
  if (software && (!adapter || !isSoftware(adapter.info))) {
    throw new DeviceError('no software WebGPU adapter was found', {
      remedy: 'Use the device "webgpu" or "cpu"; some browsers need a flag for software WebGPU.',
    });
  }
  if (!adapter) {
    throw new DeviceError('no WebGPU adapter was found', {
      remedy: 'Check that the machine has a GPU with a Vulkan, Metal or Direct3D 12 driver, or use the CPU.',
    });
  }
  if (wish === 'hardware' && isSoftware(adapter.info)) {
    throw new DeviceError(`the only WebGPU adapter is a software one (${describe(adapter.info)})`, {
      remedy: 'Ask for the device "webgpu:software" if that is meant, or use the CPU.',
    });
  }
  return adapter;
}

/** Features that Lanewise uses where they are there. */
const WANTED: readonly GPUFeatureName[] = ['shader-f16', 'subgroups', 'timestamp-query'];

/** Not yet a part of WebGPU, nor of its types: Dawn's experiment. */
const SUBGROUP_MATRIX = 'chromium-experimental-subgroup-matrix' as GPUFeatureName;

/** A product that `subgroupMatrixMultiplyAccumulate` can make. */
interface SubgroupMatrixConfig {
  readonly componentType: string;
  readonly resultComponentType: string;
  readonly M: number;
  readonly N: number;
  readonly K: number;
}

/** Whether products of subgroup matrices are there in the one size, and with the one subgroup size, that kernels use. */
function hasSubgroupMatrices(
  features: ReadonlySet<string>,
  info: GPUAdapterInfo & { readonly subgroupMatrixConfigs?: Iterable<SubgroupMatrixConfig> },
): boolean {
  const needed = ['shader-f16', 'subgroups', SUBGROUP_MATRIX].every((feature) => features.has(feature));
  const configs = [...(info.subgroupMatrixConfigs ?? [])];
  const { subgroupMinSize, subgroupMaxSize } = info;
  return (
    needed &&
    subgroupMinSize === 32 &&
    subgroupMaxSize === 32 &&
    configs.some(
      ({ M, N, K, componentType, resultComponentType }) =>
        M === 16 && N === 16 && K === 16 && componentType === 'f16' && resultComponentType === 'f32',
    )
  );
}

/** Of devices that were opened here: what `adapterInfo` of a device in Dawn leaves out, such as subgroup matrices. */
const adapterInfos = new WeakMap<GPUDevice, GPUAdapterInfo>();

/** What is known of a device's adapter. */
export function infoOf(device: GPUDevice): GPUAdapterInfo {
  return adapterInfos.get(device) ?? device.adapterInfo;
}

/** A device with the adapter's largest limits and the features that Lanewise uses. */
export async function requestDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  const { limits } = adapter;
  const matrices = hasSubgroupMatrices(adapter.features, adapter.info) ? [SUBGROUP_MATRIX] : [];
  const device = await adapter.requestDevice({
    label: 'lanewise',
    requiredFeatures: [...WANTED.filter((feature) => adapter.features.has(feature)), ...matrices],
    requiredLimits: {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
      maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
      maxComputeWorkgroupSizeY: limits.maxComputeWorkgroupSizeY,
      maxComputeWorkgroupSizeZ: limits.maxComputeWorkgroupSizeZ,
      maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
    },
  });
  adapterInfos.set(device, adapter.info);
  return device;
}

/** The bounds that kernels are generated within. */
export function limitsOf(device: GPUDevice, info: GPUAdapterInfo): GpuLimits {
  const { limits } = device;
  return {
    maxBufferBytes: limits.maxBufferSize,
    maxBindingBytes: limits.maxStorageBufferBindingSize,
    maxBindings: limits.maxStorageBuffersPerShaderStage,
    maxWorkgroupBytes: limits.maxComputeWorkgroupStorageSize,
    maxInvocations: limits.maxComputeInvocationsPerWorkgroup,
    maxWorkgroupSize: [
      limits.maxComputeWorkgroupSizeX,
      limits.maxComputeWorkgroupSizeY,
      limits.maxComputeWorkgroupSizeZ,
    ],
    maxGrid: limits.maxComputeWorkgroupsPerDimension,
    offsetAlignment: Math.max(limits.minStorageBufferOffsetAlignment, 256),
    subgroupSize: [info.subgroupMinSize ?? 0, info.subgroupMaxSize ?? 0],
  };
}

export function featuresOf(device: GPUDevice, info: GPUAdapterInfo): ReadonlySet<KernelFeature> {
  const features = new Set<KernelFeature>();
  if (device.features.has('shader-f16')) features.add('f16');
  if (device.features.has('subgroups')) features.add('subgroups');
  if (hasSubgroupMatrices(device.features, info)) features.add('subgroup-matrix');
  return features;
}

/** The hardware, for people. */
export function describe(info: GPUAdapterInfo): string {
  const name = info.description || info.device || [info.vendor, info.architecture].filter(Boolean).join(' ');
  return name || 'unnamed adapter';
}

/** @param runtime what implements WebGPU, with its version; a page's is in the browser's own name */
export function identityOf(
  info: GPUAdapterInfo,
  runtime = globalThis.navigator?.userAgent ?? '',
): GpuIdentity {
  const { vendor, architecture, device, description } = info;
  return { kind: 'webgpu', vendor, architecture, name: device, driver: description, runtime };
}
