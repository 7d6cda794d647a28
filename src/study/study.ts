/** What all experiments share: the device, what it can do, how much is measured. */
import { candidatesFor } from '../candidates/index.js';
import {
  gpuTypeOf,
  isCandidate,
  type Candidate,
  type CandidateContext,
  type NodeTypes,
} from '../candidates/candidate.js';
import { precisionOf, type Precision } from '../candidates/precision.js';
import type { GpuDevice } from '../devices/gpu.js';
import { DeviceError } from '../errors.js';
import type { TensorView } from '../kernels/view.js';
import { sizeOf, type Dims, type TensorType } from '../tensor/index.js';
import type { Roofs } from '../tune/profile/profile.js';
import type { Subject } from '../tune/timing/measure.js';
import { candidateSubject } from '../tune/timing/subject.js';
import type { Bench, Tell } from './bench.js';
import type { OpCase } from './layers.js';
import type { Entry, LayerResult, Refused } from './results.js';
import { sampledError, type Box, type CheckTask, type Dependence } from './sampled-check.js';
import type { Scale } from './scale.js';

export interface Study {
  readonly device: GpuDevice;
  readonly context: CandidateContext;
  readonly roofs: Roofs;
  readonly scale: Scale;
  readonly bench: Bench;
  readonly signal: AbortSignal | undefined;
}

/** One way to compute a case. */
export interface Way {
  readonly method: string;
  readonly layout: string;
  readonly candidate: Candidate;
}

/** A case with the types of its tensors. */
export interface TypedCase extends OpCase {
  readonly types: NodeTypes;
  /** What an element of the output depends on. */
  readonly dependence: (index: readonly number[]) => Dependence;
}

export function typed(given: OpCase, dependence: TypedCase['dependence']): TypedCase {
  const inputs = given.inputs.map((dims): TensorType => ({ dtype: 'f32', dims }));
  return { ...given, types: { inputs, outputs: given.op.infer(inputs) }, dependence };
}

/** All ways to run a case, baselines included, and those that refuse. */
export function waysOf(
  { op, types }: TypedCase,
  context: CandidateContext,
): {
  readonly candidates: readonly Candidate[];
  readonly refused: readonly { id: string; refused: string }[];
} {
  const all = candidatesFor(op, types, context);
  return {
    candidates: all.filter(isCandidate),
    refused: all.flatMap((entry) => (isCandidate(entry) ? [] : [entry])),
  };
}

/** Inputs that are constants in networks: what is prepared of them once is not timed. */
const WEIGHTS: ReadonlySet<number> = new Set([1, 2]);

/**
 * Largest relative error that passes for rounding: 1e-5 and 2e-3 over whole tensors, some more over few elements. tf32 rounds
 * factors to as many bits as f16 has.
 */
export const TOLERANCE: Readonly<Record<Precision, number>> = {
  f32: 3e-5,
  tf32: 6e-3,
  f16: 6e-3,
  bf16: 5e-2,
};

/** Checks the ways to compute a case, then times those that are right, in turn. */
export async function timeCase(
  study: Study,
  given: TypedCase,
  ways: readonly Way[],
  refused: readonly Refused[],
  tell: Tell,
): Promise<LayerResult> {
  const { op, types } = given;
  const entries = await timeWays(study, given, ways, tell);
  const elementBytes = study.context.storage === 'f16' ? 2 : 4;
  const elements = [...given.inputs, ...types.outputs.map(({ dims }) => dims)].reduce(
    (sum, dims) => sum + sizeOf(dims),
    0,
  );
  return {
    name: given.name,
    shape: given.shape,
    flops: op.flops(types.inputs, types.outputs),
    bytes: elements * elementBytes,
    entries,
    refused,
  };
}

/** The share of an experiment that checking takes. */
const CHECKING = 0.3;

async function timeWays(study: Study, given: TypedCase, ways: readonly Way[], tell: Tell): Promise<Entry[]> {
  const checked: Checked[] = [];
  for (const [i, way] of ways.entries()) {
    tell(`checking ${way.candidate.id}`, (CHECKING * i) / ways.length);
    checked.push(await checkCandidate(study, given, way));
  }
  return timeChecked(study, checked, (what, share) => {
    tell(what, CHECKING + (1 - CHECKING) * share);
  });
}

/** A subject that was checked, or that cannot be. */
export interface Checked {
  readonly kernel: string;
  readonly method: string;
  readonly layout: string;
  readonly subject: Subject;
  readonly error: number | null;
  readonly failure: string | null;
}

/** Times what has not failed. */
export async function timeChecked(study: Study, checked: readonly Checked[], tell: Tell): Promise<Entry[]> {
  const able = checked.filter(({ failure }) => failure === null);
  const timings = await study.bench.time(
    able.map(({ subject }) => subject),
    tell,
  );
  return checked.map(({ subject, ...rest }): Entry => {
    const launches = subject.launches.length;
    const place = able.findIndex((one) => one.subject === subject);
    const timing = timings[place];
    if (!timing) return { ...rest, launches, cold: [], warm: [] };
    if ('failure' in timing) return { ...rest, launches, cold: [], warm: [], failure: timing.failure };
    return { ...rest, launches, ...timing };
  });
}

/** A candidate as a subject, with the error of what it computes. */
export async function checkCandidate(
  study: Study,
  { op, types, dependence }: TypedCase,
  { method, layout, candidate }: Way,
): Promise<Checked> {
  const { storage } = study.context;
  const view = (type: TensorType, wanted: TensorView['layout'] | undefined): TensorView => {
    if (!wanted) throw new TypeError(`${candidate.id} wants no layout of an input that is there`);
    return { dims: type.dims, layout: wanted, type: gpuTypeOf(type.dtype, storage) };
  };
  const inputs = types.inputs.flatMap((type, i) => (type ? [view(type, candidate.inputs[i])] : []));
  const output = view(types.outputs[0], candidate.outputs[0]);
  const steps = candidate.build({ inputs, outputs: [output] });
  const { workspace } = candidate;
  return {
    kernel: candidate.id,
    method,
    layout,
    subject: candidateSubject(candidate, types, study.context, WEIGHTS),
    ...(await checkSteps(study, { op, inputs, output, workspace, steps, dependence })),
  };
}

/** The error of launches; a failure where it is too large, or where they do not run. */
export async function checkSteps(
  { device, context, signal }: Study,
  task: CheckTask,
): Promise<{ error: number | null; failure: string | null }> {
  signal?.throwIfAborted();
  try {
    const error = await sampledError(device, task);
    const isRight = error <= TOLERANCE[precisionOf(context)];
    return {
      error: Number.isFinite(error) ? error : null,
      failure: isRight ? null : `its answers are wrong: relative error ${error.toExponential(1)}`,
    };
  } catch (error) {
    if (!(error instanceof DeviceError) || device.lost) throw error;
    return { error: null, failure: error.message };
  }
}

/** Of ways of the same method and layout the first, which is the one that its makers think best. */
export function firstOfEach<T extends Pick<Way, 'method' | 'layout'>>(ways: readonly T[]): T[] {
  const seen = new Set<string>();
  return ways.filter(({ method, layout }) => {
    const key = `${layout} ${method}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

export function boxAt(origin: readonly number[], dims: Dims): Box {
  return { origin, dims };
}
