/** What a CUDA device is, and the bounds that kernels are generated within. */
import type { GpuIdentity, GpuLimits, KernelFeature } from '../gpu.js';
import type { CudaDriver, DEVICE_ATTRIBUTE } from './driver.js';
import type { DeviceNumber } from './handles.js';

/** Compute capability: major and minor. */
export type Capability = readonly [number, number];

/** What a device tells of itself. */
export interface DeviceFacts {
  readonly ordinal: number;
  readonly name: string;
  readonly uuid: string;
  readonly capability: Capability;
  readonly totalBytes: number;
  readonly multiprocessors: number;
  readonly l2Bytes: number;
  /** Shared memory of one block: on every device, and by opt-in. */
  readonly sharedBytes: number;
  readonly sharedBytesOptIn: number;
  readonly limits: GpuLimits;
}

/**
 * Elements are counted in u32, and byte ranges up to here were tested: the largest binding that Vulkan drivers of the same
 * GPUs allow.
 */
const MAX_BINDING_BYTES = 2 ** 31 - 4;

/** Shared memory that a kernel gets without asking, on every NVIDIA GPU; WGSL kernels were chosen and tuned within it. */
const MAX_WORKGROUP_BYTES = 48 * 1024;

/** A launch may have 4 KiB of parameters, 8 bytes each; nothing needs as many. */
const MAX_BINDINGS = 64;

export function factsOf(driver: CudaDriver, ordinal: number): DeviceFacts {
  const device = driver.device(ordinal);
  const attribute = (name: keyof typeof DEVICE_ATTRIBUTE): number => driver.attribute(device, name);
  const totalBytes = driver.totalBytes(device);
  return {
    ordinal,
    name: driver.deviceName(device),
    uuid: driver.uuid(device),
    capability: [attribute('capabilityMajor'), attribute('capabilityMinor')],
    totalBytes,
    multiprocessors: attribute('multiprocessors'),
    l2Bytes: attribute('l2Bytes'),
    sharedBytes: attribute('sharedBytesPerBlock'),
    sharedBytesOptIn: attribute('sharedBytesOptIn'),
    limits: limitsOf(driver, device, totalBytes),
  };
}

function limitsOf(driver: CudaDriver, device: DeviceNumber, totalBytes: number): GpuLimits {
  const attribute = (name: keyof typeof DEVICE_ATTRIBUTE): number => driver.attribute(device, name);
  const warp = attribute('warpSize');
  return {
    maxBufferBytes: totalBytes,
    maxBindingBytes: Math.min(MAX_BINDING_BYTES, totalBytes),
    maxBindings: MAX_BINDINGS,
    maxWorkgroupBytes: Math.min(MAX_WORKGROUP_BYTES, attribute('sharedBytesPerBlock')),
    maxSharedBytes: attribute('sharedBytesOptIn'),
    maxInvocations: attribute('maxThreadsPerBlock'),
    maxWorkgroupSize: [attribute('maxBlockX'), attribute('maxBlockY'), attribute('maxBlockZ')],
    // The first dimension takes 2^31 - 1, but kernels have one bound for all three.
    maxGrid: Math.min(attribute('maxGridY'), attribute('maxGridZ')),
    // 16 would do for loads of four elements: 256 is where cuMemAlloc itself begins, so that pieces start on whole lines.
    offsetAlignment: 256,
    subgroupSize: [warp, warp],
    // Pointers that are read only (__restrict__) need ranges apart, not buffers.
    sharedAccess: true,
  };
}

/** @param libraries those that were opened */
export function featuresOf(
  [major, minor]: Capability,
  libraries: readonly KernelFeature[],
): Set<KernelFeature> {
  const features = new Set<KernelFeature>(['f16', 'subgroups', ...libraries]);
  // Asynchronous copies, and matrix units for all types that kernels take.
  if (major >= 8) features.add('subgroup-matrix').add('cuda');
  if (major === 9 && minor === 0) features.add('wgmma');
  return features;
}

/** NVIDIA's names for the capabilities. */
export function architectureOf([major, minor]: Capability): string {
  if (major === 8) return minor === 9 ? 'ada' : 'ampere';
  const names: Readonly<Record<number, string>> = {
    5: 'maxwell',
    6: 'pascal',
    7: minor === 5 ? 'turing' : 'volta',
    9: 'hopper',
    10: 'blackwell',
    12: 'blackwell',
  };
  return names[major] ?? `sm_${10 * major + minor}`;
}

/**
 * @param driverVersion the driver's own version, if known
 * @param runtime the compiler and the libraries with their versions
 */
export function identityOf(
  { name, capability }: DeviceFacts,
  driverVersion: string,
  runtime: readonly string[],
): GpuIdentity {
  return {
    kind: 'cuda',
    vendor: 'nvidia',
    architecture: architectureOf(capability),
    name,
    driver: driverVersion,
    runtime: runtime.join(', '),
  };
}
