/** WebGPU in Node: Dawn, from the optional npm package `webgpu`. */
import { existsSync } from 'node:fs';
import { DeviceError, MissingPackageError } from '../errors.js';
import { WebGpuDevice } from '../devices/webgpu/index.js';
import { unpackSwiftShader } from './swiftshader.js';
/**
 * Exact timestamps (Dawn rounds them to 65 µs otherwise), and half precision on NVIDIA's Vulkan driver, which
 * Dawn holds back by default.
 */
const FLAGS = [
    'disable-dawn-features=timestamp_quantization',
    'enable-dawn-features=allow_unsafe_apis,vulkan_enable_f16_on_nvidia',
];
/** @throws MissingPackageError without the package; DeviceError without a hardware GPU */
export async function openHardware() {
    return WebGpuDevice.create(await createGpu(), { wish: 'hardware' });
}
/**
 * A device that computes on the CPU, for machines without a GPU.
 * @throws MissingPackageError without `webgpu`, `@sparticuz/chromium` or `koffi`
 */
export async function openSoftware() {
    if (process.platform !== 'linux' || process.arch !== 'x64') {
        throw new DeviceError('software WebGPU is only there on x86-64 Linux', {
            remedy: 'Use the device "webgpu" or "cpu".',
        });
    }
    const { icd, loader } = await unpackSwiftShader();
    await loadVulkan(loader);
    const before = { driver: process.env['VK_DRIVER_FILES'], icd: process.env['VK_ICD_FILENAMES'] };
    // Both names: the older is what loaders before 1.3.207 read.
    process.env['VK_DRIVER_FILES'] = icd;
    process.env['VK_ICD_FILENAMES'] = icd;
    try {
        return await WebGpuDevice.create(await createGpu(), { wish: 'software' });
    }
    finally {
        restore('VK_DRIVER_FILES', before.driver);
        restore('VK_ICD_FILENAMES', before.icd);
    }
}
async function createGpu() {
    try {
        const dawn = (await import('webgpu'));
        return dawn.create(FLAGS);
    }
    catch (cause) {
        throw new MissingPackageError('webgpu', 'WebGPU in Node', cause);
    }
}
/** Places where Linux distributions put a Vulkan loader that Dawn then finds by itself. */
const SYSTEM_LOADERS = [
    '/usr/lib/x86_64-linux-gnu/libvulkan.so.1',
    '/usr/lib64/libvulkan.so.1',
    '/usr/lib/libvulkan.so.1',
];
/** Dawn asks the dynamic linker for libvulkan.so.1 by name: a loaded one answers. */
async function loadVulkan(loader) {
    if (SYSTEM_LOADERS.some((path) => existsSync(path)))
        return;
    try {
        const { default: koffi } = await import('koffi');
        koffi.load(loader, { global: true });
    }
    catch (cause) {
        throw new MissingPackageError('koffi', 'software WebGPU on a machine without a Vulkan loader', cause);
    }
}
function restore(name, value) {
    if (value === undefined)
        delete process.env[name];
    else
        process.env[name] = value;
}
//# sourceMappingURL=webgpu.js.map