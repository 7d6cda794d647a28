/**
 * Convolution as a matrix product without the matrix (implicit GEMM; cuDNN, Chetlur et al., arXiv 1410.0759) in f16 on
 * subgroup matrices (product.ts): [output position] by [tap and channel] by [output channel]. Where channels are
 * innermost in y, rows are positions and columns are channels; else the other way round.
 */
import { geometryConstants, geometryText, positionFunction, product } from '../conv/geometry.js';
import { inputFunctions, positionOrder, productOf } from '../conv/implicit.js';
import {
  channelsInnermost,
  liftedProblem,
  type ConvKernel,
  type ConvProblem,
  type ConvRole,
} from '../conv/problem.js';
import { convolutionEnding, storeRefusal } from '../conv/store.js';
import { PARTIAL, reduceKernel, reduceText } from '../gemm/split.js';
import type { Product } from '../gemm/tile.js';
import { viewOffset, viewStep, viewStrides, type TensorView } from '../view.js';
import { lineEnding, type LineOperand, type MatrixEnding } from './ending.js';
import { matrixColLoader, matrixRowLoader, type PlainLoader } from './loaders.js';
import { pixelsLoader, type PixelsLoader } from './pixels.js';
import { asColumns, matrixProductKernel } from './product.js';
import type { MatrixTile, Staging } from './tile.js';

export interface MatrixConvConfig {
  readonly id: string;
  readonly problem: ConvProblem;
  readonly tile: MatrixTile;
  /** Parts of the depth; above 1 the partial sums go to scratch memory and `matrixConvReduceKernel` has to follow. */
  readonly parts: number;
  readonly maxGrid: number;
}

/** Why the kernel does not apply, or undefined. */
export function matrixConvRefusal(given: ConvProblem): string | undefined {
  const problem = liftedProblem(given);
  const { geometry, x, w, y } = problem;
  if ([x, w, y].some(({ type }) => type !== 'f16')) return 'subgroup matrices are for f16';
  if (product(x.dims) * geometry.outChannels === 0) return 'the input is empty';
  if (geometry.transposed) return 'it is for convolutions that are not transposed';
  if (geometry.group > 1) return 'groups of channels are products of their own';
  if (!pixelsOf(problem, 0)) return 'channels do not divide into vectors of eight';
  return storeRefusal(problem);
}

/** Sizes of the product. */
export function matrixConvProduct(given: ConvProblem): Product {
  const problem = liftedProblem(given);
  const { channels, kernel } = problem.geometry;
  // The depth is not padded to the blocks of the other kernels.
  return { ...productOf(problem), depth: channels * product(kernel) };
}

/** How the operands are staged, which decides the workgroup memory of a tile. */
export function matrixConvStaging(given: ConvProblem): Staging {
  const { pixels, weights, rowsArePositions } = operandsOf(liftedProblem(given), 0);
  const [left, right] = rowsArePositions ? [pixels, weights] : [weights, pixels];
  return { rowsAlongDepth: left.alongDepth, colsAlongDepth: right.alongDepth };
}

function pixelsOf({ geometry, x, y, ...rest }: ConvProblem, stepDepth: number): PixelsLoader | undefined {
  return pixelsLoader(geometry, x, positionOrder({ ...rest, geometry, x, y }), stepDepth);
}

interface Operands {
  readonly pixels: PixelsLoader;
  readonly weights: PlainLoader;
  readonly rowsArePositions: boolean;
}

/** The loaders of a lifted problem, each under the names of its operand. */
function operandsOf(problem: ConvProblem, stepDepth: number): Operands {
  const { geometry, w, y } = problem;
  const rowsArePositions = channelsInnermost(y);
  const loader = pixelsOf(problem, stepDepth);
  if (!loader) throw new TypeError(`no loader for ${problem.x.layout.name}`);
  // [tap and channel] by [output channel], output channels contiguous: `weightLayout`.
  const { outChannels } = geometry;
  const depth = geometry.channels * product(geometry.kernel);
  const matrix = { type: w.type, offset: 0, batchStrides: [] };
  return {
    pixels: rowsArePositions ? loader : { ...loader, ...asColumns(loader) },
    weights: rowsArePositions
      ? matrixColLoader({ ...matrix, rowStride: outChannels, colStride: 1 }, depth, outChannels, [])
      : matrixRowLoader({ ...matrix, rowStride: 1, colStride: outChannels }, outChannels, depth, []),
    rowsArePositions,
  };
}

export function matrixConvKernel({ id, problem: given, tile, parts, maxGrid }: MatrixConvConfig): ConvKernel {
  const problem = liftedProblem(given);
  const { geometry, x } = problem;
  const { pixels, weights, rowsArePositions } = operandsOf(problem, tile.depth);
  const ending: MatrixEnding<ConvRole> =
    parts > 1 ? PARTIAL : (eightsOf(problem) ?? convolutionEnding(problem));
  const [rowLoader, colLoader] = rowsArePositions ? [pixels, weights] : [weights, pixels];
  const source = matrixProductKernel({
    ...matrixConvProduct(given),
    id,
    tile,
    parts,
    rowLoader,
    colLoader,
    bindings: [
      { name: 'x', access: 'read', element: pixels.element },
      { name: rowsArePositions ? 'col_data' : 'row_data', access: 'read', element: weights.element },
    ],
    declarations: [
      geometryConstants(geometry),
      pixels.declarations,
      weights.declarations,
      inputFunctions(x, pixels.unit),
      positionFunction(geometry, positionOrder(problem)),
      geometryText(geometry),
    ].join(''),
    ending,
    maxGrid,
    flops: problem.flops,
    bytes: problem.bytes,
  });
  return { source, roles: ['x', 'w', ...ending.bindings.map(({ name }) => name)] };
}

/** Adds the parts of a `matrixConvKernel` in parts, and finishes. */
export function matrixConvReduceKernel({ id, problem: given, parts, maxGrid }: MatrixConvConfig): ConvKernel {
  const problem = liftedProblem(given);
  const { geometry } = problem;
  const ending = convolutionEnding(problem);
  const prelude = [
    geometryConstants(geometry),
    positionFunction(geometry, positionOrder(problem)),
    geometryText(geometry),
  ];
  return reduceKernel(id, reduceText(matrixConvProduct(given), parts, maxGrid), {
    ...ending,
    declarations: prelude.join('') + ending.declarations,
  });
}

function eightsOf(problem: ConvProblem): MatrixEnding<'bias' | 'residual' | 'y'> | undefined {
  const { bias, residual, activation } = problem;
  const y = linesOf(problem, problem.y);
  const added = residual && linesOf(problem, residual);
  if (!y || (residual && !added)) return undefined;
  const [rowStride, colStride] = channelsInnermost(problem.y) ? [0, 1] : [1, 0];
  return lineEnding({
    cols: matrixConvProduct(problem).cols,
    batch: [],
    y,
    addends: [
      ...(bias
        ? [
            {
              name: 'bias' as const,
              operand: { type: bias.type, offset: 0, batchStrides: [], rowStride, colStride },
              scale: 1,
            },
          ]
        : []),
      ...(added ? [{ name: 'residual' as const, operand: added, scale: 1 }] : []),
    ],
    alpha: 1,
    activation,
  });
}

/** The output (or what is added to it) as a matrix of the product's rows and columns, if it is one. */
function linesOf(problem: ConvProblem, view: TensorView): LineOperand | undefined {
  if (view.layout.block) return undefined;
  const strides = viewStrides(view);
  const common = { type: view.type, offset: viewOffset(view), batchStrides: [] };
  const order = positionOrder(problem).filter((axis) => axis !== 1);
  const step = viewStep(view, order);
  if (channelsInnermost(problem.y)) {
    return step === undefined ? undefined : { ...common, rowStride: step, colStride: strides[1] };
  }
  if (step !== undefined) return { ...common, rowStride: strides[1], colStride: step };
  const spatial = order.filter((axis) => axis !== 0);
  const inner = viewStep(view, spatial);
  if (inner === undefined || order[0] !== 0) return undefined;
  const cols = product(spatial.map((axis) => view.dims[axis]));
  return { ...common, rowStride: strides[1], colStride: inner, planes: { cols, stride: strides[0] } };
}
