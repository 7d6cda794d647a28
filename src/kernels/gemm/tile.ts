/**
 * The tiled matrix product that matrix products and implicit-GEMM convolutions share: Y = R * C, where R is rows x depth
 * and C is depth x cols. What R and C are is up to the loaders that are put in front of the text here.
 *
 * Method: the classic register-blocked SGEMM (Volkov and Demmel, SC 2008; CUTLASS's SIMT kernels). A workgroup makes a
 * tile of Y and walks the depth in steps; each step's pieces of R and C go through registers into workgroup memory, the
 * loads of the next step being under way while this one is multiplied. Each invocation keeps a block of
 * 8x8 (or 4x4) sums, as two (one) groups of four neighbouring rows by two (one) groups of four neighbouring columns,
 * so that its reads of workgroup memory are vectors without bank conflicts.
 *
 * A loader moves blocks of four rows (or columns) by four depths: four vec4 loads, along whichever of the two is
 * contiguous in memory, transposed in registers if that is the depth. The names that it has to declare:
 * `RowState`, `row_setup(first, batch) -> RowState`, `row_load(state, k, batch) -> Block`, and the same with `col`.
 * Blocks are made of `Packed`, vectors of `Stored`: see `blockTypes`. Beyond DEPTH a loader returns zeros; beyond ROWS and COLS anything. `store(batch, row, col, v)` takes four
 * neighbouring columns of a row and leaves out what is beyond ROWS and COLS.
 */
import type { GpuLimits, GpuType } from '../../devices/gpu.js';
import { alias, constants, foldedGrid } from '../wgsl.js';

/** A workgroup's share of a product. */
export interface Tile {
  readonly rows: number;
  readonly cols: number;
  /** Depth of one step. */
  readonly depth: number;
  /** Each invocation computes micro x micro sums. */
  readonly micro: 4 | 8;
  /**
   * Estimated share of the device's arithmetic rate that full occupancy reaches: orders the candidates, and nothing
   * more, for measuring decides.
   */
  readonly efficiency: number;
}

/** Tiles in use, largest first. Any other that `tileRefusal` lets pass is right too. */
export const TILES: readonly Tile[] = [
  { rows: 128, cols: 128, depth: 16, micro: 8, efficiency: 1 },
  { rows: 128, cols: 64, depth: 16, micro: 8, efficiency: 0.9 },
  { rows: 64, cols: 128, depth: 16, micro: 8, efficiency: 0.9 },
  { rows: 64, cols: 64, depth: 16, micro: 8, efficiency: 0.8 },
  { rows: 128, cols: 32, depth: 8, micro: 8, efficiency: 0.7 },
  { rows: 32, cols: 128, depth: 8, micro: 8, efficiency: 0.7 },
  { rows: 64, cols: 64, depth: 32, micro: 4, efficiency: 0.55 },
  { rows: 32, cols: 32, depth: 16, micro: 4, efficiency: 0.4 },
];

/** Invocations per workgroup. */
export function tileThreads({ rows, cols, micro }: Tile): number {
  return (rows * cols) / micro ** 2;
}

/** Bytes of workgroup memory. */
export function tileBytes({ rows, cols, depth }: Tile): number {
  return depth * (rows / 4 + 1 + cols / 4 + 1) * 16;
}

/** Why a tile cannot be used on a device, or undefined. */
export function tileRefusal(tile: Tile, limits: GpuLimits): string | undefined {
  const threads = tileThreads(tile);
  if (threads > limits.maxInvocations || threads > limits.maxWorkgroupSize[0]) {
    return `the tile needs ${threads} invocations per workgroup`;
  }
  if (tileBytes(tile) > limits.maxWorkgroupBytes)
    return `the tile needs ${tileBytes(tile)} bytes of workgroup memory`;
  const blocks = Math.max(tile.rows, tile.cols) * (tile.depth / 16);
  if (blocks > threads) return 'a step of the tile is more than its invocations load at once';
  const whole = [tile.rows / tile.micro, tile.cols / tile.micro, tile.depth / 4].every(Number.isInteger);
  return whole ? undefined : 'the tile does not divide into blocks';
}

/** A tile's part of a kernel id. */
export function tileTag({ rows, cols, depth, micro }: Tile): string {
  return `t${rows}x${cols}x${depth}r${micro}`;
}

/** Sizes of a tiled product. */
export interface Product {
  readonly rows: number;
  readonly cols: number;
  readonly depth: number;
  /** Independent products, numbered by `batch`. */
  readonly batches: number;
}

export interface TiledConfig extends Product {
  readonly tile: Tile;
  /** Parts that the depth is split into, each making partial sums; see `partialSums`. 1 for the plain kernel. */
  readonly parts: number;
  /** Whether neighbouring invocations of the row (column) loader load neighbouring depths. */
  readonly rowDepthFastest: boolean;
  readonly colDepthFastest: boolean;
  readonly maxGrid: number;
}

/** The pieces that a kernel puts together: constants, then its own declarations, then `main`. */
export interface TiledText {
  readonly constants: string;
  readonly body: string;
  readonly workgroup: readonly [number, number, number];
  readonly grid: readonly [number, number, number];
  readonly workgroupBytes: number;
}

/** The tiled product of a config. */
export function tiledProduct(config: TiledConfig): TiledText {
  const { tile, rows, cols, depth, batches, parts } = config;
  const threads = tileThreads(tile);
  const [rowTiles, colTiles] = [Math.ceil(rows / tile.rows), Math.ceil(cols / tile.cols)];
  const rowBlocks = (tile.rows * tile.depth) / 16;
  const colBlocks = (tile.cols * tile.depth) / 16;
  const groups = rowTiles * colTiles * batches * parts;
  const { grid, gridX } = foldedGrid(groups, config.maxGrid);
  const xThreads = tile.cols / tile.micro;
  const steps = Math.ceil(depth / tile.depth / parts);
  return {
    constants: constants({
      ROWS: rows,
      COLS: cols,
      DEPTH: depth,
      BATCHES: batches,
      TILE_ROWS: tile.rows,
      TILE_COLS: tile.cols,
      TILE_DEPTH: tile.depth,
      THREADS: threads,
      GRID_X: gridX,
      GROUPS: groups,
      ROW_TILES: rowTiles,
      COL_TILES: colTiles,
      // Workgroups that run together share what is along the shorter side: it then stays in the cache.
      ROWS_FIRST: rowTiles < colTiles,
      PART_DEPTH: steps * tile.depth,
      ROW_BLOCKS: rowBlocks,
      COL_BLOCKS: colBlocks,
      // One block per invocation, of rows or of columns, where that suffices; else one of each.
      ONE_BLOCK: rowBlocks + colBlocks <= threads,
      FIRST_COL_BLOCK: rowBlocks + colBlocks <= threads ? rowBlocks : 0,
      ROW_DEPTH_FASTEST: config.rowDepthFastest,
      COL_DEPTH_FASTEST: config.colDepthFastest,
      // A column of padding where transposed blocks are stored: their stores then meet fewer banks twice.
      ROW_PITCH: tile.rows / 4 + (config.rowDepthFastest ? 1 : 0),
      COL_PITCH: tile.cols / 4 + (config.colDepthFastest ? 1 : 0),
      X_THREADS: xThreads,
      Y_THREADS: tile.rows / tile.micro,
      // 32 invocations in step cover 8 by 4 blocks of sums: fewer distinct words of workgroup memory than 16 by 2.
      X_LANES: Math.min(8, xThreads),
    }),
    body: COMMON + (tile.micro === 8 ? MAIN8 : MAIN4),
    workgroup: [threads, 1, 1],
    grid,
    workgroupBytes: tileBytes(tile),
  };
}

/** The types that blocks are kept in: those of memory, if both operands agree. */
export function blockTypes(row: GpuType, col: GpuType): string {
  const stored = row === 'f16' && col === 'f16' ? 'f16' : 'f32';
  return alias('Stored', stored) + alias('Packed', `vec4<${stored}>`);
}

/** What loaders and both kernels share; goes in front of the loaders. */
export const BLOCK_TEXT = /* wgsl */ `
// Four rows or columns by four depths, one vector per depth; as stored, so that nothing waits for a load to convert it.
struct Block { d0: Packed, d1: Packed, d2: Packed, d3: Packed }

fn transposed(a: Packed, b: Packed, c: Packed, d: Packed) -> Block {
  return Block(
    Packed(a.x, b.x, c.x, d.x),
    Packed(a.y, b.y, c.y, d.y),
    Packed(a.z, b.z, c.z, d.z),
    Packed(a.w, b.w, c.w, d.w),
  );
}
`;

const COMMON = /* wgsl */ `
struct Place { row: u32, col: u32, batch: u32, part: u32 }

fn place_of(group: u32) -> Place {
  let slot = group / (ROW_TILES * COL_TILES);
  let tile = group % (ROW_TILES * COL_TILES);
  let row_tile = select(tile / COL_TILES, tile % ROW_TILES, ROWS_FIRST);
  let col_tile = select(tile % COL_TILES, tile / ROW_TILES, ROWS_FIRST);
  return Place(row_tile * TILE_ROWS, col_tile * TILE_COLS, slot % BATCHES, slot / BATCHES);
}

var<workgroup> row_tile: array<vec4<f32>, TILE_DEPTH * ROW_PITCH>;
var<workgroup> col_tile: array<vec4<f32>, TILE_DEPTH * COL_PITCH>;

fn put_row(block: Block, at: u32) {
  row_tile[at] = vec4<f32>(block.d0);
  row_tile[at + ROW_PITCH] = vec4<f32>(block.d1);
  row_tile[at + 2u * ROW_PITCH] = vec4<f32>(block.d2);
  row_tile[at + 3u * ROW_PITCH] = vec4<f32>(block.d3);
}

fn put_col(block: Block, at: u32) {
  col_tile[at] = vec4<f32>(block.d0);
  col_tile[at + COL_PITCH] = vec4<f32>(block.d1);
  col_tile[at + 2u * COL_PITCH] = vec4<f32>(block.d2);
  col_tile[at + 3u * COL_PITCH] = vec4<f32>(block.d3);
}
`;

const MAIN8 = /* wgsl */ `
@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let group = wid.x + wid.y * GRID_X;
  if (group >= GROUPS) { return; }
  let place = place_of(group);

  let row_block = t;
  let row_four = select(row_block % (TILE_ROWS / 4u), row_block / (TILE_DEPTH / 4u), ROW_DEPTH_FASTEST);
  let row_k = 4u * select(row_block / (TILE_ROWS / 4u), row_block % (TILE_DEPTH / 4u), ROW_DEPTH_FASTEST);
  let row_at = row_k * ROW_PITCH + row_four;
  let row_state = row_setup(place.row + 4u * row_four, place.batch);
  let col_block = t - FIRST_COL_BLOCK;
  let col_four = select(col_block % (TILE_COLS / 4u), col_block / (TILE_DEPTH / 4u), COL_DEPTH_FASTEST);
  let col_k = 4u * select(col_block / (TILE_COLS / 4u), col_block % (TILE_DEPTH / 4u), COL_DEPTH_FASTEST);
  let col_at = col_k * COL_PITCH + col_four;
  let col_state = col_setup(place.col + 4u * col_four, place.batch);

  let x = t / 32u % (X_THREADS / X_LANES) * X_LANES + t % X_LANES;
  let y = t / 32u / (X_THREADS / X_LANES) * (32u / X_LANES) + t % 32u / X_LANES;

  var c00 = vec4<f32>(); var c01 = vec4<f32>();
  var c10 = vec4<f32>(); var c11 = vec4<f32>();
  var c20 = vec4<f32>(); var c21 = vec4<f32>();
  var c30 = vec4<f32>(); var c31 = vec4<f32>();
  var c40 = vec4<f32>(); var c41 = vec4<f32>();
  var c50 = vec4<f32>(); var c51 = vec4<f32>();
  var c60 = vec4<f32>(); var c61 = vec4<f32>();
  var c70 = vec4<f32>(); var c71 = vec4<f32>();

  let first = place.part * PART_DEPTH;
  let end = min(first + PART_DEPTH, DEPTH);
  var next: Block;
  var next_col: Block;
  // One round more than there are steps: a round loads its step, multiplies the one before it, then hands its own over.
  for (var k = first; k < end + TILE_DEPTH; k += TILE_DEPTH) {
    if (k < end) {
      if (t < ROW_BLOCKS) {
        next = row_load(row_state, k + row_k, place.batch);
      } else if (ONE_BLOCK && col_block < COL_BLOCKS) {
        next = col_load(col_state, k + col_k, place.batch);
      }
      if (!ONE_BLOCK && col_block < COL_BLOCKS) { next_col = col_load(col_state, k + col_k, place.batch); }
    }
    if (k > first) {
      for (var i = 0u; i < TILE_DEPTH; i++) {
        let a = row_tile[i * ROW_PITCH + y];
        let b = col_tile[i * COL_PITCH + x];
        let e = row_tile[i * ROW_PITCH + y + Y_THREADS];
        let d = col_tile[i * COL_PITCH + x + X_THREADS];
        c00 += a.x * b; c01 += a.x * d;
        c10 += a.y * b; c11 += a.y * d;
        c20 += a.z * b; c21 += a.z * d;
        c30 += a.w * b; c31 += a.w * d;
        c40 += e.x * b; c41 += e.x * d;
        c50 += e.y * b; c51 += e.y * d;
        c60 += e.z * b; c61 += e.z * d;
        c70 += e.w * b; c71 += e.w * d;
      }
    }
    workgroupBarrier();
    if (k < end) {
      if (t < ROW_BLOCKS) {
        put_row(next, row_at);
      } else if (ONE_BLOCK && col_block < COL_BLOCKS) {
        put_col(next, col_at);
      }
      if (!ONE_BLOCK && col_block < COL_BLOCKS) { put_col(next_col, col_at); }
    }
    workgroupBarrier();
  }

  let row = place.row + 4u * y;
  let col = place.col + 4u * x;
  let batch = place.batch + place.part * BATCHES;
  let sums = array<vec4<f32>, 16>(
    c00, c01, c10, c11, c20, c21, c30, c31, c40, c41, c50, c51, c60, c61, c70, c71,
  );
  for (var i = 0u; i < 16u; i++) {
    store(batch, row + i / 8u * (TILE_ROWS / 2u) + i / 2u % 4u, col + i % 2u * (TILE_COLS / 2u), sums[i]);
  }
}
`;

const MAIN4 = /* wgsl */ `
@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let group = wid.x + wid.y * GRID_X;
  if (group >= GROUPS) { return; }
  let place = place_of(group);

  let row_block = t;
  let row_four = select(row_block % (TILE_ROWS / 4u), row_block / (TILE_DEPTH / 4u), ROW_DEPTH_FASTEST);
  let row_k = 4u * select(row_block / (TILE_ROWS / 4u), row_block % (TILE_DEPTH / 4u), ROW_DEPTH_FASTEST);
  let row_at = row_k * ROW_PITCH + row_four;
  let row_state = row_setup(place.row + 4u * row_four, place.batch);
  let col_block = t - FIRST_COL_BLOCK;
  let col_four = select(col_block % (TILE_COLS / 4u), col_block / (TILE_DEPTH / 4u), COL_DEPTH_FASTEST);
  let col_k = 4u * select(col_block / (TILE_COLS / 4u), col_block % (TILE_DEPTH / 4u), COL_DEPTH_FASTEST);
  let col_at = col_k * COL_PITCH + col_four;
  let col_state = col_setup(place.col + 4u * col_four, place.batch);

  let x = t / 32u % (X_THREADS / X_LANES) * X_LANES + t % X_LANES;
  let y = t / 32u / (X_THREADS / X_LANES) * (32u / X_LANES) + t % 32u / X_LANES;

  var c0 = vec4<f32>();
  var c1 = vec4<f32>();
  var c2 = vec4<f32>();
  var c3 = vec4<f32>();

  let first = place.part * PART_DEPTH;
  let end = min(first + PART_DEPTH, DEPTH);
  var next: Block;
  var next_col: Block;
  // One round more than there are steps: a round loads its step, multiplies the one before it, then hands its own over.
  for (var k = first; k < end + TILE_DEPTH; k += TILE_DEPTH) {
    if (k < end) {
      if (t < ROW_BLOCKS) {
        next = row_load(row_state, k + row_k, place.batch);
      } else if (ONE_BLOCK && col_block < COL_BLOCKS) {
        next = col_load(col_state, k + col_k, place.batch);
      }
      if (!ONE_BLOCK && col_block < COL_BLOCKS) { next_col = col_load(col_state, k + col_k, place.batch); }
    }
    if (k > first) {
      for (var i = 0u; i < TILE_DEPTH; i++) {
        let a = row_tile[i * ROW_PITCH + y];
        let b = col_tile[i * COL_PITCH + x];
        c0 += a.x * b;
        c1 += a.y * b;
        c2 += a.z * b;
        c3 += a.w * b;
      }
    }
    workgroupBarrier();
    if (k < end) {
      if (t < ROW_BLOCKS) {
        put_row(next, row_at);
      } else if (ONE_BLOCK && col_block < COL_BLOCKS) {
        put_col(next, col_at);
      }
      if (!ONE_BLOCK && col_block < COL_BLOCKS) { put_col(next_col, col_at); }
    }
    workgroupBarrier();
  }

  let row = place.row + 4u * y;
  let col = place.col + 4u * x;
  let batch = place.batch + place.part * BATCHES;
  let sums = array<vec4<f32>, 4>(c0, c1, c2, c3);
  for (var i = 0u; i < 4u; i++) { store(batch, row + i, col, sums[i]); }
}
`;
