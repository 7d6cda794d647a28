/** What races on a device share when one follows another: memory, and a copy that keeps the device busy. */
import type { GpuDevice } from '../../devices/gpu.js';
import { copyKernel } from '../../kernels/roof/copy.js';
import { RandomBuffers, SlotPool } from './buffers.js';
import type { Probe } from './sampling.js';

/** Memory of one batch on a GPU, and where a CPU does the work. */
const MEMORY_BYTES = 8e9;
const SOFTWARE_MEMORY_BYTES = 256e6;
/** Read and written by the copy that keeps the device busy. */
const HEAT_BYTES = 64e6;

/**
 * A search for sizes is dozens of races with a handful of contenders each: making and filling hundreds of megabytes
 * anew, and warming up, would take longer than measuring. A track's memory stays until it is freed.
 */
export class Track {
  readonly #device: GpuDevice;
  /** Bytes that contenders' buffers may take. */
  readonly budget: number;
  readonly pool: SlotPool;
  readonly #heat: RandomBuffers;
  #probe: Probe | undefined;

  /** @param budget as much as a GPU should lend for measuring when left out */
  constructor(device: GpuDevice, budget = budgetOf(device)) {
    this.#device = device;
    this.budget = budget;
    this.pool = new SlotPool(device, budget);
    this.#heat = new RandomBuffers(device);
  }

  /**
   * The copy, recorded when it is first asked for.
   * @throws DeviceError when there is no memory for it
   */
  async heatProbe(): Promise<Probe> {
    if (this.#probe) return this.#probe;
    const { limits } = this.#device;
    const most = Math.floor(Math.min(HEAT_BYTES, limits.maxBindingBytes) / 256) * 256;
    const x = await this.#heat.allocateUpTo(most, 1 << 20, 'warm-up input');
    const y = await this.#heat.allocateUpTo(x.bytes, 1 << 20, 'warm-up output');
    const { bytes } = y;
    const [kernel] = await this.#device.compile([copyKernel(bytes, limits.maxGrid)]);
    const slices = [x, y].map((buffer) => ({ buffer, offset: 0, bytes }));
    this.#probe = { recording: await this.#device.record([{ kernel, slices }]), sequences: 1 };
    return this.#probe;
  }

  /** Gives all memory back; a later race makes it anew. */
  free(): void {
    if (this.#probe) this.#device.release(this.#probe.recording);
    this.#probe = undefined;
    this.pool.free();
    this.#heat.freeAll();
  }
}

function budgetOf({ software, limits }: GpuDevice): number {
  return software ? SOFTWARE_MEMORY_BYTES : Math.min(MEMORY_BYTES, 4 * limits.maxBufferBytes);
}
