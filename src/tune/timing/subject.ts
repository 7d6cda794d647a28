/** Candidates and transforms as subjects of measurement. */
import { GPU_TYPE_BYTES, type GpuLimits } from '../../devices/gpu.js';
import { transformKernel } from '../../kernels/transform/index.js';
import { viewSize, type TensorView } from '../../kernels/view.js';
import type { Subject } from './measure.js';
import {
  gpuTypeOf,
  type Candidate,
  type CandidateContext,
  type NodeTypes,
  type Operand,
} from '../../candidates/candidate.js';

const NONE: ReadonlySet<number> = new Set();

/**
 * What a candidate launches for tensors of these types, on buffers of its own.
 * @param constants which inputs are weights
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
  const buffers: number[] = [];
  const place = (bytes: number): number => buffers.push(Math.max(bytes, 4)) - 1;
  const places = {
    input: inputs.map((view) => view && place(bytesOf(view))),
    output: outputs.map((view) => place(bytesOf(view))),
    workspace: candidate.workspace.map(place),
  };
  const resolve = ({ kind, index }: Operand): number => {
    const buffer = places[kind][index];
    if (buffer === undefined) throw new TypeError(`${candidate.id} binds a missing ${kind} ${index}`);
    return buffer;
  };
  const launches = candidate
    .build({ inputs, outputs })
    .map(({ source, operands }) => ({ source, buffers: operands.map(resolve) }));
  const weights = places.input.flatMap((buffer, i) =>
    buffer === undefined || !constants.has(i) ? [] : [buffer],
  );
  return { name: candidate.id, buffers, constants: weights, launches };
}

/** The conversion of a tensor between two layouts or types: one launch. */
export function transformSubject(x: TensorView, y: TensorView, limits: GpuLimits): Subject {
  const source = transformKernel(x, y, limits);
  const buffers = [x, y].map((view) => Math.max(bytesOf(view), 4));
  return { name: source.id, buffers, launches: [{ source, buffers: [0, 1] }] };
}

/** Bytes of a view's whole tensor. */
function bytesOf(view: TensorView): number {
  return viewSize(view) * GPU_TYPE_BYTES[view.type];
}
