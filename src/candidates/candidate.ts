/** One way to run a node on a GPU: the layouts it wants, the kernels it launches, the memory it needs. */
import type { GpuLimits, GpuType, KernelFeature, KernelSource } from '../devices/gpu.js';
import { UnsupportedError } from '../errors.js';
import type { TensorView } from '../kernels/view.js';
import type { Op } from '../ops/op.js';
import type { DType, Layout, TensorType } from '../tensor/index.js';
import type { GridPoint, SizeGrid } from './grid.js';

/** What candidates are made for: a device and a storage type for floats. */
export interface CandidateContext {
  readonly limits: GpuLimits;
  readonly features: ReadonlySet<KernelFeature>;
  /** How f32 tensors are stored; arithmetic accumulates in f32 either way. */
  readonly storage: 'f32' | 'f16';
  /** What is stored where `GpuType` says f16, if it is not that: on CUDA devices alone. */
  readonly half?: 'bf16' | undefined;
  /** Whether tensor cores may round f32 to tf32 (ten bits of fraction) as they multiply. */
  readonly tf32?: boolean;
  /** Multiprocessors, as far as they are known: see `processorsOf`. When left out, those of a large GPU. */
  readonly processors?: number;
}

/** Types of a node's inputs (undefined where an optional one is left out) and outputs. */
export interface NodeTypes {
  readonly inputs: readonly (TensorType | undefined)[];
  readonly outputs: readonly TensorType[];
}

/** Where a kernel's binding points. */
export type Operand =
  | { readonly kind: 'input'; readonly index: number }
  | { readonly kind: 'output'; readonly index: number }
  | { readonly kind: 'workspace'; readonly index: number };

/** One launch: a kernel, and an operand per binding. */
export interface KernelStep {
  readonly source: KernelSource;
  readonly operands: readonly Operand[];
}

/** The tensors that a candidate is built for. */
export interface CandidateViews {
  readonly inputs: readonly (TensorView | undefined)[];
  readonly outputs: readonly TensorView[];
}

export interface Candidate {
  /** Names it among the node's candidates: the id of its main kernel. */
  readonly id: string;
  /** The layout in which it wants each input; undefined for one that is left out. */
  readonly inputs: readonly (Layout | undefined)[];
  readonly outputs: readonly Layout[];
  /** Bytes of each scratch buffer. */
  readonly workspace: readonly number[];
  /**
   * Scratch buffers that hold no more than inputs in another form, such as transformed weights, by index. The launches that
   * write them read such inputs and prepared buffers only, and write nothing else. Where these inputs are constants they run
   * once, before the first run, and the buffers are kept as constants are; else in every run.
   */
  readonly prepared?: readonly number[];
  /** One of the study's baselines: never chosen unless asked for by id. */
  readonly baseline?: boolean;
  /**
   * Its place among the sizes that its kernel can have. The others are not among the node's candidates: a search may look
   * at them, and those that were measured count.
   */
  readonly sizes?: { readonly grid: SizeGrid<Candidate>; readonly at: GridPoint } | undefined;
  /** Whether it can write its output as a part of a larger tensor (`TensorView.within`). */
  readonly partialOutput?: boolean;
  /**
   * Output 0 is the inputs one after another along this axis, with one launch per input: an input that its producer
   * writes in place needs none.
   */
  readonly assembles?: number;
  /** Output 0 is this input's memory under other dims: nothing is launched. */
  readonly alias?: number;
  /** The outputs are pieces of input 0's memory, at these bytes from its beginning: nothing is launched. */
  readonly slices?: readonly number[];
  /** The launches, in order. Pure; the views have the layouts asked for above. */
  build(views: CandidateViews): readonly KernelStep[];
}

/** Whether a launch fills prepared buffers of its candidate. */
export function isPreparation({ prepared = [] }: Candidate, { source, operands }: KernelStep): boolean {
  return operands.some(
    ({ kind, index }, i) =>
      kind === 'workspace' && prepared.includes(index) && source.bindings[i].access !== 'read',
  );
}

/**
 * The launches of a candidate that run once: those that fill its prepared buffers, if all of what they read is constant.
 * @param isConstant whether an input is
 */
export function runOnce(
  candidate: Candidate,
  steps: readonly KernelStep[],
  isConstant: (input: number) => boolean,
): readonly KernelStep[] {
  const preparing = steps.filter((step) => isPreparation(candidate, step));
  const constant = preparing.every(({ operands }) =>
    operands.every(({ kind, index }) => kind !== 'input' || isConstant(index)),
  );
  return constant ? preparing : [];
}

/** Why a way to run a node does not apply. */
export interface Refusal {
  readonly id: string;
  readonly refused: string;
}

/** The candidates of one op, best first; the last that applies is always valid for it. */
export type CandidateProvider<O extends Op = Op> = (
  op: O,
  types: NodeTypes,
  context: CandidateContext,
) => readonly (Candidate | Refusal)[];

/** A provider for the ops of one class. */
export interface CandidateEntry {
  /** The candidates if `op` is of the entry's class, else undefined. */
  readonly match: (
    op: Op,
    types: NodeTypes,
    context: CandidateContext,
  ) => readonly (Candidate | Refusal)[] | undefined;
}

/** An entry for a class of ops. */
export function entry<O extends Op>(
  opClass: abstract new (...args: never[]) => O,
  provider: CandidateProvider<O>,
): CandidateEntry {
  return {
    match: (op, types, context) => (op instanceof opClass ? provider(op, types, context) : undefined),
  };
}

/** Whether an entry is a candidate. */
export function isCandidate(entry: Candidate | Refusal): entry is Candidate {
  return 'build' in entry;
}

/**
 * How elements are stored on the GPU. 64-bit integers are stored in 32 bits (checked when they are uploaded),
 * small integers and booleans in 32 bits too.
 * @throws UnsupportedError for doubles, bfloat16, float8 and 4-bit and 2-bit types
 */
export function gpuTypeOf(dtype: DType, storage: 'f32' | 'f16'): GpuType {
  const type = dtype === 'f32' ? storage : GPU_TYPES[dtype];
  if (type) return type;
  throw new UnsupportedError(`element type ${dtype} on a GPU`, {
    remedy: 'Run the model on the CPU, or convert it to f32.',
  });
}

const GPU_TYPES: { readonly [D in DType]?: GpuType } = {
  f16: 'f16',
  i64: 'i32',
  i32: 'i32',
  i16: 'i32',
  i8: 'i32',
  u64: 'u32',
  u32: 'u32',
  u16: 'u32',
  u8: 'u32',
  bool: 'u32',
};
