/**
 * Candidates of a convolution and the pooling behind it as one kernel, in every layout: implicit GEMM for windows of
 * four pixels, best first by tile; the direct kernel where there are few channels, or windows of another size.
 */
import {
  pooledImplicitKernel,
  pooledImplicitRefusal,
  pooledPartialBytes,
  pooledProduct,
  pooledReduceKernel,
} from '../kernels/conv/pooled-implicit.js';
import { pooledDirectKernel, pooledDirectRefusal } from '../kernels/conv/pooled-direct.js';
import { pixelsOf, type PoolWindow, type PooledProblem } from '../kernels/conv/pooled.js';
import { inParts } from '../kernels/gemm/split.js';
import { tileTag } from '../kernels/gemm/tile.js';
import { idealBytes } from '../kernels/view.js';
import { AveragePool } from '../ops/average-pool.js';
import { Conv } from '../ops/conv.js';
import { MaxPool } from '../ops/max-pool.js';
import { layoutOf, type Layout } from '../tensor/index.js';
import {
  gpuTypeOf,
  type Candidate,
  type CandidateContext,
  type CandidateViews,
  type Refusal,
} from './candidate.js';
import {
  CONV_KINDS,
  FEW_CHANNELS,
  convProblem,
  convShell,
  convStep,
  convTiles,
  convViews,
  type ConvNode,
} from './conv-node.js';
import { fusion, type FusionEntry, type FusionTypes } from './fusion.js';

/** A convolution and the pooling behind it. */
interface Pair {
  readonly conv: ConvNode;
  readonly pool: MaxPool | AveragePool;
  readonly window: PoolWindow;
  readonly types: FusionTypes;
  /** What ids call the pooling and the element type. */
  readonly tag: string;
  readonly type: string;
}

/** Output channels up to which a tile of the product would be mostly edges. */
const FEW_OUTPUTS = 32;

/** Tiles to try in one layout. */
const TILES = 3;

/**
 * Ways to run a convolution and the pooling that reads it as one kernel, best first.
 * @returns inputs are the convolution's, the output the pooling's; one refusal where no way applies
 */
export function convPoolCandidates(
  conv: Conv,
  pool: MaxPool | AveragePool,
  types: FusionTypes,
  context: CandidateContext,
): readonly (Candidate | Refusal)[] {
  const kind = pool instanceof AveragePool ? 'average' : 'max';
  const [height, width] = pool.kernel;
  const tag = `${kind}pool${pool.kernel.join('x')}`;
  const type = gpuTypeOf(types.middle.dtype, context.storage);
  const refused = refusal(conv, pool, types);
  if (refused) return [{ id: `conv_${tag}_${type}`, refused }];
  const convTypes = { inputs: types.inputs, outputs: [types.middle] };
  const pair: Pair = {
    conv: { name: 'conv', op: conv, transposed: false, types: convTypes, context },
    pool,
    window: { kind, height, width },
    types,
    tag,
    type,
  };
  const [x] = types.inputs;
  const fewInputs = (x?.dims[1] ?? 0) <= FEW_CHANNELS;
  const few = fewInputs || types.middle.dims[1] <= FEW_OUTPUTS;
  return CONV_KINDS.flatMap((layoutKind) => {
    const layout = layoutOf(layoutKind, 4);
    const implicit = implicitCandidates(pair, layout);
    const direct = few || pixelsOf(pair.window) !== 4 ? directCandidates(pair, layout) : [];
    return fewInputs ? [...direct, ...implicit] : [...implicit, ...direct];
  });
}

/** Why no kernel takes a pair, or undefined. */
function refusal(conv: Conv, pool: MaxPool | AveragePool, types: FusionTypes): string | undefined {
  const axes = pool.kernel.map((_, axis) => axis);
  if (axes.length !== 2) return `the convolution has ${axes.length} spatial axes, not 2`;
  if (conv.group > 1) return 'the convolution has groups';
  if (types.inputs[3]) return 'the convolution adds a residual';
  if (types.outputs.length > 1) return 'the indices of the maxima are wanted';
  if (pool.dilations.some((dilation) => dilation > 1)) return 'the pooling is dilated';
  if ([...pool.padsBegin, ...pool.padsEnd].some((pad) => pad > 0)) return 'the pooling is padded';
  if (axes.some((axis) => pool.strides[axis] < pool.kernel[axis])) {
    return 'windows overlap: the convolution would be computed several times';
  }
  if (axes.some((axis) => pool.strides[axis] > pool.kernel[axis])) return 'windows leave gaps';
  return undefined;
}

function implicitCandidates(pair: Pair, layout: Layout): (Candidate | Refusal)[] {
  const { conv, tag, type } = pair;
  const prefix = `conv_${layout.name.toLowerCase()}_implicit_${tag}`;
  const whole = pooledProblem(pair, wholeViews(pair, layout));
  const refused = pooledImplicitRefusal(whole);
  if (refused) return [{ id: `${prefix}_${type}`, refused }];
  const { maxGrid } = conv.context.limits;
  return convTiles(pooledProduct(whole), conv, TILES).map(({ tile, parts }) => {
    const id = `${prefix}_${tileTag(tile)}${parts > 1 ? `_split${parts}` : ''}_${type}`;
    return {
      ...shell(pair, id, layout),
      workspace: parts > 1 ? [pooledPartialBytes(whole, parts)] : [],
      build: (given) => {
        const config = { id, problem: pooledProblem(pair, given), tile, parts, maxGrid };
        return inParts(config, pooledImplicitKernel, pooledReduceKernel).map(convStep);
      },
    };
  });
}

function directCandidates(pair: Pair, layout: Layout): (Candidate | Refusal)[] {
  const { conv, tag, type } = pair;
  const prefix = `conv_${layout.name.toLowerCase()}_direct_${tag}`;
  const whole = pooledProblem(pair, wholeViews(pair, layout));
  const { maxGrid } = conv.context.limits;
  const sizes = whole.geometry.outChannels > 4 ? ([4, 8] as const) : ([4] as const);
  return sizes.map((channels) => {
    const id = `${prefix}_${pixelsOf(pair.window)}x${channels}_${type}`;
    const refused = pooledDirectRefusal(whole, channels);
    if (refused) return { id, refused };
    return {
      ...shell(pair, id, layout),
      build: (given) => [
        convStep(pooledDirectKernel({ id, problem: pooledProblem(pair, given), channels, maxGrid })),
      ],
    };
  });
}

function shell({ conv }: Pair, id: string, layout: Layout): Omit<Candidate, 'build'> {
  return convShell(conv, id, { x: layout, y: layout, tag: layout.name });
}

/** Views of whole tensors in one layout. */
function wholeViews({ conv, types }: Pair, layout: Layout): CandidateViews {
  const { inputs, outputs } = convViews(conv, { x: layout, y: layout, tag: layout.name });
  return { inputs, outputs: [{ ...outputs[0], dims: types.outputs[0].dims }] };
}

function pooledProblem(
  { conv, pool, window, types }: Pair,
  { inputs, outputs: [y] }: CandidateViews,
): PooledProblem {
  const { middle, outputs } = types;
  const present = [...inputs, y].filter((view) => view !== undefined);
  return {
    ...convProblem(conv, { inputs, outputs: [{ ...y, dims: middle.dims }] }),
    y,
    pool: window,
    flops: conv.op.flops(types.inputs, [middle]) + pool.flops([middle], outputs),
    bytes: present.reduce((total, view) => total + idealBytes(view), 0),
  };
}

export const convPools: readonly FusionEntry[] = [
  fusion(Conv, MaxPool, convPoolCandidates),
  fusion(Conv, AveragePool, convPoolCandidates),
];
