/** Candidates and transforms as subjects of measurement. */
import { GPU_TYPE_BYTES } from '../../devices/gpu.js';
import { transformKernel } from '../../kernels/transform/index.js';
import { viewSize, type TensorView } from '../../kernels/view.js';
import type { Subject } from './measure.js';
import {
  gpuTypeOf,
  runOnce,
  type Candidate,
  type CandidateContext,
  type KernelStep,
  type NodeTypes,
  type Operand,
} from '../../candidates/candidate.js';
import { kernelStoring } from '../../candidates/halves.js';

const NONE: ReadonlySet<number> = new Set();

/**
 * What a candidate launches in every run for tensors of these types, on buffers of its own.
 * @param constants which inputs are weights; what is prepared of them counts as weights, and its launches do not count
 */
export function candidateSubject(
  candidate: Candidate,
  types: NodeTypes,
  { storage }: CandidateContext,
  constants: ReadonlySet<number> = NONE,
): Subject {
  const inputs = types.inputs.map((type, i): TensorView | undefined => {
    const layout = candidate.inputs[i];
    return type && layout && { dims: type.dims, layout, type: gpuTypeOf(type.dtype, storage) };
  });
  const outputs = types.outputs.map((type, i): TensorView => ({
    dims: type.dims,
    layout: candidate.outputs[i],
    type: gpuTypeOf(type.dtype, storage),
  }));
  const all = candidate.build({ inputs, outputs });
  const once = new Set(runOnce(candidate, all, (input) => constants.has(input)));
  const steps = all.filter((step) => !once.has(step));
  // What was only read to prepare something is not there any more.
  const isUsed = once.size === 0 ? () => true : isBoundBy(steps);
  const buffers: number[] = [];
  const place = (bytes: number): number => buffers.push(Math.max(bytes, 4)) - 1;
  const places = {
    input: inputs.map((view, i) => (view && isUsed('input', i) ? place(bytesOf(view)) : undefined)),
    output: outputs.map((view) => place(bytesOf(view))),
    workspace: candidate.workspace.map((bytes, i) => (isUsed('workspace', i) ? place(bytes) : undefined)),
  };
  const resolve = ({ kind, index }: Operand): number => {
    const buffer = places[kind][index];
    if (buffer === undefined) throw new TypeError(`${candidate.id} binds a missing ${kind} ${index}`);
    return buffer;
  };
  const launches = steps.map(({ source, operands }) => ({ source, buffers: operands.map(resolve) }));
  const weights = places.input.filter((_, i) => constants.has(i));
  const prepared = places.workspace.filter((_, i) => once.size > 0 && candidate.prepared?.includes(i));
  const held = [...weights, ...prepared].filter((buffer) => buffer !== undefined);
  return { name: candidate.id, buffers, constants: held, launches };
}

/** Whether launches bind an operand. */
function isBoundBy(steps: readonly KernelStep[]): (kind: Operand['kind'], index: number) => boolean {
  const bound = new Set(
    steps.flatMap(({ operands }) => operands.map(({ kind, index }) => `${kind} ${index}`)),
  );
  return (kind, index) => bound.has(`${kind} ${index}`);
}

/** The conversion of a tensor between two layouts or types: one launch. */
export function transformSubject(
  x: TensorView,
  y: TensorView,
  { limits, half }: Pick<CandidateContext, 'limits' | 'half'>,
): Subject {
  const source = kernelStoring(half, transformKernel(x, y, limits));
  const buffers = [x, y].map((view) => Math.max(bytesOf(view), 4));
  return { name: source.id, buffers, launches: [{ source, buffers: [0, 1] }] };
}

/** Bytes of a view's whole tensor. */
function bytesOf(view: TensorView): number {
  return viewSize(view) * GPU_TYPE_BYTES[view.type];
}
