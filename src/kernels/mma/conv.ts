/**
 * Convolution as a matrix product without the matrix (implicit GEMM; cuDNN, Chetlur et al., arXiv 1410.0759) on tensor cores
 * in CUDA C++ (product.ts), channels innermost in x: [output position] by [tap and channel] by [output channel]. Weights
 * lie by output channel, so that both operands are lines along the depth.
 */
import { type CudaKernel } from '../../devices/gpu.js';
import { permutedLayout, type Layout } from '../../tensor/index.js';
import { isPointwise, needsChecks, product, type ConvGeometry } from '../conv/geometry.js';
import { liftedProblem, type ConvProblem, type ConvRole } from '../conv/problem.js';
import { convolutionEnding } from '../conv/store.js';
import { geometryConstants, geometryText, positionFunction } from '../conv/geometry.js';
import { reduceKernel, reduceText } from '../gemm/split.js';
import type { Product } from '../gemm/tile.js';
import { viewOffset, viewSize, viewStep, viewStrides, type TensorView } from '../view.js';
import { activationRefusal } from './activation.js';
import { lanesOf, MMA_PARTIAL, mmaEnding, type MmaAddend, type MmaEnding, type MmaPlace } from './ending.js';
import type { MmaType } from './instructions.js';
import { lineLoader, pixelsLoader, pixelsRefusal, type MmaLoader } from './loaders.js';
import { launchOf, mmaProductKernel, storedType, type MmaLaunch } from './product.js';

/** In parts, `mmaConvReduceKernel` has to follow. */
export interface MmaConvConfig extends MmaLaunch {
  readonly problem: ConvProblem;
}

/** A kernel, and what each of its bindings stands for. */
export interface MmaConvKernel {
  readonly source: CudaKernel;
  readonly roles: readonly ConvRole[];
}

/** Most elements of the output: offsets are u32. */
const MOST_ELEMENTS = 2 ** 31;

/** The order of output positions: n, d, h, w. */
const POSITION_AXES = [0, 2, 3, 4] as const;

/** The layout of weights [M, C, K...] that the kernel reads: the taps and channels of an output channel together. */
export function mmaWeightLayout(rank: number): Layout {
  const spatial = Array.from({ length: rank - 2 }, (_, i) => i + 2);
  const name = `O${['W', 'HW', 'DHW'][rank - 3] ?? 'S'}I`;
  return permutedLayout(name, [0, ...spatial, 1]);
}

/** Why the kernel does not apply, or undefined. */
export function mmaConvRefusal(given: ConvProblem, type: MmaType): string | undefined {
  const problem = liftedProblem(given);
  const { geometry, x, w, y, bias, residual } = problem;
  const wanted = storedType(type);
  if ([x, w, y].some((view) => view.type !== wanted)) return `it is for ${wanted}`;
  if ([bias, residual].some((view) => view && view.type !== wanted && view.type !== 'f32')) {
    return `what is added is not ${wanted}`;
  }
  if (product(x.dims) * geometry.outChannels === 0) return 'the input is empty';
  if (geometry.transposed) return 'it is for convolutions that are not transposed';
  if (geometry.group > 1) return 'groups of channels are products of their own';
  if (y.layout.block || viewStrides(y)[1] !== 1) return 'channels of the output are not innermost';
  if (viewSize(y) > MOST_ELEMENTS || viewSize(w) > MOST_ELEMENTS) return 'the tensors are too large';
  return pixelsRefusal(geometry, x) ?? activationRefusal(problem.activation);
}

/** Sizes of the product. */
export function mmaConvProduct(given: ConvProblem): Product {
  const { geometry } = liftedProblem(given);
  const { batch, output, outChannels, channels, kernel } = geometry;
  return {
    rows: batch * product(output),
    cols: outChannels,
    depth: channels * product(kernel),
    batches: 1,
  };
}

export function mmaConvKernel(config: MmaConvConfig): MmaConvKernel {
  const { parts } = config;
  const problem = liftedProblem(config.problem);
  const { geometry, w } = problem;
  const sizes = mmaConvProduct(config.problem);
  const weights = {
    type: w.type,
    offset: viewOffset(w),
    batchStrides: [],
    rowStride: 1,
    colStride: sizes.depth,
  };
  const colLoader = lineLoader('col', weights, sizes.cols, sizes.depth, [], [sizes.depth, 1]);
  if (!colLoader) throw new TypeError('the weights do not lie in vectors');
  const ending: MmaEnding<ConvRole> = parts > 1 ? MMA_PARTIAL : endingOf(problem);
  const source = mmaProductKernel({
    ...sizes,
    ...launchOf(config),
    rowLoader: positionsLoader(problem, sizes),
    colLoader,
    ending,
    declarations: parts > 1 ? '' : POSITION_TEXT(geometry),
    flops: problem.flops,
    bytes: problem.bytes,
  });
  return { source, roles: ['x', 'w', ...ending.bindings.map(({ name }) => name)] };
}

/** Windows; of a pointwise convolution on a whole tensor simply the lines of a matrix. */
function positionsLoader({ geometry, x }: ConvProblem, { rows, depth }: Product): MmaLoader {
  const step = viewStep(x, POSITION_AXES);
  if (isPointwise(geometry) && step !== undefined) {
    const lines = { type: x.type, offset: viewOffset(x), batchStrides: [], rowStride: step, colStride: 1 };
    const loader = lineLoader('row', lines, rows, depth, [], [step, 1]);
    if (loader) return loader;
  }
  return pixelsLoader(geometry, x, needsChecks(geometry));
}

/** Adds the parts of an `mmaConvKernel` in parts, and finishes. */
export function mmaConvReduceKernel({ id, problem: given, parts, maxGrid }: MmaConvConfig): {
  readonly source: ReturnType<typeof reduceKernel>['source'];
  readonly roles: readonly ConvRole[];
} {
  const problem = liftedProblem(given);
  const { geometry } = problem;
  const ending = convolutionEnding(problem);
  const prelude = [
    geometryConstants(geometry),
    positionFunction(geometry, POSITION_AXES),
    geometryText(geometry),
  ];
  return reduceKernel(id, reduceText(mmaConvProduct(given), parts, maxGrid), {
    ...ending,
    declarations: prelude.join('') + ending.declarations,
  });
}

function endingOf({ bias, residual, y, activation }: ConvProblem): MmaEnding<'bias' | 'residual' | 'y'> {
  const lanes = lanesOf(y.type);
  const addends: MmaAddend<'bias' | 'residual'>[] = [];
  if (bias) {
    const vectors = bias.type === y.type && y.dims[1] % lanes === 0;
    addends.push({ name: 'bias', type: bias.type, at: 'col', vectors, scale: 1, repeated: false });
  }
  if (residual) addends.push({ ...placeOf(residual, lanes), name: 'residual', scale: 1, repeated: false });
  return mmaEnding({ y: placeOf(y, lanes), addends, alpha: 1, activation });
}

/** Where the elements of the output, or of what is added to it, lie. */
function placeOf(view: TensorView, lanes: number): MmaPlace {
  const [n, c, d, h, w] = viewStrides(view);
  const others = [n, d, h, w].filter((_, i) => view.dims[POSITION_AXES[i]] > 1);
  const offset = viewOffset(view);
  const whole = [view.dims[1], offset, ...others].every((count) => count % lanes === 0);
  const step = viewStep(view, POSITION_AXES);
  const row =
    step === undefined
      ? `position_n(row) * ${n}u + position_d(row) * ${d}u + position_h(row) * ${h}u + position_w(row) * ${w}u`
      : `row * ${step}u`;
  return {
    type: view.type,
    at: `${offset}u + ${row} + col${c === 1 ? '' : ` * ${c}u`}`,
    vectors: c === 1 && whole,
  };
}

/** The place of a position, axis by axis. */
const POSITION_TEXT = ({ output: [d, h, w] }: ConvGeometry): string =>
  [
    ['n', `row / ${d * h * w}u`],
    ['d', `row / ${h * w}u % ${d}u`],
    ['h', `row / ${w}u % ${h}u`],
    ['w', `row % ${w}u`],
  ]
    .map(
      ([axis, at]) =>
        `__device__ __forceinline__ unsigned position_${axis}(unsigned row) { return ${at}; }\n`,
    )
    .join('');
