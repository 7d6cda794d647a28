/**
 * Splitting the depth of a tiled product (split-K) where its output has too few tiles to fill the device: every part
 * writes partial sums to scratch memory, and a second kernel adds them and does what `store` does.
 */
import type { KernelSource } from '../../devices/gpu.js';
import { constants, foldedGrid } from '../wgsl.js';
import type { Product } from './tile.js';

const WORKGROUP = 128;

/** Bytes of the partial sums, always f32: rows of whole vec4, by batch, by part. */
export function partialBytes({ rows, cols, batches }: Product, parts: number): number {
  return parts * batches * rows * Math.ceil(cols / 4) * 16;
}

/** The `store` of a product in parts; `batch` counts the batches of all parts. */
export const STORE_PARTIAL = /* wgsl */ `
fn store(batch: u32, row: u32, col: u32, v: vec4<f32>) {
  if (row >= ROWS || col >= COLS) { return; }
  partial[(batch * ROWS + row) * ((COLS + 3u) / 4u) + col / 4u] = v;
}
`;

// Neighbouring invocations take neighbouring vectors of a row: coalesced in the partial sums.
const REDUCE = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i >= VECTORS) { return; }
  var sum = partial[i];
  for (var part = 1u; part < PARTS; part++) { sum += partial[part * VECTORS + i]; }
  let col = i % ((COLS + 3u) / 4u) * 4u;
  let rest = i / ((COLS + 3u) / 4u);
  store(rest / ROWS, rest % ROWS, col, sum);
}
`;

/** The kernel that adds the parts, but for its text's declarations. */
export function reduceText(
  { rows, cols, batches }: Product,
  parts: number,
  maxGrid: number,
): { constants: string; body: string } & Pick<KernelSource, 'workgroup' | 'grid'> {
  const vectors = batches * rows * Math.ceil(cols / 4);
  const { grid, gridX } = foldedGrid(Math.ceil(vectors / WORKGROUP), maxGrid);
  return {
    constants: constants({
      WORKGROUP,
      GRID_X: gridX,
      ROWS: rows,
      COLS: cols,
      VECTORS: vectors,
      PARTS: parts,
    }),
    body: REDUCE,
    workgroup: [WORKGROUP, 1, 1],
    grid,
  };
}
