/**
 * Convolution as a matrix product without the matrix (implicit GEMM; cuDNN, Chetlur et al., arXiv 1410.0759): the tiled
 * product (gemm/tiled-product.ts) over [output position] by [tap and channel] by [output channel], whose loader finds each
 * element of the input where it lies. Where channels are innermost in y, rows are positions and columns are channels;
 * else the other way round: y is always written along its contiguous direction.
 */
import { PARTIAL, reduceKernel, reduceText, type ReduceText } from '../gemm/split.js';
import type { Product, Tile } from '../gemm/tile.js';
import { BLOCK_TEXT, blockTypes, tiledProduct } from '../gemm/tiled-product.js';
import { viewStrides, type TensorView } from '../view.js';
import { bindings, constants, kernelText } from '../wgsl.js';
import {
  geometryConstants,
  geometryText,
  index5,
  phaseRefusal,
  phasesOf,
  positionFunction,
  positionsPerAxis,
  product,
  tapsPerAxis,
  type ConvGeometry,
} from './geometry.js';
import { pixelLoader, type PixelLoader } from './pixels.js';
import {
  channelsInnermost,
  liftedProblem,
  type ConvKernel,
  type ConvProblem,
  type ConvRole,
} from './problem.js';
import { begunEnding, convolutionEnding, storeRefusal, type ConvEnding } from './store.js';
import { weightConstants, weightsAreVectors, weightsText } from './weights.js';

export interface ImplicitConfig {
  readonly id: string;
  readonly problem: ConvProblem;
  readonly tile: Tile;
  /** Parts of the depth; above 1 the partial sums go to scratch memory and `implicitReduceKernel` has to follow. */
  readonly parts: number;
  /** Whether sums begin with the residual where they can, instead of ending with it; true when left out. */
  readonly residualFirst?: boolean;
  readonly maxGrid: number;
}

/** Why the kernel does not apply, or undefined. */
export function implicitRefusal(problem: ConvProblem): string | undefined {
  const lifted = liftedProblem(problem);
  const { geometry, x } = lifted;
  if (product(x.dims) * geometry.outChannels === 0) return 'the input is empty';
  if (!pixelLoader(geometry, x, positionOrder(lifted), true))
    return 'groups of channels do not fill blocks of four';
  return phaseRefusal(geometry) ?? storeRefusal(lifted);
}

/** Sizes of the product. */
export function implicitProduct(problem: ConvProblem): Product {
  return productOf(liftedProblem(problem));
}

/** Sizes of the product of a lifted problem. */
export function productOf({ geometry, y }: ConvProblem): Product {
  const positions = geometry.batch * product(positionsPerAxis(geometry));
  const own = geometry.outChannels / geometry.group;
  const channels = y.layout.block ? Math.ceil(own / 4) * 4 : own;
  const [rows, cols] = channelsInnermost(y) ? [positions, channels] : [channels, positions];
  return {
    rows,
    cols,
    depth: product(tapsPerAxis(geometry)) * depthChannels(geometry),
    batches: geometry.group * phasesOf(geometry),
  };
}

/** Channels of a tap, in whole blocks of the loaders. */
function depthChannels({ channels, group }: ConvGeometry): number {
  return Math.ceil(channels / group / 4) * 4;
}

/** The order that positions are walked in: y's where positions are what y is contiguous in, else x's. */
export function positionOrder({ x, y }: ConvProblem): readonly number[] {
  return channelsInnermost(y) ? x.layout.order : y.layout.order;
}

/** `x_index`, and `x_step` for the way from one element to another. */
export function inputFunctions(x: TensorView, unit: number): string {
  const strides = viewStrides(x);
  const start = x.within && { within: { ...x.within, origin: strides.map(() => 0) } };
  return index5('x', x, unit) + index5('x_step', { ...x, ...start }, unit).replace('x_step_index', 'x_step');
}

/** A convolution by the tiled product; what may vary are its positions and its end. */
export interface TiledConvolution<Role extends string = never> extends ImplicitConfig {
  /** Lifted. */
  readonly problem: ConvProblem;
  readonly loader: PixelLoader<Role>;
  /** Declares `position_of`. */
  readonly positions: string;
  /** What the sums go through; unused in the kernel that makes parts of them. */
  readonly ending: ConvEnding;
}

function tiledConvolution(config: ImplicitConfig): TiledConvolution {
  const problem = liftedProblem(config.problem);
  const order = positionOrder(problem);
  const loader = pixelLoader(problem.geometry, problem.x, order, true);
  if (!loader) throw new TypeError(`${config.id}: no loader for ${problem.x.layout.name}`);
  const positions = positionFunction(problem.geometry, order);
  return { ...config, problem, loader, positions, ending: convolutionEnding(problem) };
}

export function implicitKernel(config: ImplicitConfig): ConvKernel {
  const tiled = tiledConvolution(config);
  const { parts, residualFirst = true } = config;
  const begun = parts === 1 && residualFirst ? begunEnding(tiled.problem) : undefined;
  return tiledConvolutionKernel(begun ? { ...tiled, ending: begun } : tiled);
}

/** Adds the parts of an `implicitKernel` in parts, and finishes. */
export function implicitReduceKernel(config: ImplicitConfig): ConvKernel {
  const sizes = implicitProduct(config.problem);
  return tiledReduceKernel(tiledConvolution(config), reduceText(sizes, config.parts, config.maxGrid));
}

/** The kernel of a tiled convolution, or of its partial sums. */
export function tiledConvolutionKernel<Role extends string = never>(
  config: TiledConvolution<Role>,
): ConvKernel<ConvRole | Role> {
  const { problem, loader } = config;
  const { geometry, x, w } = problem;
  const rowsArePositions = channelsInnermost(problem.y);
  const ending = config.parts > 1 ? PARTIAL : config.ending;
  const tiled = tiledProduct({
    ...productOf(problem),
    tile: config.tile,
    parts: config.parts,
    rowDepthFastest: rowsArePositions && loader.depthFastest,
    colDepthFastest: !rowsArePositions && loader.depthFastest,
    begins: ending.begins ?? false,
    maxGrid: config.maxGrid,
  });
  const [pixels, weights] = rowsArePositions ? ['row', 'col'] : ['col', 'row'];
  const list = [
    { name: 'x', access: 'read', element: loader.element },
    { name: 'w', access: 'read', element: weightsAreVectors(geometry) ? `vec4<${w.type}>` : w.type },
    ...(loader.bindings ?? []),
    ...ending.bindings,
  ] as const;
  const types = [x.type, w.type, ...ending.types];
  return {
    source: {
      id: config.id,
      wgsl: kernelText(
        types,
        [
          tiled.constants,
          geometryConstants(geometry),
          weightConstants(geometry),
          constants({ DEPTH_CHANNELS: depthChannels(geometry), POSITION_STEP: 1 }),
          blockTypes(x.type, w.type),
          ending.aliases,
          bindings(list),
          inputFunctions(x, loader.unit),
          loader.declarations ?? '',
          config.positions,
          ending.declarations,
        ],
        [
          BLOCK_TEXT,
          geometryText(geometry),
          named(loader.text, 'pixels', pixels),
          named(weightsText(geometry, true), 'weights', weights),
          ending.text,
          tiled.body,
        ].join(''),
      ),
      bindings: list.map(({ name, access }) => ({ name, access })),
      workgroup: tiled.workgroup,
      grid: tiled.grid,
      features: types.includes('f16') ? ['f16'] : [],
      workgroupBytes: tiled.workgroupBytes,
      flops: problem.flops,
      bytes: problem.bytes,
    },
    roles: list.map(({ name }) => name),
  };
}

/** The kernel that adds the partial sums of a tiled convolution, and finishes. */
export function tiledReduceKernel(
  { id, problem: { geometry }, positions, ending }: Omit<TiledConvolution, 'loader'>,
  reduce: ReduceText,
): ConvKernel {
  return reduceKernel(id, reduce, {
    ...ending,
    aliases: geometryConstants(geometry) + ending.aliases,
    declarations: positions + ending.declarations + geometryText(geometry),
  });
}

function capital(word: string): string {
  return word[0].toUpperCase() + word.slice(1);
}

/** A loader under the names of the operand that it loads: `pixels_load` becomes `row_load`. */
function named(text: string, from: string, to: string): string {
  return text.replaceAll(`${from}_`, `${to}_`).replaceAll(`${capital(from)}State`, `${capital(to)}State`);
}
