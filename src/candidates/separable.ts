/**
 * Candidates of a depthwise convolution and the pointwise one that reads it as one kernel, in every layout: the slim kernel
 * where few output channels are summed at once, and the tiled product.
 */
import { isPointwise } from '../kernels/conv/geometry.js';
import { slimShape } from '../kernels/conv/slim.js';
import { holdsInput, slimSizes, slimTag, type SlimSizes } from '../kernels/conv/slim-sizes.js';
import { inParts } from '../kernels/gemm/split.js';
import {
  accessOf,
  separableKernel,
  separableProduct,
  separableReduceKernel,
  slimSeparableKernel,
  slimSeparableRefusal,
  type SeparableRole,
} from '../kernels/separable/kernels.js';
import { separableRefusal, type SeparableProblem } from '../kernels/separable/problem.js';
import { tapsBytes, tapsKernel } from '../kernels/separable/taps.js';
import type { KernelSource } from '../devices/gpu.js';
import { idealBytes } from '../kernels/view.js';
import { Conv } from '../ops/conv.js';
import { layoutOf } from '../tensor/index.js';
import {
  gpuTypeOf,
  type Candidate,
  type CandidateContext,
  type CandidateViews,
  type KernelStep,
  type Operand,
  type Refusal,
} from './candidate.js';
import {
  CONV_KINDS,
  convProblem,
  convShell,
  convViews,
  type ConvNode,
  type LayoutPair,
} from './conv-node.js';
import { fusion, type FusionEntry, type FusionTypes } from './fusion.js';
import { tileCandidates } from './tiles.js';

/** The two convolutions, in one layout. */
interface Separable {
  readonly depthwise: ConvNode;
  readonly pointwise: ConvNode;
  readonly types: FusionTypes;
  readonly pair: LayoutPair;
  readonly prefix: string;
  /** What ids call the element type. */
  readonly type: string;
}

/** Tiles to try in one layout. */
const TILES = 2;

/** Scratch memory: the windows' weights, and the partial sums of a depth in parts. */
const TAPS = 0;
const PARTIAL = 1;

/**
 * Ways to run a depthwise convolution and a pointwise one that reads it as one kernel, best first.
 * @returns inputs are the depthwise convolution's and then the pointwise one's but the first; none for other convolutions
 */
export function separableCandidates(
  first: Conv,
  second: Conv,
  types: FusionTypes,
  context: CandidateContext,
): readonly (Candidate | Refusal)[] {
  const { inputs, middle, others, outputs } = types;
  const depthwise: ConvNode = {
    name: 'conv',
    op: first,
    transposed: false,
    types: { inputs, outputs: [middle] },
    context,
  };
  const pointwise: ConvNode = {
    name: 'conv',
    op: second,
    transposed: false,
    types: { inputs: [middle, ...others], outputs },
    context,
  };
  const channels = inputs[0]?.dims[1];
  if (first.group !== channels || channels !== middle.dims[1] || second.group !== 1) return [];
  const type = gpuTypeOf(middle.dtype, context.storage);
  if (inputs[3])
    return [{ id: `conv_separable_${type}`, refused: 'the depthwise convolution adds a residual' }];
  if (middle.dims.length > 5)
    return [{ id: `conv_separable_${type}`, refused: 'there are over three spatial axes' }];
  return CONV_KINDS.flatMap((kind) => {
    const layout = layoutOf(kind, middle.dims.length);
    const tag = layout.name.toLowerCase();
    const pair = { x: layout, y: layout, tag };
    const prefix = `conv_${tag}_separable`;
    return inLayout({ depthwise, pointwise, types, pair, prefix, type });
  });
}

function inLayout(way: Separable): (Candidate | Refusal)[] {
  const { depthwise, pointwise, pair, prefix, type } = way;
  const [first, second] = [convViews(depthwise, pair), convViews(pointwise, pair)];
  const inputs = [...first.inputs, ...second.inputs.slice(1)];
  const problem = separableProblem(way, { inputs, outputs: second.outputs });
  if (!isPointwise(problem.geometry)) return [];
  const refused =
    separableRefusal(problem) ??
    (accessOf(problem) === 'scalars' ? `windows are no vectors in ${pair.x.name}` : undefined);
  if (refused !== undefined) return [{ id: `${prefix}_${type}`, refused }];
  return [...slimCandidates(way, problem), ...tiledCandidates(way, problem)];
}

/** Channels in a step of the slim kernel. */
const STEPS = [1, 2] as const;

/**
 * The slim kernel in its default sizes, but for the channels in a step where there are steps: the loads of one or two windows
 * are enough to have under way. By what nvcc makes of them for an H200, with 24 sums four channels take 201 to 255 registers, two 168
 * to 255 and one 130 to 168; with 32 sums four spill.
 */
function slimCandidates(way: Separable, dense: SeparableProblem): (Candidate | Refusal)[] {
  const { prefix, type, pointwise } = way;
  const { limits } = pointwise.context;
  const refused = slimSeparableRefusal(dense);
  const shape = slimShape(dense);
  const sizes = refused === undefined ? slimSizes(shape, limits) : undefined;
  if (!sizes) return [{ id: `${prefix}-slim_${type}`, refused: refused ?? 'no sizes fit the device' }];
  const all = holdsInput(shape, sizes) ? [sizes] : STEPS.map((depth) => ({ ...sizes, depth }));
  return all.map((one) => slimCandidate(way, dense, one));
}

function slimCandidate(way: Separable, dense: SeparableProblem, sizes: SlimSizes): Candidate {
  const { prefix, type, pointwise } = way;
  const { limits } = pointwise.context;
  const id = `${prefix}-slim_${slimTag(sizes)}_${type}`;
  const { maxGrid } = limits;
  return {
    ...shell(way, id, dense, []),
    build: (given) => {
      const problem = separableProblem(way, given);
      return steps(way, id, problem, [slimSeparableKernel({ id, problem, sizes, maxGrid })]);
    },
  };
}

function tiledCandidates(way: Separable, dense: SeparableProblem): (Candidate | Refusal)[] {
  const { prefix, type, pointwise } = way;
  const { context } = pointwise;
  const { maxGrid } = context.limits;
  return tileCandidates({
    prefix,
    type,
    product: separableProduct(dense),
    context,
    most: TILES,
    candidate: (id, { tile, parts }, partial) => ({
      ...shell(way, id, dense, partial),
      build: (given) => {
        const problem = separableProblem(way, given);
        const config = { id, problem, tile, parts, maxGrid };
        return steps(way, id, problem, inParts(config, separableKernel, separableReduceKernel));
      },
    }),
  });
}

/** @param partial bytes of partial sums */
function shell(
  { depthwise, pointwise, pair }: Separable,
  id: string,
  { window }: SeparableProblem,
  partial: readonly number[],
): Omit<Candidate, 'build'> {
  const whole = convShell(pointwise, id, pair);
  return {
    ...whole,
    inputs: [...convShell(depthwise, id, pair).inputs, ...whole.inputs.slice(1)],
    workspace: [tapsBytes(window), ...partial],
    prepared: [TAPS],
  };
}

/** The launches: windows' weights are brought into order once, if they are constant. */
function steps(
  way: Separable,
  id: string,
  problem: SeparableProblem,
  kernels: readonly { readonly source: KernelSource; readonly roles: readonly SeparableRole[] }[],
): KernelStep[] {
  const { maxGrid } = way.pointwise.context.limits;
  const fourChannels = accessOf(problem) === 'channels';
  const operands = operandsOf(way);
  return [tapsKernel({ id, problem, fourChannels, maxGrid }), ...kernels].map(({ source, roles }) => ({
    source,
    operands: roles.map((role) => operands[role]),
  }));
}

function operandsOf({
  types: { inputs },
}: Separable): Readonly<Record<SeparableRole | 'window_w' | 'window_bias', Operand>> {
  // The pointwise convolution's own first input is what the depthwise one makes.
  const own = inputs.length - 1;
  return {
    x: { kind: 'input', index: 0 },
    window_w: { kind: 'input', index: 1 },
    window_bias: { kind: 'input', index: 2 },
    w: { kind: 'input', index: own + 1 },
    bias: { kind: 'input', index: own + 2 },
    residual: { kind: 'input', index: own + 3 },
    y: { kind: 'output', index: 0 },
    taps: { kind: 'workspace', index: TAPS },
    partial: { kind: 'workspace', index: PARTIAL },
  };
}

/** The two nodes as kernels take them. */
function separableProblem(
  { depthwise, pointwise, types, pair }: Separable,
  { inputs, outputs }: CandidateViews,
): SeparableProblem {
  const count = types.inputs.length;
  // Nowhere in memory.
  const middle = convViews(depthwise, pair).outputs[0];
  const window = convProblem(depthwise, { inputs: inputs.slice(0, count), outputs: [middle] });
  const product = convProblem(pointwise, { inputs: [middle, ...inputs.slice(count)], outputs });
  const present = [...inputs, ...outputs].filter((view) => view !== undefined);
  return {
    ...product,
    x: window.x,
    window,
    flops: window.flops + product.flops,
    bytes: present.reduce((total, view) => total + idealBytes(view), 0),
  };
}

export const separables: readonly FusionEntry[] = [fusion(Conv, Conv, separableCandidates)];
