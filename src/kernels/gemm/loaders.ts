/**
 * Loaders of plain matrices for the tiled product (tiled-product.ts): one text per direction of contiguous memory, written for the
 * row operand; the column operand's is the same with its names.
 */
import { vectorAlong, type MatrixOperand } from './problem.js';

export interface Loader {
  readonly text: string;
  /** The binding's element: `f32` or `vec4<f32>`. */
  readonly element: string;
  readonly depthFastest: boolean;
}

/** Depth is contiguous: four vec4 along the depth, one per row, transposed. */
const DEPTH_VECTORS = /* wgsl */ `
struct RowState { at: vec4<u32> }

fn row_setup(first: u32, batch: u32) -> RowState {
  let rows = min(first + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(ROWS - 1u));
  return RowState((row_batch(batch) + rows * ROW_STRIDE) / 4u);
}

fn row_load(state: RowState, k: u32, batch: u32) -> Block {
  if (k >= DEPTH) { return Block(); }
  let at = state.at + k / 4u;
  return transposed(
    Packed(row_data[at.x]),
    Packed(row_data[at.y]),
    Packed(row_data[at.z]),
    Packed(row_data[at.w]),
  );
}
`;

/** Rows are contiguous: four vec4 along the rows, one per depth. */
const ROW_VECTORS = /* wgsl */ `
struct RowState { at: u32 }

fn row_setup(first: u32, batch: u32) -> RowState {
  return RowState((row_batch(batch) + min(first, ROWS - 4u)) / 4u);
}

fn row_vector(state: RowState, k: u32) -> Packed {
  if (k >= DEPTH) { return Packed(); }
  return Packed(row_data[state.at + k * (ROW_DEPTH_STRIDE / 4u)]);
}

fn row_load(state: RowState, k: u32, batch: u32) -> Block {
  return Block(
    row_vector(state, k),
    row_vector(state, k + 1u),
    row_vector(state, k + 2u),
    row_vector(state, k + 3u),
  );
}
`;

/** Any strides: sixteen scalar loads. */
const SCALARS = /* wgsl */ `
struct RowState { at: vec4<u32> }

fn row_setup(first: u32, batch: u32) -> RowState {
  let rows = min(first + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(ROWS - 1u));
  return RowState(row_batch(batch) + rows * ROW_STRIDE);
}

fn row_vector(state: RowState, k: u32) -> Packed {
  if (k >= DEPTH) { return Packed(); }
  let at = state.at + k * ROW_DEPTH_STRIDE;
  return Packed(
    Stored(row_data[at.x]),
    Stored(row_data[at.y]),
    Stored(row_data[at.z]),
    Stored(row_data[at.w]),
  );
}

fn row_load(state: RowState, k: u32, batch: u32) -> Block {
  return Block(
    row_vector(state, k),
    row_vector(state, k + 1u),
    row_vector(state, k + 2u),
    row_vector(state, k + 3u),
  );
}
`;

/** The loader of `a`: rows by depth. */
export function rowLoader(a: MatrixOperand, rows: number, depth: number): Loader {
  const extents = { rows, cols: depth };
  if (vectorAlong('cols', a, extents)) {
    return { text: DEPTH_VECTORS, element: `vec4<${a.type}>`, depthFastest: true };
  }
  if (vectorAlong('rows', a, extents)) {
    return { text: ROW_VECTORS, element: `vec4<${a.type}>`, depthFastest: false };
  }
  return { text: SCALARS, element: a.type, depthFastest: a.colStride === 1 };
}

/** The loader of `b`: depth by columns. */
export function colLoader(b: MatrixOperand, depth: number, cols: number): Loader {
  const flipped = { ...b, rowStride: b.colStride, colStride: b.rowStride };
  const loader = rowLoader(flipped, cols, depth);
  return {
    ...loader,
    text: loader.text.replaceAll('row', 'col').replaceAll('Row', 'Col').replaceAll('ROW', 'COL'),
  };
}
