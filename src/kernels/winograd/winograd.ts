/**
 * Convolution by Winograd's minimal filtering, F(2x2, 3x3) and F(4x4, 3x3): windows of 3x3 at stride 1. The output is cut
 * into tiles of 2x2 (4x4), each from 4x4 (6x6) inputs that overlap their neighbours'; between a transform of the inputs
 * and one of the outputs the sum over taps and channels is an independent matrix product for each of the 16 (36) places in
 * a transformed tile: 2.25 (4) times fewer multiply-adds than direct convolution. After Lavin and Gray, "Fast Algorithms
 * for Convolutional Neural Networks", arXiv 1509.09308, algorithm 1.
 *
 * Three launches: x -> V, M = V U as a batched product (kernels/gemm), M -> y; the transforms are in transforms.ts.
 * U is made of the weights, once where they are constants. All three are f32, whatever x and y are stored as.
 *
 * V has tiles innermost, and M what y has (channels in NHWC, else tiles), so that the product loads and stores vectors: on
 * an H200 it takes a sixth longer with channels innermost in V, as it transposes them then. Tiles are numbered in the order
 * of the layouts' axes. So x and y may lie differently, if they agree on that order: NCHW and CHWN do not.
 *
 * Accuracy in f32, as the norm of the error by that of the result with 64 (256) channels: 2.5e-7 (5.5e-7) for F(2x2) and
 * 9e-7 (1.6e-6) for F(4x4) on random numbers, where direct convolution has 4e-7 (9e-7); where inputs lie around 10 and
 * the taps of a channel sum to 0, so that much cancels, 9e-7 and 2e-6 with 64 channels, where direct convolution has 5e-6
 * (docs/kernels.md). So F(4x4) loses about one bit against direct convolution on random numbers, and is used without
 * being asked for.
 */
import type { WgslKernel } from '../../devices/gpu.js';
import type { GemmProblem, MatrixOperand } from '../gemm/problem.js';
import type { TensorView } from '../view.js';
import { product } from '../conv/geometry.js';
import { channelsInnermost, type ConvProblem } from '../conv/problem.js';
import { sideOf, type TileSize } from './lines.js';

export interface WinogradConfig {
  /** Of the product; the other launches add a word. */
  readonly id: string;
  readonly problem: ConvProblem;
  readonly size: TileSize;
  readonly maxGrid: number;
}

/** What a binding of the transforms stands for. */
export type WinogradRole = 'x' | 'w' | 'u' | 'v' | 'm' | 'bias' | 'residual' | 'y';

/** A transform, and what each of its bindings stands for. */
export interface WinogradKernel {
  readonly source: WgslKernel;
  readonly roles: readonly WinogradRole[];
}

/** Sizes of the matrices. */
export interface WinogradSizes {
  /** Independent products: places in a transformed tile. */
  readonly places: number;
  /** Tiles of all images, and these rounded up to whole vectors: rows of V and M. */
  readonly tiles: number;
  readonly pitch: number;
  readonly channels: number;
  readonly outChannels: number;
}

export function winogradSizes({ geometry }: ConvProblem, size: TileSize): WinogradSizes {
  const { batch, channels, outChannels, output } = geometry;
  const tiles = batch * Math.ceil(output[1] / size) * Math.ceil(output[2] / size);
  return { places: sideOf(size) ** 2, tiles, pitch: Math.ceil(tiles / 4) * 4, channels, outChannels };
}

/** Bytes of the three matrices: the weights', the input's and the output's. */
export function winogradBytes(
  problem: ConvProblem,
  size: TileSize,
): Readonly<Record<'u' | 'v' | 'm', number>> {
  const { places, pitch, channels, outChannels } = winogradSizes(problem, size);
  const bytes = (rows: number, cols: number): number => 4 * places * rows * cols;
  return { u: bytes(channels, outChannels), v: bytes(pitch, channels), m: bytes(pitch, outChannels) };
}

/** The same convolution of some of the images: parts of x and y in the same memory. */
export function ofImages(problem: ConvProblem, first: number, count: number): ConvProblem {
  const { geometry, x, residual, y } = problem;
  if (count === geometry.batch) return problem;
  return {
    ...problem,
    geometry: { ...geometry, batch: count },
    x: imagesOf(x, first, count),
    residual: residual && imagesOf(residual, first, count),
    y: imagesOf(y, first, count),
  };
}

function imagesOf(view: TensorView, first: number, count: number): TensorView {
  const { dims, within = { dims, origin: dims.map(() => 0) } } = view;
  const origin = within.origin.map((start, axis) => (axis === 0 ? start + first : start));
  return { ...view, dims: [count, ...dims.slice(1)], within: { dims: within.dims, origin } };
}

/** Why the method does not apply, or undefined. */
export function winogradRefusal(problem: ConvProblem): string | undefined {
  const { geometry, x, y } = problem;
  const { kernel, strides, dilations, group, transposed, channels, outChannels } = geometry;
  if (transposed) return 'the convolution is transposed';
  if (x.dims.length !== 4 || kernel[1] !== 3 || kernel[2] !== 3) return 'the window is not 3x3';
  if (strides.some((stride) => stride > 1)) return 'the stride is not 1';
  if (dilations.some((dilation) => dilation > 1)) return 'the window is dilated';
  if (group > 1) return 'there are groups';
  if (product(x.dims) * product(y.dims) * channels * outChannels === 0) return 'a tensor is empty';
  if (x.layout.block ?? y.layout.block) return 'channels lie in blocks';
  const turned = imagesInnermost(x) !== imagesInnermost(y);
  return turned && !channelsInnermost(x) && !channelsInnermost(y)
    ? 'the layouts number tiles differently'
    : undefined;
}

export function imagesInnermost({ layout }: TensorView): boolean {
  return layout.order.at(-1) === 0;
}

/** Whether tiles are numbered with the images innermost. */
export function tilesOfImages(problem: ConvProblem): boolean {
  return imagesInnermost(problem.x) || imagesInnermost(problem.y);
}

/** The products M = V U, one for each place in a transformed tile. */
export function winogradProduct(problem: ConvProblem, size: TileSize): GemmProblem {
  const { places, pitch, channels, outChannels } = winogradSizes(problem, size);
  const bytes = winogradBytes(problem, size);
  return {
    rows: pitch,
    cols: outChannels,
    depth: channels,
    batch: [places],
    a: matrix(pitch, channels, true),
    b: matrix(channels, outChannels, false),
    y: matrix(pitch, outChannels, !channelsInnermost(problem.y)),
    alpha: 1,
    beta: 0,
    // What this launch does, so that its cost is told by its own work: the convolution's figures are 2.25 or 4 times more.
    flops: 2 * places * pitch * channels * outChannels,
    bytes: bytes.u + bytes.v + bytes.m,
  };
}

/** Matrices one after another. */
function matrix(rows: number, cols: number, rowsInnermost: boolean): MatrixOperand {
  return {
    type: 'f32',
    offset: 0,
    batchStrides: [rows * cols],
    rowStride: rowsInnermost ? 1 : cols,
    colStride: rowsInnermost ? rows : 1,
  };
}
