/** Memory of a WebGPU device, and pieces of it. */
import { DeviceError } from '../../errors.js';
import type { GpuBuffer, GpuSlice } from '../gpu.js';

/** WebGPU copies, writes and binds in units of four bytes. */
export const COPY_ALIGNMENT = 4;

export class WebGpuBuffer implements GpuBuffer {
  readonly native: GPUBuffer;
  readonly label: string;
  readonly bytes: number;
  readonly #onDestroy: (buffer: WebGpuBuffer) => void;
  #alive = true;

  /** @param onDestroy instead of nothing, when this object owns the native buffer */
  constructor(native: GPUBuffer, label: string, onDestroy: (buffer: WebGpuBuffer) => void) {
    this.native = native;
    this.label = label;
    this.bytes = native.size;
    this.#onDestroy = onDestroy;
  }

  get alive(): boolean {
    return this.#alive;
  }

  destroy(): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.#onDestroy(this);
  }
}

/**
 * The WebGPU buffer behind a range of a buffer, checked.
 * @throws DeviceError for a destroyed buffer and a range that is not within it
 */
export function nativeRange(buffer: GpuBuffer, offset: number, bytes: number, what: string): GPUBuffer {
  const { native, alive } = buffer as WebGpuBuffer;
  if (!alive) {
    throw new DeviceError(`${what}: its memory was freed`, { remedy: 'Create a new session.' });
  }
  if (offset % COPY_ALIGNMENT !== 0 || offset + sizeFor(bytes) > buffer.bytes) {
    throw new DeviceError(
      `${what}: bytes ${offset} to ${offset + bytes} are not a range of the ${buffer.bytes} bytes there`,
      { remedy: 'Please report this with the model and the device.' },
    );
  }
  return native;
}

/** A piece of memory as messages name it. */
export function nameOf({ label, buffer }: GpuSlice): string {
  return label ?? buffer.label;
}

/** Bytes to bind, copy or allocate for so many bytes of data: WebGPU has no empty buffers. */
export function sizeFor(bytes: number): number {
  return Math.max(alignUp(bytes, COPY_ALIGNMENT), COPY_ALIGNMENT);
}

export function alignUp(value: number, alignment: number): number {
  return Math.ceil(value / alignment) * alignment;
}
