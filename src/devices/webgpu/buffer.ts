/** Memory of a WebGPU device, and pieces of it. */
import { DeviceBuffer, checkRange } from '../gpu-memory.js';
import type { GpuBuffer } from '../gpu.js';

export class WebGpuBuffer extends DeviceBuffer {
  readonly native: GPUBuffer;
  readonly #onDestroy: (buffer: WebGpuBuffer) => void;

  /** @param onDestroy instead of nothing, when this object owns the native buffer */
  constructor(native: GPUBuffer, label: string, onDestroy: (buffer: WebGpuBuffer) => void) {
    super(native.size, label);
    this.native = native;
    this.#onDestroy = onDestroy;
  }

  protected free(): void {
    this.#onDestroy(this);
  }
}

/**
 * The WebGPU buffer behind a range of a buffer, checked.
 * @throws DeviceError for a destroyed buffer and a range that is not within it
 */
export function nativeRange(buffer: GpuBuffer, offset: number, bytes: number, what: string): GPUBuffer {
  if (!(buffer instanceof WebGpuBuffer)) throw new TypeError(`${what} is memory of another device`);
  checkRange(buffer, offset, bytes, what);
  return buffer.native;
}
