/** Memory of a CUDA device, pieces of it, and host memory that transfers go through. */
import { DeviceError } from '../../errors.js';
import { DeviceBuffer, checkRange } from '../gpu-memory.js';
import type { GpuBuffer } from '../gpu.js';
import type { CudaContext } from './context.js';
import type { Ffi } from './ffi.js';
import type { DevicePointer, Event, PinnedPointer } from './handles.js';
import { isOutOfMemory } from './status.js';

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
    const pointer = this.#pin(size);
    const piece = { pointer, view: new Uint8Array(this.#ffi.view(pointer, size)) };
    this.#all.add(piece);
    return piece;
  }

  /** Takes a piece back, once what the stream has of it is done. */
  giveBackLater(piece: PinnedPiece): void {
    this.#waiting.push({ piece, event: this.#context.mark() });
  }

  giveBack(piece: PinnedPiece): void {
    const size = piece.view.length;
    if (this.#keptBytes + size > KEPT_BYTES) {
      this.#unpin(piece);
      return;
    }
    this.#keptBytes += size;
    const list = this.#free.get(size) ?? [];
    list.push(piece);
    this.#free.set(size, list);
  }

  clear(): void {
    this.#context.destroyEvents(this.#waiting.map(({ event }) => event));
    for (const piece of this.#all) this.#unpin(piece);
    this.#waiting = [];
    this.#free.clear();
    this.#keptBytes = 0;
  }

  /** What is kept gives way where there is no more. */
  #pin(size: number): PinnedPointer {
    const pin = (): PinnedPointer => this.#context.run((driver) => driver.allocatePinned(size));
    try {
      return pin();
    } catch (error) {
      if (!isOutOfMemory(error)) throw error;
    }
    for (const piece of [...this.#free.values()].flat()) this.#unpin(piece);
    this.#free.clear();
    this.#keptBytes = 0;
    try {
      return pin();
    } catch (error) {
      if (!isOutOfMemory(error)) throw error;
      throw new DeviceError(`${size} bytes of the machine's memory could not be pinned for transfers`, {
        remedy: 'Use a smaller batch, dispose other sessions, or end other programs.',
        cause: error,
      });
    }
  }

  #unpin(piece: PinnedPiece): void {
    this.#all.delete(piece);
    this.#context.free((driver) => {
      driver.freePinned(piece.pointer);
    });
  }

  #collect(): void {
    while (this.#waiting.length > 0) {
      const [{ piece, event }] = this.#waiting;
      if (!this.#context.run((driver) => driver.isDone(event))) return;
      this.#context.destroyEvents([event]);
      this.#waiting.shift();
      this.giveBack(piece);
    }
  }
}
