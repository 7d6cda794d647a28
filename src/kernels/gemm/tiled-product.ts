/**
 * The tiled matrix product that matrix products and implicit-GEMM convolutions share: Y = R * C, where R is rows x depth
 * and C is depth x cols. What R and C are is up to the loaders that are put in front of the text here.
 *
 * Method: the classic register-blocked SGEMM (Volkov and Demmel, SC 2008; CUTLASS's SIMT kernels). A workgroup makes a
 * tile of Y and walks the depth in steps; each step's pieces of R and C go through registers into workgroup memory, the
 * loads of the next step being under way while this one is multiplied. Each invocation keeps a block of sums (8x8, say)
 * as groups of four neighbouring rows by four neighbouring columns, the groups lying far apart, so that its reads of
 * workgroup memory are vectors without bank conflicts.
 *
 * A loader moves blocks of four rows (or columns) by four depths: four vec4 loads, along whichever of the two is
 * contiguous in memory, transposed in registers if that is the depth. The names that it has to declare:
 * `RowState`, `row_setup(first, batch) -> RowState`, `row_load(state, k, batch) -> Block`, and the same with `col`.
 * Blocks are made of `Packed`, vectors of `Stored`: see `blockTypes`. Beyond DEPTH a loader returns zeros; beyond ROWS
 * and COLS anything. `store(batch, row, col, v)` takes four neighbouring columns of a row and leaves out what is beyond
 * ROWS and COLS.
 */
import type { GpuType } from '../../devices/gpu.js';
import { alias, constants, foldedGrid } from '../wgsl.js';
import { partDepth } from './split.js';
import { tileBytes, tileThreads, type Product, type Tile } from './tile.js';
import { mainText } from './tile-text.js';

export interface TiledConfig extends Product {
  readonly tile: Tile;
  /** Parts that the depth is split into, each making partial sums (split.ts); 1 for the plain kernel. */
  readonly parts: number;
  /** Whether neighbouring invocations of the row (column) loader load neighbouring depths. */
  readonly rowDepthFastest: boolean;
  readonly colDepthFastest: boolean;
  /** Whether `begin(batch, row, col)` is declared, with which sums then begin; for one part only. False when left out. */
  readonly begins?: boolean;
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
  const {
    tile,
    rows,
    cols,
    depth,
    batches,
    parts,
    rowDepthFastest,
    colDepthFastest,
    begins = false,
  } = config;
  const threads = tileThreads(tile);
  const [rowTiles, colTiles] = [Math.ceil(rows / tile.rows), Math.ceil(cols / tile.cols)];
  const groups = rowTiles * colTiles * batches * parts;
  const { grid, gridX } = foldedGrid(groups, config.maxGrid);
  const xThreads = tile.cols / tile.microCols;
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
      PART_DEPTH: partDepth(depth, tile.depth, parts),
      ROW_PITCH: tile.rows / 4,
      COL_PITCH: tile.cols / 4,
      X_THREADS: xThreads,
      Y_THREADS: tile.rows / tile.microRows,
      // 32 invocations in step cover 8 by 4 blocks of sums: fewer distinct words of workgroup memory than 16 by 2.
      X_LANES: Math.min(8, xThreads),
      // Transposed blocks are stored with neighbouring depths in different banks: every four depths' vectors are
      // exchanged within groups of eight.
      ROW_SWIZZLE: rowDepthFastest ? 32 / tile.depth : 0,
      COL_SWIZZLE: colDepthFastest ? 32 / tile.depth : 0,
    }),
    body: PLACE_TEXT + TILES_TEXT + mainText({ tile, threads, rowDepthFastest, colDepthFastest, begins }),
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

/** Which tile, product and part of the depth a workgroup has; on subgroup matrices too. */
export const PLACE_TEXT = /* wgsl */ `
struct Place { row: u32, col: u32, batch: u32, part: u32 }

fn place_of(group: u32) -> Place {
  let slot = group / (ROW_TILES * COL_TILES);
  let tile = group % (ROW_TILES * COL_TILES);
  let row_tile = select(tile / COL_TILES, tile % ROW_TILES, ROWS_FIRST);
  let col_tile = select(tile % COL_TILES, tile / ROW_TILES, ROWS_FIRST);
  return Place(row_tile * TILE_ROWS, col_tile * TILE_COLS, slot % BATCHES, slot / BATCHES);
}
`;

const TILES_TEXT = /* wgsl */ `
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
