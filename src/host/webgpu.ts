/** WebGPU in Node: Dawn, from the optional npm package `webgpu`. */
import { createRequire } from 'node:module';
import { DeviceError, MissingPackageError } from '../errors.js';
import { WebGpuDevice } from '../devices/webgpu/index.js';
import { loadKoffi } from './koffi.js';
import { importOptional } from './optional.js';
import { unpackSwiftShader } from './swiftshader.js';
import { hasVulkanLoader } from './vulkan.js';

/** The one function that Lanewise uses of the package, which has no types of its own for it. */
interface DawnModule {
  create(flags: readonly string[]): GPU;
}

/**
 * Exact timestamps (Dawn rounds them to 65 µs otherwise), and half precision on NVIDIA's Vulkan driver, which
 * Dawn holds back by default. Workgroup memory is not zeroed: no kernel reads what it has not written (the page's
 * tests and the harness hold that), and zeroing costs time on a GPU and, on SwiftShader, a millisecond of compiling per vec4.
 * Nor are indices clamped: kernels stay within their buffers by themselves, as they have to on CUDA. On an H200 slim 1x1
 * convolutions take 3 to 28 % less without, products on matrix units up to 19 %.
 */
const FLAGS: readonly string[] = [
  'disable-dawn-features=timestamp_quantization',
  'enable-dawn-features=allow_unsafe_apis,vulkan_enable_f16_on_nvidia,disable_workgroup_init,disable_robustness',
];

/**
 * Dawn, once per process for the machine's drivers and once for the software driver. They stay: a Dawn that is
 * collected while a promise of one of its devices is under way takes the process with it, and one that has nothing to
 * do keeps no process from ending.
 */
const dawns: { hardware?: Promise<GPU>; software?: Promise<GPU> } = {};

/** @throws MissingPackageError without the package; DeviceError without a hardware GPU */
export async function openHardware(): Promise<WebGpuDevice> {
  return WebGpuDevice.create(await (dawns.hardware ??= createDawn()), {
    wish: 'hardware',
    runtime: runtimeName(),
  });
}

/**
 * A device that computes on the CPU, for machines without a GPU.
 * @throws MissingPackageError without `webgpu`, `@sparticuz/chromium` or `koffi`
 */
export async function openSoftware(): Promise<WebGpuDevice> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new DeviceError('software WebGPU is only there on x86-64 Linux', {
      remedy: 'Use the device "webgpu" or "cpu".',
    });
  }
  return WebGpuDevice.create(await (dawns.software ??= createSoftwareDawn()), {
    wish: 'software',
    runtime: runtimeName(),
  });
}

async function createDawn(): Promise<GPU> {
  const dawn = await importOptional('webgpu', 'WebGPU in Node', () => import('webgpu'));
  return (dawn as unknown as DawnModule).create(FLAGS);
}

/** Kernels are compiled by Dawn: measured times hold for its version, and for indices that it does not clamp. */
function runtimeName(): string {
  const manifest = createRequire(import.meta.url)('webgpu/package.json') as { version: string };
  return `webgpu ${manifest.version}, no robustness`;
}

/** A Dawn whose Vulkan knows SwiftShader alone. */
async function createSoftwareDawn(): Promise<GPU> {
  const { icd, loader } = await unpackSwiftShader();
  await loadVulkan(loader);
  const gpu = await createDawn();
  // Both names: the older is what loaders before 1.3.207 read. Read when Dawn first looks for adapters.
  const names = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES'];
  const before = names.map((name) => process.env[name]);
  for (const name of names) process.env[name] = icd;
  try {
    await gpu.requestAdapter();
  } finally {
    for (const [i, name] of names.entries()) restore(name, before[i]);
  }
  return gpu;
}

/** The loaded Vulkan loader: koffi unloads a library whose handle is collected, and Dawn may not have asked by then. */
let vulkan: unknown;

/** Dawn asks the dynamic linker for libvulkan.so.1 by name: a loaded one answers. */
async function loadVulkan(loader: string): Promise<void> {
  if (hasVulkanLoader()) return;
  try {
    const koffi = await loadKoffi('software WebGPU on a machine without a Vulkan loader');
    vulkan ??= koffi.load(loader, { global: true });
  } catch (cause) {
    throw new MissingPackageError('koffi', 'software WebGPU on a machine without a Vulkan loader', cause);
  }
}

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
