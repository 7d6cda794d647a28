/** Where a plan's tensors are on a device: pieces of the arena's buffers, constants, and what is prepared of those. */
import type { GpuBuffer, GpuSlice } from '../devices/gpu.js';
import type { BuiltPlan } from '../plan/build.js';
import type { Plan } from '../plan/plan.js';
import { wantedForm, type ConstantHold, type ConstantStore } from './gpu-constants.js';

export class TensorPlaces {
  readonly #plan: Plan;
  readonly #banks: readonly GpuBuffer[];
  readonly #constants: ReadonlyMap<number, GpuSlice>;
  readonly #prepared: ReadonlyMap<number, GpuSlice>;

  private constructor(
    plan: Plan,
    banks: readonly GpuBuffer[],
    constants: ReadonlyMap<number, GpuSlice>,
    prepared: ReadonlyMap<number, GpuSlice>,
  ) {
    this.#plan = plan;
    this.#banks = banks;
    this.#constants = constants;
    this.#prepared = prepared;
  }

  /**
   * Uploads constants, as far as runs need them, and runs the plan's preparations.
   * @param banks the arena's buffers
   * @param options `holds`: see `ConstantStore.acquire`; `signal`: ends it before the next constant
   * @throws the signal's reason
   */
  static async create(
    { plan, constants }: BuiltPlan,
    banks: readonly GpuBuffer[],
    store: ConstantStore,
    { holds, signal }: { readonly holds: ConstantHold[]; readonly signal?: AbortSignal | undefined },
  ): Promise<TensorPlaces> {
    const prepared = new Map<number, GpuSlice>();
    for (const preparation of plan.preparations) {
      signal?.throwIfAborted();
      const made = await store.acquirePrepared({ plan, constants, preparation }, holds);
      for (const [i, tensor] of preparation.tensors.entries()) prepared.set(tensor, made[i]);
    }
    const uploaded = new Map<number, GpuSlice>();
    for (const index of constantsOfRuns(plan)) {
      signal?.throwIfAborted();
      uploaded.set(index, await store.acquire(constants[index].tensor, wantedForm(plan, index), holds));
    }
    return new TensorPlaces(plan, banks, uploaded, prepared);
  }

  /** @param tensor its index in the plan: one that launches of runs bind, an input or an output */
  at(tensor: number): GpuSlice {
    const { place, bytes, name } = this.#plan.tensors[tensor];
    if (place.kind === 'arena') {
      return { buffer: this.#banks[place.bank], offset: place.offset, bytes, label: `"${name}"` };
    }
    const slice = place.kind === 'constant' ? this.#constants.get(place.index) : this.#prepared.get(tensor);
    if (!slice) throw new TypeError(`"${name}" is not in memory`);
    return slice;
  }
}

/** The constants that launches of runs bind, or that are outputs, by index. */
function constantsOfRuns({ tensors, steps, outputs }: Plan): Set<number> {
  const bound = steps.flatMap(({ launches }) => launches.flatMap((launch) => launch.tensors));
  return new Set(
    [...bound, ...outputs.map(({ tensor }) => tensor)].flatMap((tensor) => {
      const { place } = tensors[tensor];
      return place.kind === 'constant' ? [place.index] : [];
    }),
  );
}
