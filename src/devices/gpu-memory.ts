/** What memory and bindings have in common on all GPU devices: ranges, their alignment, and the checks of both. */
import { DeviceError } from '../errors.js';
import type { GpuBuffer, GpuLimits, GpuSlice, KernelSource } from './gpu.js';

/** Copies, writes and bindings are in units of four bytes: WebGPU's rule, which all keep, so that plans hold for all. */
export const COPY_ALIGNMENT = 4;

/** Memory that its device frees. */
export abstract class DeviceBuffer implements GpuBuffer {
  readonly bytes: number;
  readonly label: string;
  #alive = true;

  constructor(bytes: number, label: string) {
    this.bytes = bytes;
    this.label = label;
  }

  get alive(): boolean {
    return this.#alive;
  }

  destroy(): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.free();
  }

  /** Gives the memory back; called once. */
  protected abstract free(): void;
}

/** @throws DeviceError for a destroyed buffer */
export function checkAlive({ alive }: DeviceBuffer, what: string): void {
  if (!alive) throw new DeviceError(`${what}: its memory was freed`, { remedy: 'Create a new session.' });
}

/** @throws DeviceError for a destroyed buffer and a range that is not within it */
export function checkRange(buffer: DeviceBuffer, offset: number, bytes: number, what: string): void {
  checkAlive(buffer, what);
  if (offset % COPY_ALIGNMENT === 0 && offset + sizeFor(bytes) <= buffer.bytes) return;
  throw new DeviceError(
    `${what}: bytes ${offset} to ${offset + bytes} are not a range of the ${buffer.bytes} bytes there`,
    { remedy: 'Please report this with the model and the device.' },
  );
}

/** @throws DeviceError for more workgroups along an axis than the device allows */
export function checkGrid({ id, grid }: KernelSource, { maxGrid }: GpuLimits): void {
  if (Math.max(...grid) <= maxGrid) return;
  throw new DeviceError(`kernel ${id} has ${grid.join(' x ')} workgroups`, {
    remedy: `The device allows ${maxGrid} along each dimension: use a smaller batch or smaller images.`,
  });
}

/** @throws DeviceError for a slice that is too large to bind, or where no binding can be */
export function checkBinding({ offset, bytes }: GpuSlice, what: string, limits: GpuLimits): void {
  const { maxBindingBytes, offsetAlignment } = limits;
  if (bytes > maxBindingBytes) throw tooLarge(what, bytes, maxBindingBytes);
  if (offset % offsetAlignment === 0) return;
  throw new DeviceError(`${what} is bound at byte ${offset}, no multiple of ${offsetAlignment}`, {
    remedy: 'Please report this with the model and the device.',
  });
}

export function tooLarge(what: string, bytes: number, limit: number): DeviceError {
  return new DeviceError(`${what} takes ${bytes} bytes, over the device's limit of ${limit}`, {
    remedy: 'Use a smaller batch or smaller images.',
  });
}

/** A piece of memory as messages name it. */
export function nameOf({ label, buffer }: GpuSlice): string {
  return label ?? buffer.label;
}

/** Bytes to bind, copy or allocate for so many bytes of data: no device has empty buffers. */
export function sizeFor(bytes: number): number {
  return Math.max(alignUp(bytes, COPY_ALIGNMENT), COPY_ALIGNMENT);
}

export function alignUp(value: number, alignment: number): number {
  return Math.ceil(value / alignment) * alignment;
}

/** Bytes of host memory for readbacks, one after another. */
export function stagingBytes(readbacks: readonly GpuSlice[]): number {
  return readbacks.reduce((sum, { bytes }) => sum + alignUp(bytes, COPY_ALIGNMENT), 0);
}

/** The bytes of each readback out of that memory, copied: it serves the next run. */
export function copiesOf(staged: Uint8Array, readbacks: readonly GpuSlice[]): Uint8Array<ArrayBuffer>[] {
  let at = 0;
  return readbacks.map(({ bytes }) => {
    const copy = new Uint8Array(bytes);
    copy.set(staged.subarray(at, at + bytes));
    at += alignUp(bytes, COPY_ALIGNMENT);
    return copy;
  });
}
