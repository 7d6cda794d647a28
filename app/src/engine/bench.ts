/** Runs plans of one model: one session at a time, kept for as long as its plan is asked for. */
import {
  DeviceError,
  Tensor,
  createSession,
  type DeviceName,
  type DimBindings,
  type Model,
  type PlanDocument,
  type Progress,
  type Session,
  type TensorMap,
} from 'lanewise';
import type { FeatureMaps, ImageInput, MeasuredPlan, RunAnswer } from './protocol.js';

/** Rounds that count, and rounds before them that do not: a GPU raises its clock. */
const ROUNDS = { count: 7, warmUp: 2 };
/** On the CPU, whose times mean little, and which takes long. */
const FEW_ROUNDS = { count: 3, warmUp: 0 };
/** How work is watched and ended. */
interface Watch {
  readonly onProgress: (progress: Progress) => void;
  /** Ends it, between two kernels while they compile and between two submissions while they run: it rejects with its reason. */
  readonly signal: AbortSignal;
}

/** A picture as an input takes it. */
interface Shown {
  readonly image: ImageInput;
  readonly pixels: Float32Array;
}

/** Feature maps that are shown. */
const MAX_CHANNELS = 64;

interface Subject {
  readonly model: Model;
  readonly dims: DimBindings;
  readonly device: DeviceName;
  readonly isSoftware: boolean;
}

export class PlanBench {
  readonly #subject: Subject;
  #session: { readonly key: string; readonly session: Promise<Session> } | undefined;

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  /** Times steps and whole runs on seeded random inputs. */
  async measure(plan: PlanDocument, watch: Watch): Promise<MeasuredPlan> {
    const inputs = randomInputs(plan);
    const rounds: number[][] = [];
    const runs: number[] = [];
    const { count, warmUp } = this.#subject.isSoftware ? FEW_ROUNDS : ROUNDS;
    for (let round = 0; round < warmUp + count; round++) {
      const { steps, milliseconds } = await this.#with(plan, watch, (session) => {
        const what = round < warmUp ? 'warming up' : 'timing runs';
        watch.onProgress({ what, done: round, total: warmUp + count });
        return session.profile(inputs, { signal: watch.signal });
      });
      if (round < warmUp) continue;
      rounds.push(steps.map((step) => step.milliseconds * 1e6));
      runs.push(milliseconds * 1e6);
    }
    const steps = rounds[0].map((_, i) => median(rounds.map((round) => round[i])));
    return { steps, runs, timing: this.#timing(`the median of ${count} rounds`) };
  }

  async run(plan: PlanDocument, shown: Shown, watch: Watch): Promise<RunAnswer> {
    const { signal } = watch;
    const inputs = inputsOf(shown);
    const profile = await this.#with(plan, watch, (session) => session.profile(inputs, { signal }));
    const { outputs, steps, milliseconds } = profile;
    return {
      scores: scoresOf(Object.values(outputs).at(-1)),
      steps: steps.map((step) => step.milliseconds * 1e6),
      run: milliseconds * 1e6,
      timing: this.#timing('one run'),
    };
  }

  /** What a step writes, as pictures. */
  async features(plan: PlanDocument, step: number, shown: Shown, watch: Watch): Promise<FeatureMaps> {
    const { name } = plan.tensors[plan.steps[step].writes[0]];
    const { model, dims, device } = this.#subject;
    // The graph as it runs, with what is fused, where the value has its name.
    const graph = await this.#with(plan, watch, (session) => session.graph(dims));
    const value = Array.from(graph.nodes)
      .flatMap((node) => node.outputs)
      .find((output) => output.name === name);
    if (!value) throw new Error(`what step ${step + 1} writes cannot be looked at`);
    const tap = `feature maps ${performance.now()}`;
    graph.output(tap, value);
    const tapped: Model = {
      name: model.name,
      inputs: model.inputs,
      outputs: graph.outputs.map((output) => ({ name: output.name, ...output.value.type })),
      build: () => graph,
    };
    const session = await createSession(tapped, { device, dims, ...watch });
    try {
      return mapsOf((await session.run(inputsOf(shown), { signal: watch.signal }))[tap]);
    } finally {
      await session.dispose();
    }
  }

  /**
   * Does work with a session for a plan. One that failed, or was ended before it was ready, is dropped, so that the next attempt
   * starts afresh: the GPU may have been lost.
   */
  async #with<T>(plan: PlanDocument, watch: Watch, work: (session: Session) => Promise<T>): Promise<T> {
    const key = JSON.stringify([plan.dtype, plan.choices]);
    if (this.#session?.key !== key) {
      const before = this.#session;
      const { model, dims, device } = this.#subject;
      this.#session = {
        key,
        session: (async () => {
          await before?.session.then((session) => session.dispose()).catch(() => undefined);
          return createSession(model, { device, dims, plan, dtype: plan.dtype, ...watch });
        })(),
      };
    }
    const { session } = this.#session;
    let isReady = false;
    try {
      const ready = await session;
      isReady = true;
      return await work(ready);
    } catch (error) {
      if (isReady && watch.signal.aborted) throw error;
      this.#session = undefined;
      // Its end is not waited for: what hangs on a lost device may never come.
      session.then((failed) => failed.dispose()).catch(() => undefined);
      if (error instanceof DeviceError) {
        throw new Error(`${error.message} The next run in this page opens the device anew.`, {
          cause: error,
        });
      }
      throw error;
    }
  }

  #timing(rounds: string): string {
    if (this.#subject.isSoftware) {
      return `Times of a software adapter, which computes on the CPU (${rounds}): they say nothing of a GPU.`;
    }
    return `Measured in this browser (${rounds}, each kernel up to 10 times in a row). Browsers quantise GPU timestamps, Chromium to 100 µs: a step is known to about 10 µs.`;
  }
}

function inputsOf({ image, pixels }: Shown): TensorMap {
  return { [image.name]: new Tensor('f32', image.dims, pixels) };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** Numbers in [0, 1), the same every time. */
function randomInputs({ inputs, tensors }: PlanDocument): TensorMap {
  let state = 1;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return Object.fromEntries(
    inputs.map(({ name, tensor }) => {
      const { dtype, dims } = tensors[tensor];
      const size = dims.reduce((product, dim) => product * dim, 1);
      const isReal = /^(?:f|bf)/.test(dtype);
      return [
        name,
        Tensor.from(
          dtype,
          dims,
          Float64Array.from({ length: size }, () => (isReal ? next() : 0)),
        ),
      ];
    }),
  );
}

/** The first picture's scores. */
function scoresOf(output: Tensor | undefined): number[] {
  if (!output || output.dims.length < 2) return [];
  const classes = output.dims[1];
  return output.dims.slice(2).every((dim) => dim === 1) ? output.toNumbers().slice(0, classes) : [];
}

function mapsOf(tensor: Tensor): FeatureMaps {
  const [, channels = 1, height = 1, width = 1] = tensor.dims;
  const values = Float32Array.from(tensor.toNumbers());
  const size = height * width;
  return {
    width,
    height,
    total: channels,
    channels: Array.from({ length: Math.min(channels, MAX_CHANNELS) }, (_, c) =>
      values.slice(c * size, (c + 1) * size),
    ),
  };
}
