/** Kernels compiled while others are measured, so that neither waits for the other. */
import type { GpuDevice, GpuKernel, KernelSource } from '../../devices/gpu.js';

export interface CompileAheadOptions {
  /** Entries that are compiled, or compiled and not taken yet, at a time. */
  readonly width: number;
  /**
   * Whether compiling may go on while the taker measures. If not, `take` waits until nothing is compiled any more:
   * right where times are taken from the host's clock.
   */
  readonly overlap: boolean;
  /** Whether an entry will be taken, as far as is known when its turn comes. */
  readonly isWanted: (index: number) => boolean;
}

export class CompileAhead {
  readonly #device: GpuDevice;
  readonly #lists: readonly (readonly KernelSource[])[];
  readonly #options: CompileAheadOptions;
  /** Entries that were begun and may yet be taken. */
  readonly #begun = new Map<number, Promise<GpuKernel[]>>();
  readonly #underWay = new Set<Promise<unknown>>();
  /** The first entry that was not looked at. */
  #next = 0;

  /** @param lists the kernels of each entry, in the order in which they will be taken */
  constructor(device: GpuDevice, lists: readonly (readonly KernelSource[])[], options: CompileAheadOptions) {
    this.#device = device;
    this.#lists = lists;
    this.#options = options;
  }

  /** Begins as many entries as may be under way. */
  begin(): void {
    for (; this.#next < this.#lists.length && this.#begun.size < this.#options.width; this.#next++) {
      if (this.#options.isWanted(this.#next)) this.#compile(this.#next);
    }
  }

  /**
   * The kernels of an entry; entries are taken in order, and each once or never.
   * @throws DeviceError naming a kernel that does not compile
   */
  async take(index: number): Promise<GpuKernel[]> {
    // Those before it were given up: they must not keep the window from moving on.
    for (const begun of this.#begun.keys()) if (begun < index) this.#begun.delete(begun);
    const isNew = !this.#begun.has(index);
    if (isNew) {
      this.#compile(index);
      this.#next = Math.max(this.#next, index + 1);
    }
    if (this.#options.overlap || isNew) this.begin();
    if (!this.#options.overlap) await Promise.all(this.#underWay);
    const kernels = this.#begun.get(index);
    this.#begun.delete(index);
    if (!kernels) throw new TypeError(`the kernels of entry ${index} were taken before`);
    return kernels;
  }

  /** Waits for what is under way: the owner of the device may then destroy it. */
  async end(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  #compile(index: number): void {
    const kernels = this.#device.compile(this.#lists[index]);
    this.#begun.set(index, kernels);
    // Its taker hears of a failure; without one it is of no interest.
    const settled = kernels.then(
      () => {},
      () => {},
    );
    this.#underWay.add(settled);
    void settled.then(() => this.#underWay.delete(settled));
  }
}
