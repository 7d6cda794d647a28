/**
 * One GPUDevice for all engines: the one that Lanewise opens in Node (Dawn, package `webgpu`), with what the peers need
 * in order to run outside a browser.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { nodePlatform } from '../../dist/host/platform.js';

const require = createRequire(import.meta.url);

/** Usage of buffers that engines bind, read and write. */
export const TENSOR_USAGE = 0x80 | 0x04 | 0x08; // STORAGE, COPY_SRC, COPY_DST

/**
 * Opens the device and makes this process look enough like a page.
 * @param {'webgpu' | 'webgpu:software'} name
 * @returns {Promise<{device: GPUDevice, description: string, close: () => void}>}
 */
export async function openSharedDevice(name) {
  const lease = await nodePlatform.openWebGpu(name === 'webgpu:software' ? 'software' : 'hardware');
  const { interop, description } = lease.gpu;
  await installGlobals();
  copySharedMemory();
  return { device: interop.device, description, close: () => lease.release() };
}

/** Version of an installed package, as its own manifest says, which packages do not always export. */
export function versionOf(packageName) {
  const manifests = require.resolve
    .paths(packageName)
    .map((folder) => join(folder, packageName, 'package.json'));
  const manifest = manifests.find((path) => existsSync(path));
  if (!manifest) throw new Error(`${packageName} is not installed: run npm ci --prefix bench/peers`);
  return JSON.parse(readFileSync(manifest, 'utf8')).version;
}

/**
 * WebGPU's classes, which peers test objects against, and a navigator. Lanewise knows measured costs by the name of the
 * runtime, which for a device that it is handed is the user agent: the one given here is that of its own devices, so that
 * costs from `lanewise tune` serve here too.
 */
async function installGlobals() {
  const { globals } = await import('webgpu');
  Object.assign(globalThis, globals);
  const navigator = {
    userAgent: `webgpu ${versionOf('webgpu')}`,
    hardwareConcurrency: 1,
    gpu: {
      requestAdapter: () => Promise.reject(new Error('every engine here gets the shared device')),
    },
  };
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
}

/** Dawn for Node rejects views on shared memory, which the memory of ONNX Runtime Web's WebAssembly is. */
function copySharedMemory() {
  const { writeBuffer } = Object.getOwnPropertyDescriptors(GPUQueue.prototype);
  GPUQueue.prototype.writeBuffer = function (buffer, offset, data, ...range) {
    const memory = ArrayBuffer.isView(data) ? data.buffer : data;
    if (!(memory instanceof SharedArrayBuffer))
      return writeBuffer.value.call(this, buffer, offset, data, ...range);
    // The range counts elements of a view, or bytes of a buffer.
    const unit = data.BYTES_PER_ELEMENT ?? 1;
    const [start = 0, size = data.byteLength / unit - start] = range;
    const from = (data.byteOffset ?? 0) + start * unit;
    const copy = new Uint8Array(memory, from, size * unit).slice();
    return writeBuffer.value.call(this, buffer, offset, copy);
  };
}

/** A buffer's f32 elements, after all work that was submitted before. They are zero afterwards: the next run has to write them. */
export async function takeFloats(device, buffer) {
  const staging = device.createBuffer({
    size: buffer.size,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  try {
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, 0, staging, 0, buffer.size);
    encoder.clearBuffer(buffer);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    return new Float32Array(staging.getMappedRange().slice(0));
  } finally {
    staging.destroy();
  }
}
