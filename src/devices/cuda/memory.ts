/** Memory of a CUDA device, pieces of it, and host memory that transfers go through. */
import { DeviceBuffer, checkRange } from '../gpu-memory.js';
import type { GpuBuffer } from '../gpu.js';
import type { CudaContext } from './context.js';
import type { Ffi } from './ffi.js';
import type { DevicePointer, Event, PinnedPointer } from './handles.js';

export class CudaBuffer extends DeviceBuffer {
  readonly pointer: DevicePointer;
  readonly #onDestroy: (buffer: CudaBuffer) => void;

  constructor(pointer: DevicePointer, bytes: number, label: string, onDestroy: (buffer: CudaBuffer) => void) {
    super(bytes, label);
    this.pointer = pointer;
    this.#onDestroy = onDestroy;
  }

  protected free(): void {
    this.#onDestroy(this);
  }
}

/**
 * The address of a range of a buffer, checked.
 * @throws DeviceError for a destroyed buffer and a range that is not within it
 */
export function addressOf(buffer: GpuBuffer, offset: number, bytes: number, what: string): bigint {
  if (!(buffer instanceof CudaBuffer)) throw new TypeError(`${what} is memory of another device`);
  checkRange(buffer, offset, bytes, what);
  return buffer.pointer + BigInt(offset);
}

/** Host memory that the device reads and writes without the processor. */
export interface PinnedPiece {
  readonly pointer: PinnedPointer;
  readonly view: Uint8Array<ArrayBuffer>;
}

/** Pinned memory that is kept: pinning takes the system a millisecond per few megabytes. */
const KEPT_BYTES = 256 * 2 ** 20;
const LEAST_BYTES = 4096;

interface WaitingPiece {
  readonly piece: PinnedPiece;
  /** After it the piece is free. */
  readonly event: Event;
}

/** Pieces of pinned memory by size, a power of two, used again and again. */
export class PinnedPool {
  readonly #context: CudaContext;
  readonly #ffi: Ffi;
  readonly #free = new Map<number, PinnedPiece[]>();
  #waiting: WaitingPiece[] = [];
  readonly #all = new Set<PinnedPiece>();
  #keptBytes = 0;

  constructor(context: CudaContext, ffi: Ffi) {
    this.#context = context;
    this.#ffi = ffi;
  }

  /** At least so many bytes. @throws DeviceError when there is no such memory */
  take(bytes: number): PinnedPiece {
    this.#collect();
    const size = Math.max(LEAST_BYTES, 2 ** Math.ceil(Math.log2(Math.max(bytes, 1))));
    const free = this.#free.get(size)?.pop();
    if (free) {
      this.#keptBytes -= size;
      return free;
    }
    const pointer = this.#context.run((driver) => driver.allocatePinned(size));
    const piece = { pointer, view: new Uint8Array(this.#ffi.view(pointer, size)) };
    this.#all.add(piece);
    return piece;
  }

  /** Takes a piece back, once what the stream has of it is done. */
  giveBackLater(piece: PinnedPiece): void {
    const { stream } = this.#context;
    const event = this.#context.run((driver) => {
      const created = driver.createEvent(false);
      driver.recordEvent(created, stream);
      return created;
    });
    this.#waiting.push({ piece, event });
  }

  giveBack(piece: PinnedPiece): void {
    const size = piece.view.length;
    if (this.#keptBytes + size > KEPT_BYTES) {
      this.#all.delete(piece);
      this.#context.free((driver) => {
        driver.freePinned(piece.pointer);
      });
      return;
    }
    this.#keptBytes += size;
    const list = this.#free.get(size) ?? [];
    list.push(piece);
    this.#free.set(size, list);
  }

  clear(): void {
    this.#context.free((driver) => {
      for (const { event } of this.#waiting) driver.destroyEvent(event);
      for (const { pointer } of this.#all) driver.freePinned(pointer);
    });
    this.#waiting = [];
    this.#all.clear();
    this.#free.clear();
  }

  #collect(): void {
    while (this.#waiting.length > 0) {
      const [{ piece, event }] = this.#waiting;
      const done = this.#context.run((driver) => {
        if (!driver.isDone(event)) return false;
        driver.destroyEvent(event);
        return true;
      });
      if (!done) return;
      this.#waiting.shift();
      this.giveBack(piece);
    }
  }
}
