/** Weights on the device: each uploaded once per layout and type, and shared by all graphs of a session. */
import type { GpuBuffer, GpuDevice, GpuSlice, GpuType } from '../devices/gpu.js';
import { transformKernel } from '../kernels/transform/index.js';
import type { PlanTensor } from '../plan/plan.js';
import { gpuTypeOf } from '../candidates/candidate.js';
import { rowMajor, samePlacement, type Tensor } from '../tensor/index.js';
import { toStored } from './gpu-transfer.js';

/** A constant in one layout and type. */
interface Form {
  readonly buffer: Promise<GpuBuffer>;
  /** How many hold it. */
  users: number;
}

/** A form of a constant that somebody holds. */
export interface ConstantHold {
  readonly constant: Tensor;
  readonly key: string;
}

export class ConstantStore {
  readonly #device: GpuDevice;
  readonly #forms = new Map<Tensor, Map<string, Form>>();

  constructor(device: GpuDevice) {
    this.#device = device;
  }

  /**
   * The slice of a constant in the tensor's layout and type.
   * @param holds the taker's list, to which this adds; it stays in memory until every holder has released it
   */
  async acquire(constant: Tensor, wanted: PlanTensor, holds: ConstantHold[]): Promise<GpuSlice> {
    const key = JSON.stringify([wanted.type, wanted.layout.order, wanted.layout.block, wanted.dims]);
    let forms = this.#forms.get(constant);
    if (!forms) this.#forms.set(constant, (forms = new Map()));
    let form = forms.get(key);
    if (!form) forms.set(key, (form = { buffer: this.#upload(constant, wanted), users: 0 }));
    form.users++;
    holds.push({ constant, key });
    return { buffer: await form.buffer, offset: 0, bytes: wanted.bytes, label: `constant "${wanted.name}"` };
  }

  /** Gives back what was acquired, whether that succeeded or failed. */
  async release(holds: readonly ConstantHold[]): Promise<void> {
    for (const { constant, key } of holds) {
      const forms = this.#forms.get(constant);
      const form = forms?.get(key);
      if (!forms || !form || --form.users > 0) continue;
      forms.delete(key);
      if (forms.size === 0) this.#forms.delete(constant);
      // An upload that failed has freed what it took.
      const buffer = await form.buffer.catch(() => undefined);
      buffer?.destroy();
    }
  }

  /** Uploads row-major elements; the device itself brings them into the layout, at the speed of its memory. */
  async #upload(constant: Tensor, wanted: PlanTensor): Promise<GpuBuffer> {
    const { dims, layout, name } = wanted;
    const row = rowMajor(dims.length);
    const type: GpuType = gpuTypeOf(constant.dtype, 'f32');
    const data = toStored(constant, type, name);
    const plain = await this.#device.allocate(data.byteLength, `constant "${name}"`);
    try {
      this.#device.write(plain, 0, data);
      if (type === wanted.type && samePlacement(row, layout, dims)) return plain;
      const target = await this.#convert(plain, type, wanted);
      plain.destroy();
      return target;
    } catch (error) {
      plain.destroy();
      throw error;
    }
  }

  async #convert(plain: GpuBuffer, type: GpuType, wanted: PlanTensor): Promise<GpuBuffer> {
    const { dims, layout, name } = wanted;
    const target = await this.#device.allocate(wanted.bytes, `constant "${name}" in ${layout.name}`);
    try {
      const source = transformKernel(
        { dims, layout: rowMajor(dims.length), type },
        wanted,
        this.#device.limits,
      );
      const [kernel] = await this.#device.compile([source]);
      const slices = [
        { buffer: plain, offset: 0, bytes: plain.bytes },
        { buffer: target, offset: 0, bytes: wanted.bytes },
      ];
      const recording = await this.#device.record([{ kernel, slices }]);
      try {
        await this.#device.submit(recording);
      } finally {
        this.#device.release(recording);
      }
      return target;
    } catch (error) {
      target.destroy();
      throw error;
    }
  }
}
