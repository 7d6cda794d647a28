/** Tiles of products on subgroup matrices: how much a workgroup, and each of its subgroups, computes. */
import type { GpuLimits } from '../../devices/gpu.js';

/** Rows, columns and depth of one subgroup matrix. */
export const MATRIX = 16;

/** Invocations of a subgroup, which the feature `subgroup-matrix` promises. */
export const SUBGROUP = 32;

/** Elements of f16 that one load or store of 16 bytes takes. */
export const HALVES = 8;

/** A workgroup's share of a product. */
export interface MatrixTile {
  readonly rows: number;
  readonly cols: number;
  /** Depth of one step. */
  readonly depth: number;
  /** Subgroups along the rows and along the columns, each with an equal share. */
  readonly rowGroups: number;
  readonly colGroups: number;
}

/** A tile, and its estimated share of the best tile's rate at full occupancy: orders the candidates, and nothing more. */
export interface RatedTile extends MatrixTile {
  readonly efficiency: number;
}

/** Tiles in use, best first. Any other that `matrixTileRefusal` lets pass is right too. */
export const MATRIX_TILES: readonly RatedTile[] = [
  { rows: 128, cols: 128, depth: 32, rowGroups: 2, colGroups: 2, efficiency: 1 },
  { rows: 128, cols: 256, depth: 32, rowGroups: 2, colGroups: 4, efficiency: 0.95 },
  { rows: 256, cols: 128, depth: 32, rowGroups: 4, colGroups: 2, efficiency: 0.95 },
  { rows: 128, cols: 64, depth: 32, rowGroups: 2, colGroups: 2, efficiency: 0.75 },
  { rows: 64, cols: 128, depth: 32, rowGroups: 2, colGroups: 2, efficiency: 0.75 },
  { rows: 64, cols: 64, depth: 64, rowGroups: 2, colGroups: 2, efficiency: 0.6 },
  { rows: 64, cols: 64, depth: 32, rowGroups: 2, colGroups: 2, efficiency: 0.55 },
  { rows: 128, cols: 32, depth: 32, rowGroups: 4, colGroups: 1, efficiency: 0.45 },
  { rows: 32, cols: 128, depth: 32, rowGroups: 1, colGroups: 4, efficiency: 0.45 },
  { rows: 64, cols: 32, depth: 64, rowGroups: 2, colGroups: 2, efficiency: 0.4 },
  { rows: 32, cols: 64, depth: 64, rowGroups: 2, colGroups: 2, efficiency: 0.4 },
  { rows: 32, cols: 32, depth: 64, rowGroups: 2, colGroups: 2, efficiency: 0.25 },
  { rows: 16, cols: 64, depth: 64, rowGroups: 1, colGroups: 4, efficiency: 0.2 },
  { rows: 64, cols: 16, depth: 64, rowGroups: 4, colGroups: 1, efficiency: 0.2 },
];

/** Invocations per workgroup. */
export function matrixTileThreads({ rowGroups, colGroups }: MatrixTile): number {
  return rowGroups * colGroups * SUBGROUP;
}

/** Matrices of sums that a subgroup keeps, along the rows and along the columns. */
export function matricesOf({ rows, cols, rowGroups, colGroups }: MatrixTile): [number, number] {
  return [rows / rowGroups / MATRIX, cols / colGroups / MATRIX];
}

/**
 * Vectors of 16 bytes from line to line of a staged operand. The vector of padding makes the pitch odd, so that the
 * sixteen lines of a matrix begin at different banks of workgroup memory.
 */
export function stagedPitch(line: number): number {
  return line / HALVES + 1;
}

/**
 * Vectors of four sums from row to row of a strip. With two vectors of padding the eight rows that a subgroup
 * stores at once (two sums per invocation) meet different banks.
 */
export function stripPitch(tile: MatrixTile): number {
  return matricesOf(tile)[1] * (MATRIX / 4) + 2;
}

/** How an operand is staged: lines along the depth, one per row (column), or lines along rows (columns), one per depth. */
export interface Staging {
  readonly rowsAlongDepth: boolean;
  readonly colsAlongDepth: boolean;
}

/** Vectors of 16 bytes that a staged operand takes. */
export function stagedVectors(extent: number, depth: number, alongDepth: boolean): number {
  return alongDepth ? extent * stagedPitch(depth) : depth * stagedPitch(extent);
}

/** Vectors of 16 bytes of workgroup memory: both operands, and after them in the same place the strips of sums. */
export function matrixTileVectors(tile: MatrixTile, { rowsAlongDepth, colsAlongDepth }: Staging): number {
  const staged =
    stagedVectors(tile.rows, tile.depth, rowsAlongDepth) +
    stagedVectors(tile.cols, tile.depth, colsAlongDepth);
  const strips = tile.rowGroups * tile.colGroups * MATRIX * stripPitch(tile);
  return Math.max(staged, strips);
}

/** Most matrices of sums per subgroup: they fill half of the 255 registers of an NVIDIA GPU's invocation. */
const MOST_MATRICES = 16;

/** Why a tile cannot be used on a device, or undefined. */
export function matrixTileRefusal(tile: MatrixTile, staging: Staging, limits: GpuLimits): string | undefined {
  const threads = matrixTileThreads(tile);
  const [rowMatrices, colMatrices] = matricesOf(tile);
  const vectors = [tile.rows, tile.cols].map((extent) => (extent * tile.depth) / HALVES / threads);
  const rowLine = staging.rowsAlongDepth ? tile.depth : tile.rows;
  const colLine = staging.colsAlongDepth ? tile.depth : tile.cols;
  const lines = [rowLine, colLine].map((line) => threads / (line / HALVES));
  const whole = [rowMatrices, colMatrices, tile.depth / MATRIX, ...vectors, ...lines].every(Number.isInteger);
  if (!whole) return 'the tile does not divide into matrices and loads of its invocations';
  if (rowMatrices * colMatrices > MOST_MATRICES) return 'the sums do not fit into registers';
  if (threads > limits.maxInvocations || threads > limits.maxWorkgroupSize[0]) {
    return `the tile needs ${threads} invocations per workgroup`;
  }
  const bytes = 16 * matrixTileVectors(tile, staging);
  return bytes > limits.maxWorkgroupBytes ? `the tile needs ${bytes} bytes of workgroup memory` : undefined;
}

/** A tile's part of a kernel id. */
export function matrixTileTag({ rows, cols, depth, rowGroups, colGroups }: MatrixTile): string {
  return `t${rows}x${cols}x${depth}g${rowGroups}x${colGroups}`;
}

/** Whether sizes and steps in elements are whole vectors of eight halves. */
export function wholeVectors(...counts: readonly number[]): boolean {
  return counts.every((count) => count % HALVES === 0);
}
