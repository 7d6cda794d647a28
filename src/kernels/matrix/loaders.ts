/**
 * Loaders of plain matrices of halves for products on subgroup matrices (product.ts), written for the row operand: eight
 * neighbours at a time along whichever direction is contiguous in memory, or gathered one by one.
 */
import { batchFunction, type MatrixOperand } from '../gemm/problem.js';
import { constants } from '../wgsl.js';
import { asColumns, type MatrixLoader } from './product.js';
import { wholeVectors } from './tile.js';

/** Depth is contiguous: eight depths of a row. */
const DEPTH_VECTORS = /* wgsl */ `
struct RowState { at: u32 }

fn row_setup(row: u32, batch: u32) -> RowState {
  return RowState((row_batch(batch) + min(row, ROW_LIMIT - 1u) * ROW_STRIDE) / 8u);
}

fn row_load(state: RowState, step: u32, k: u32, batch: u32) -> vec4<u32> {
  if (RAGGED && k >= DEPTH) { return vec4<u32>(); }
  return row_data[state.at + k / 8u];
}
`;

/** Rows are contiguous: eight rows at a depth. */
const ROW_VECTORS = /* wgsl */ `
struct RowState { at: u32 }

fn row_setup(row: u32, batch: u32) -> RowState {
  return RowState((row_batch(batch) + min(row, ROW_LIMIT - 8u)) / 8u);
}

fn row_load(state: RowState, step: u32, k: u32, batch: u32) -> vec4<u32> {
  if (RAGGED && k >= DEPTH) { return vec4<u32>(); }
  return row_data[state.at + k * (ROW_DEPTH_STRIDE / 8u)];
}
`;

/** Any strides, but neighbouring depths are neighbours in memory if anything is. */
const DEPTH_SCALARS = /* wgsl */ `
struct RowState { at: u32 }

fn row_setup(row: u32, batch: u32) -> RowState {
  return RowState(row_batch(batch) + min(row, ROW_LIMIT - 1u) * ROW_STRIDE);
}

fn row_half(state: RowState, k: u32) -> f16 {
  if (k >= DEPTH) { return f16(); }
  return row_data[state.at + k * ROW_DEPTH_STRIDE];
}

fn row_pair(state: RowState, k: u32) -> u32 {
  return bitcast<u32>(vec2<f16>(row_half(state, k), row_half(state, k + 1u)));
}

fn row_load(state: RowState, step: u32, k: u32, batch: u32) -> vec4<u32> {
  return vec4<u32>(
    row_pair(state, k),
    row_pair(state, k + 2u),
    row_pair(state, k + 4u),
    row_pair(state, k + 6u),
  );
}
`;

/** Any strides, but neighbouring rows are neighbours in memory. */
const ROW_SCALARS = /* wgsl */ `
struct RowState { first: u32, at: u32 }

fn row_setup(row: u32, batch: u32) -> RowState { return RowState(row, row_batch(batch)); }

fn row_pair(state: RowState, i: u32, k: u32) -> u32 {
  let rows = min(state.first + vec2<u32>(i, i + 1u), vec2<u32>(ROW_LIMIT - 1u));
  let at = state.at + rows * ROW_STRIDE + k * ROW_DEPTH_STRIDE;
  return bitcast<u32>(vec2<f16>(row_data[at.x], row_data[at.y]));
}

fn row_load(state: RowState, step: u32, k: u32, batch: u32) -> vec4<u32> {
  if (RAGGED && k >= DEPTH) { return vec4<u32>(); }
  return vec4<u32>(
    row_pair(state, 0u, k),
    row_pair(state, 2u, k),
    row_pair(state, 4u, k),
    row_pair(state, 6u, k),
  );
}
`;

/** An operand's loader, and what goes in front of it. */
export interface PlainLoader extends MatrixLoader {
  readonly declarations: string;
}

/**
 * The loader of rows x depth.
 * @param batch the batch dims of the product
 */
export function matrixRowLoader(
  a: MatrixOperand,
  rows: number,
  depth: number,
  batch: readonly number[],
): PlainLoader {
  const declarations =
    constants({ ROW_LIMIT: rows, ROW_STRIDE: a.rowStride, ROW_DEPTH_STRIDE: a.colStride }) +
    batchFunction('row_batch', a, batch);
  const aligned = wholeVectors(a.offset, ...a.batchStrides);
  if (a.colStride === 1 && aligned && wholeVectors(depth, a.rowStride)) {
    return { text: DEPTH_VECTORS, element: 'vec4<u32>', alongDepth: true, declarations };
  }
  if (a.rowStride === 1 && aligned && wholeVectors(rows, a.colStride)) {
    return { text: ROW_VECTORS, element: 'vec4<u32>', alongDepth: false, declarations };
  }
  return a.rowStride === 1
    ? { text: ROW_SCALARS, element: 'f16', alongDepth: false, declarations }
    : { text: DEPTH_SCALARS, element: 'f16', alongDepth: true, declarations };
}

/** The loader of depth x cols. */
export function matrixColLoader(
  b: MatrixOperand,
  depth: number,
  cols: number,
  batch: readonly number[],
): PlainLoader {
  const flipped = { ...b, rowStride: b.colStride, colStride: b.rowStride };
  const loader = matrixRowLoader(flipped, cols, depth, batch);
  return {
    ...asColumns(loader),
    declarations: loader.declarations.replaceAll('ROW_', 'COL_').replaceAll('row_', 'col_'),
  };
}
