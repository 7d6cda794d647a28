/**
 * The product over frequencies (tiles.ts): for each, tiles x channels times channels x output channels, complex. Its real
 * form, [re, im] x [[re, im], [-im, re]], is a batch of tiled products (kernels/gemm/tiled-product.ts) of twice the depth
 * and twice the columns that does no other work than the complex one. The second row of every weight is made when it is
 * loaded.
 */
import type { KernelBinding } from '../../devices/gpu.js';
import { rowLoader, colLoader } from '../gemm/loaders.js';
import { batchesOf, batchFunction, oriented, type GemmProblem, type MatrixOperand } from '../gemm/problem.js';
import { STORE_PARTIAL } from '../gemm/split.js';
import { epilogue, storesVectors, storeText } from '../gemm/store.js';
import type { Product, Tile } from '../gemm/tile.js';
import { BLOCK_TEXT, blockTypes, tiledProduct } from '../gemm/tiled-product.js';
import { alias, bindings, constants, kernelText } from '../wgsl.js';
import type { FftKernel } from './forward.js';
import { frequenciesOf, spectrumBytes, tileCount, type FftTiling, type Series } from './tiles.js';

/** Rows are tiles, columns output channels' parts, the depth channels' parts; a batch of frequencies. */
export function fftProduct(tiling: FftTiling): GemmProblem {
  const rows = tileCount(tiling);
  const [depth, cols] = [2 * tiling.channels, 2 * tiling.outChannels];
  const frequencies = frequenciesOf(tiling.size);
  return {
    rows,
    cols,
    depth,
    batch: [frequencies],
    a: spectrum(tiling.from, rows, depth),
    b: spectrum('channels', depth, cols),
    y: spectrum(tiling.to, rows, cols),
    alpha: 1,
    beta: 0,
    // What this launch does, so that its cost is told by its own work: the convolution's figures are many times more.
    flops: 2 * frequencies * rows * cols * depth,
    bytes:
      spectrumBytes(tiling, 'x_spectra') +
      spectrumBytes(tiling, 'w_spectra') +
      spectrumBytes(tiling, 'y_spectra'),
  };
}

function spectrum(series: Series, rows: number, cols: number): MatrixOperand {
  return {
    type: 'f32',
    offset: 0,
    batchStrides: [rows * cols],
    rowStride: series === 'channels' ? cols : 1,
    colStride: series === 'channels' ? 1 : rows,
  };
}

/** Sizes of the product as its kernel has them: columns are what lies contiguous in the output's spectra. */
export function fftProductSizes(problem: GemmProblem): Product {
  const { rows, cols, depth } = oriented(problem).problem;
  return { rows, cols, depth, batches: batchesOf(problem) };
}

/** Two output channels by two channels: written for the rows' operand, as in gemm/loaders.ts. */
const WEIGHTS = /* wgsl */ `
struct RowState { at: u32 }

fn row_setup(first: u32, batch: u32) -> RowState {
  return RowState(batch * (DEPTH / 2u * WEIGHT_PITCH) + min(first / 4u, WEIGHT_PITCH - 1u));
}

fn times_i(v: Packed) -> Packed { return Packed(-v.y, v.x, -v.w, v.z); }

fn row_load(state: RowState, k: u32, batch: u32) -> Block {
  if (k >= DEPTH) { return Block(); }
  let at = state.at + k / 2u * WEIGHT_PITCH;
  let first = row_data[at];
  let second = row_data[at + WEIGHT_PITCH];
  return Block(first, times_i(first), second, times_i(second));
}
`;

export interface FftProductConfig {
  readonly id: string;
  readonly problem: GemmProblem;
  readonly tile: Tile;
  /** Parts of the depth; above 1 `gemmReduceKernel` has to follow. */
  readonly parts: number;
  readonly maxGrid: number;
}

export function fftProductKernel(config: FftProductConfig): FftKernel {
  const { id, tile, parts, maxGrid } = config;
  const { problem, swapped } = oriented(config.problem);
  const { a, b, rows, cols, depth, batch } = problem;
  const spectra = swapped ? colLoader(b, depth, cols) : rowLoader(a, rows, depth);
  const tiled = tiledProduct({
    ...fftProductSizes(problem),
    tile,
    parts,
    rowDepthFastest: !swapped && spectra.depthFastest,
    colDepthFastest: swapped && spectra.depthFastest,
    maxGrid,
  });
  const split = parts > 1;
  const [data, weights] = swapped ? ['col', 'row'] : ['row', 'col'];
  const operand = swapped ? b : a;
  const list: readonly (KernelBinding & { readonly element: string })[] = [
    { name: `${data}_data`, access: 'read', element: spectra.element },
    { name: `${weights}_data`, access: 'read', element: 'vec4<f32>' },
    split
      ? { name: 'partial', access: 'read_write', element: 'vec4<f32>' }
      : { name: 'y', access: 'read_write', element: 'Out' },
  ];
  return {
    source: {
      id,
      wgsl: kernelText(
        [],
        [
          tiled.constants,
          constants({
            [`${data.toUpperCase()}_STRIDE`]: swapped ? operand.colStride : operand.rowStride,
            [`${data.toUpperCase()}_DEPTH_STRIDE`]: swapped ? operand.rowStride : operand.colStride,
            WEIGHT_PITCH: (swapped ? rows : cols) / 4,
          }),
          blockTypes('f32', 'f32'),
          split ? '' : alias('Out', storesVectors(problem) ? 'vec4<f32>' : 'f32'),
          bindings(list),
          batchFunction(`${data}_batch`, operand, batch),
          split ? '' : epilogue(problem),
        ],
        [
          BLOCK_TEXT,
          spectra.text,
          swapped ? WEIGHTS : WEIGHTS.replaceAll('row', 'col').replaceAll('Row', 'Col'),
          split ? STORE_PARTIAL : storeText(problem),
          tiled.body,
        ].join(''),
      ),
      bindings: list.map(({ name, access }) => ({ name, access })),
      workgroup: tiled.workgroup,
      grid: tiled.grid,
      features: [],
      workgroupBytes: tiled.workgroupBytes,
      flops: problem.flops,
      bytes: problem.bytes,
    },
    roles: ['x_spectra', 'w_spectra', split ? 'partial' : 'y_spectra'],
  };
}
