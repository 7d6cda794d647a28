/** Memory for measurements: filled with random numbers on the device, shared by what runs in turn, freed together. */
import type { GpuBuffer, GpuDevice, GpuSlice } from '../../devices/gpu.js';
import { DeviceError } from '../../errors.js';
import { fillKernel } from '../../kernels/roof/fill.js';

/** Buffers that are freed together. */
export class RandomBuffers {
  readonly #device: GpuDevice;
  readonly #buffers = new Set<GpuBuffer>();

  constructor(device: GpuDevice) {
    this.#device = device;
  }

  /** Bytes held. */
  get bytes(): number {
    let total = 0;
    for (const buffer of this.#buffers) total += buffer.bytes;
    return total;
  }

  /**
   * A buffer of random numbers in [-1, 1], in f32 as in f16 (within 2 there).
   * @throws DeviceError naming the label when memory is exhausted or the size passes the limits
   */
  async allocate(bytes: number, label: string): Promise<GpuBuffer> {
    const buffer = await this.#device.allocate(bytes, label);
    this.#buffers.add(buffer);
    await this.#fill(buffer);
    return buffer;
  }

  /**
   * A buffer of so many bytes, or of the largest half, quarter, ... of them that is to be had.
   * @throws DeviceError when there is no room for `least` either
   */
  async allocateUpTo(bytes: number, least: number, label: string): Promise<GpuBuffer> {
    try {
      return await this.allocate(bytes, label);
    } catch (error) {
      const half = Math.floor(bytes / 512) * 256;
      if (!(error instanceof DeviceError) || this.#device.lost || half < least) throw error;
      return this.allocateUpTo(half, least, label);
    }
  }

  /**
   * Copies of a tensor at aligned offsets, in as few buffers as a buffer's limit allows.
   * @returns a slice per copy
   * @throws DeviceError as `allocate` does
   */
  async allocateCopies(bytes: number, copies: number, label: string): Promise<GpuSlice[]> {
    const { maxBufferBytes, offsetAlignment } = this.#device.limits;
    const stride = alignUp(bytes, offsetAlignment);
    const perBuffer = Math.max(1, Math.min(copies, Math.floor(maxBufferBytes / stride)));
    const slices: GpuSlice[] = [];
    while (slices.length < copies) {
      const count = Math.min(perBuffer, copies - slices.length);
      const buffer = await this.allocate((count - 1) * stride + bytes, label);
      for (let k = 0; k < count; k++) slices.push({ buffer, offset: k * stride, bytes });
    }
    return slices;
  }

  free(buffer: GpuBuffer): void {
    if (this.#buffers.delete(buffer)) buffer.destroy();
  }

  freeAll(): void {
    for (const buffer of this.#buffers) buffer.destroy();
    this.#buffers.clear();
  }

  async #fill(buffer: GpuBuffer): Promise<void> {
    const { maxBindingBytes, offsetAlignment, maxGrid } = this.#device.limits;
    const piece = Math.floor(maxBindingBytes / offsetAlignment) * offsetAlignment;
    const slices: GpuSlice[] = [];
    for (let offset = 0; offset < buffer.bytes; offset += piece) {
      slices.push({ buffer, offset, bytes: Math.min(piece, buffer.bytes - offset) });
    }
    const kernels = await this.#device.compile(slices.map(({ bytes }) => fillKernel(bytes, maxGrid)));
    const recording = await this.#device.record(
      slices.map((slice, i) => ({ kernel: kernels[i], slices: [slice] })),
    );
    try {
      await this.#device.submit(recording);
    } finally {
      this.#device.release(recording);
    }
  }
}

/** Bytes of each slot by its name. */
export type Needs = ReadonlyMap<string, number>;

/** What two users of the same slots need, one after the other: the larger of each. */
export function unite(a: Needs, b: Needs): Map<string, number> {
  const both = new Map(a);
  for (const [slot, bytes] of b) both.set(slot, Math.max(bytes, both.get(slot) ?? 0));
  return both;
}

/** Bytes of all slots together. */
export function totalOf(needs: Needs): number {
  let total = 0;
  for (const bytes of needs.values()) total += bytes;
  return total;
}

/** Buffers by the names of their roles: what runs in turn shares them, so that they are made and filled few times. */
export class SlotPool {
  readonly #memory: RandomBuffers;
  readonly #slots = new Map<string, GpuBuffer>();
  readonly #budget: number;
  readonly #maxBytes: number;

  /** @param budget bytes that the pool may take beyond what is needed at once */
  constructor(device: GpuDevice, budget: number) {
    this.#memory = new RandomBuffers(device);
    this.#budget = budget;
    this.#maxBytes = device.limits.maxBufferBytes;
  }

  /**
   * Makes every slot at least so large.
   * @throws DeviceError when there is no memory for that, not even without the other slots; all are gone then
   */
  async reserve(needs: Needs): Promise<void> {
    const held = new Map(Array.from(this.#slots, ([slot, { bytes }]) => [slot, bytes]));
    if (totalOf(unite(held, needs)) > this.#budget) this.free();
    const isFresh = this.#slots.size === 0;
    try {
      for (const [slot, bytes] of needs) await this.#grow(slot, bytes);
    } catch (error) {
      this.free();
      if (isFresh || !(error instanceof DeviceError)) throw error;
      await this.reserve(needs);
    }
  }

  /** The buffer of a slot that was reserved. */
  buffer(slot: string): GpuBuffer {
    const buffer = this.#slots.get(slot);
    if (!buffer) throw new TypeError(`slot ${slot} was not reserved`);
    return buffer;
  }

  free(): void {
    this.#slots.clear();
    this.#memory.freeAll();
  }

  async #grow(slot: string, bytes: number): Promise<void> {
    const held = this.#slots.get(slot);
    if (held && held.bytes >= bytes) return;
    if (held) {
      this.#slots.delete(slot);
      this.#memory.free(held);
    }
    // In steps of an eighth: what comes next is often a little larger.
    const step = alignUp(Math.ceil(bytes / 8), 256);
    const rounded = Math.max(bytes, Math.min(alignUp(bytes, step), this.#maxBytes));
    const fits = this.#memory.bytes + rounded <= this.#budget;
    this.#slots.set(slot, await this.#memory.allocate(fits ? rounded : bytes, `measuring slot ${slot}`));
  }
}

function alignUp(value: number, alignment: number): number {
  return Math.ceil(value / alignment) * alignment;
}
