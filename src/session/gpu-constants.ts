/**
 * Weights on the device: each uploaded once per layout and type, what is prepared of them made once, and both shared by all
 * graphs of a session.
 */
import { codeOf, type GpuBuffer, type GpuDevice, type GpuSlice, type GpuType } from '../devices/gpu.js';
import type { Constant } from '../graph/index.js';
import { transformKernel } from '../kernels/transform/index.js';
import { digestOf } from '../plan/fingerprint.js';
import type { Plan, PlanLaunch, PlanPreparation, PlanTensor } from '../plan/plan.js';
import { gpuTypeOf } from '../candidates/candidate.js';
import { kernelStoring } from '../candidates/halves.js';
import { rowMajor, samePlacement, type Tensor } from '../tensor/index.js';
import { toStored, type StoredHalf } from './gpu-transfer.js';

/** A constant in one layout and type, or what a preparation made. */
interface Form {
  readonly buffers: Promise<readonly GpuBuffer[]>;
  /** How many hold it. */
  users: number;
}

/** A constant as a plan wants it. */
export interface WantedConstant extends PlanTensor {
  readonly half: StoredHalf;
}

/** A form that somebody holds. */
export interface ConstantHold {
  readonly key: string;
}

/** What a preparation makes, of a plan. */
export interface WantedPreparation {
  readonly plan: Plan;
  readonly constants: readonly Constant[];
  readonly preparation: PlanPreparation;
}

export class ConstantStore {
  readonly #device: GpuDevice;
  readonly #forms = new Map<string, Form>();
  /** What keys call tensors. */
  readonly #names = new WeakMap<Tensor, number>();
  #named = 0;

  constructor(device: GpuDevice) {
    this.#device = device;
  }

  /**
   * The slice of a constant in the tensor's layout and type.
   * @param holds the taker's list, to which this adds; it stays in memory until every holder has released it
   */
  async acquire(constant: Tensor, wanted: WantedConstant, holds: ConstantHold[]): Promise<GpuSlice> {
    const key = this.#keyOf(constant, wanted);
    const [buffer] = await this.#hold(key, () => this.#upload(constant, wanted), holds);
    return sliceOf(buffer, wanted, 'constant');
  }

  /**
   * Slices of what a preparation makes, in the order of its tensors. The constants that it reads are in memory only as long
   * as that takes, unless somebody else holds them.
   * @param holds as for `acquire`
   */
  async acquirePrepared(wanted: WantedPreparation, holds: ConstantHold[]): Promise<GpuSlice[]> {
    const { plan, preparation } = wanted;
    const buffers = await this.#hold(this.#preparationKey(wanted), () => this.#prepare(wanted), holds);
    return preparation.tensors.map((tensor, i) => sliceOf(buffers[i], plan.tensors[tensor], 'prepared'));
  }

  /** Gives back what was acquired, whether that succeeded or failed. */
  async release(holds: readonly ConstantHold[]): Promise<void> {
    for (const { key } of holds) {
      const form = this.#forms.get(key);
      if (!form || --form.users > 0) continue;
      this.#forms.delete(key);
      // What failed has freed what it took.
      const buffers = await form.buffers.catch(() => []);
      for (const buffer of buffers) buffer.destroy();
    }
  }

  #hold(
    key: string,
    make: () => Promise<readonly GpuBuffer[]>,
    holds: ConstantHold[],
  ): Promise<readonly GpuBuffer[]> {
    let form = this.#forms.get(key);
    if (!form) this.#forms.set(key, (form = { buffers: make(), users: 0 }));
    form.users++;
    holds.push({ key });
    return form.buffers;
  }

  #keyOf(constant: Tensor, { type, half, layout, dims }: WantedConstant): string {
    let name = this.#names.get(constant);
    if (name === undefined) this.#names.set(constant, (name = this.#named++));
    return JSON.stringify([name, type, half, layout.order, layout.block, dims]);
  }

  /** Equal for the same launches on the same constants, whatever else the plan has. */
  #preparationKey({ plan, constants, preparation }: WantedPreparation): string {
    const nameOf = (tensor: number): string | number => {
      const { place } = plan.tensors[tensor];
      return place.kind === 'constant'
        ? this.#keyOf(constants[place.index].tensor, wantedForm(plan, place.index))
        : preparation.tensors.indexOf(tensor);
    };
    const launches = preparation.launches.map(({ source, tensors }) => [
      digestOf(codeOf(source)),
      source.grid,
      tensors.map(nameOf),
    ]);
    return JSON.stringify([launches, preparation.tensors.map((tensor) => plan.tensors[tensor].bytes)]);
  }

  /** Allocates a preparation's tensors and runs its launches. */
  async #prepare({ plan, constants, preparation }: WantedPreparation): Promise<readonly GpuBuffer[]> {
    const buffers: GpuBuffer[] = [];
    const read: ConstantHold[] = [];
    try {
      const slices = new Map<number, GpuSlice>();
      for (const tensor of preparation.tensors) {
        const { bytes, name } = plan.tensors[tensor];
        const buffer = await this.#device.allocate(bytes, `prepared "${name}"`);
        buffers.push(buffer);
        slices.set(tensor, sliceOf(buffer, plan.tensors[tensor], 'prepared'));
      }
      for (const tensor of preparation.launches.flatMap(({ tensors }) => tensors)) {
        const { place } = plan.tensors[tensor];
        if (place.kind !== 'constant' || slices.has(tensor)) continue;
        const { tensor: constant } = constants[place.index];
        slices.set(tensor, await this.acquire(constant, wantedForm(plan, place.index), read));
      }
      await this.#run(preparation.launches, slices);
      return buffers;
    } catch (error) {
      for (const buffer of buffers) buffer.destroy();
      throw error;
    } finally {
      await this.release(read);
    }
  }

  /** Runs launches once, and waits for them. */
  async #run(launches: readonly PlanLaunch[], slices: ReadonlyMap<number, GpuSlice>): Promise<void> {
    const kernels = await this.#device.compile(launches.map(({ source }) => source));
    const dispatches = launches.map(({ tensors }, i) => ({
      kernel: kernels[i],
      slices: tensors.map((tensor) => {
        const slice = slices.get(tensor);
        if (!slice)
          throw new TypeError(`${kernels[i].source.id} binds what is neither constant nor prepared`);
        return slice;
      }),
    }));
    const recording = await this.#device.record(dispatches);
    try {
      await this.#device.submit(recording);
    } finally {
      this.#device.release(recording);
    }
  }

  /** Uploads row-major elements; the device itself brings them into the layout, at the speed of its memory. */
  async #upload(constant: Tensor, wanted: WantedConstant): Promise<readonly GpuBuffer[]> {
    const { dims, half, layout, name } = wanted;
    const row = rowMajor(dims.length);
    const type: GpuType = gpuTypeOf(constant.dtype, 'f32');
    const data = toStored(constant, type, name, half);
    const plain = await this.#device.allocate(data.byteLength, `constant "${name}"`);
    try {
      this.#device.write(plain, 0, data);
      if (type === wanted.type && samePlacement(row, layout, dims)) return [plain];
      const target = await this.#convert(plain, type, wanted);
      plain.destroy();
      return [target];
    } catch (error) {
      plain.destroy();
      throw error;
    }
  }

  async #convert(plain: GpuBuffer, type: GpuType, wanted: WantedConstant): Promise<GpuBuffer> {
    const { dims, half, layout, name } = wanted;
    const target = await this.#device.allocate(wanted.bytes, `constant "${name}" in ${layout.name}`);
    try {
      const row = { dims, layout: rowMajor(dims.length), type };
      const source = kernelStoring(half, transformKernel(row, wanted, this.#device.limits));
      const slices = [
        { buffer: plain, offset: 0, bytes: plain.bytes },
        { buffer: target, offset: 0, bytes: wanted.bytes },
      ];
      await this.#run([{ source, tensors: [0, 1] }], new Map(slices.entries()));
      return target;
    } catch (error) {
      target.destroy();
      throw error;
    }
  }
}

/** What a plan wants of a constant: the tensor of its own dims, the first; others are its memory under other names. */
export function wantedForm({ tensors, half }: Plan, index: number): WantedConstant {
  const own = tensors.find(({ place }) => place.kind === 'constant' && place.index === index);
  if (!own) throw new TypeError(`no tensor is constant ${index}`);
  return { ...own, half };
}

function sliceOf(buffer: GpuBuffer, { bytes, name }: PlanTensor, what: 'constant' | 'prepared'): GpuSlice {
  return { buffer, offset: 0, bytes, label: `${what} "${name}"` };
}
