/**
 * Matrix products on subgroup matrices (tensor cores), for plain matrices and implicit-GEMM convolutions in f16 with
 * f32 sums: Y = R * C, R being rows x depth and C depth x columns.
 *
 * Method: the hierarchy of CUTLASS's and cuBLAS's tensor-core GEMM. A workgroup makes a tile of Y and walks the depth in
 * steps; a step's pieces of R and C go through registers into workgroup memory, eight halves per access, the loads of
 * the next step being under way while this one is multiplied; each subgroup multiplies 16x16x16 matrices of it.
 * An operand is staged as it lies in memory, by lines along the depth or along rows (columns): matrices are loaded
 * from either, so that nothing is transposed.
 *
 * A loader moves eight neighbours: of the depth, for one row, or of rows, for one depth. What it declares:
 * `RowState`, `row_setup(row, batch) -> RowState` for a row (or the first of eight), and
 * `row_load(state, step, k, batch) -> vec4<u32>` for a depth (or the first of eight), `step` being where the step begins;
 * the same with `col`. Beyond DEPTH it returns zeros, beyond its rows anything.
 * `store(batch, row, col, v)` takes four neighbouring columns of a row, `store_eight(batch, row, col, a, b)` eight; they leave
 * out what is beyond ROWS and COLS.
 */
import type { KernelBinding, KernelFeature, WgslKernel } from '../../devices/gpu.js';
import { partDepth } from '../gemm/split.js';
import type { Product } from '../gemm/tile.js';
import { PLACE_TEXT } from '../gemm/tiled-product.js';
import { bindings, constants, foldedGrid, kernelText } from '../wgsl.js';
import type { MatrixEnding } from './ending.js';
import { mainText } from './text.js';
import {
  matricesOf,
  MATRIX,
  matrixTileThreads,
  matrixTileVectors,
  stagedPitch,
  stagedVectors,
  stripPitch,
  type MatrixTile,
  type Staging,
} from './tile.js';

/** How an operand is loaded. */
export interface MatrixLoader {
  /** Whether the eight neighbours of a load lie along the depth. */
  readonly alongDepth: boolean;
  /** `row_setup` and `row_load`, or the same with `col`. */
  readonly text: string;
  /** The binding's element. */
  readonly element: string;
}

/** What a kernel of a product is made of. */
export interface MatrixProduct extends Product {
  readonly id: string;
  readonly tile: MatrixTile;
  /** Parts that the depth is split into, each making partial sums; 1 for the plain kernel. */
  readonly parts: number;
  readonly rowLoader: MatrixLoader;
  readonly colLoader: MatrixLoader;
  /** The operands' bindings, in front of the ending's. */
  readonly bindings: readonly (KernelBinding & { readonly element: string })[];
  /** Declarations behind the bindings: what loaders and the ending need. */
  readonly declarations: string;
  readonly ending: MatrixEnding;
  readonly maxGrid: number;
  /** The op's own figures. */
  readonly flops: number;
  readonly bytes: number;
}

const FEATURES: readonly KernelFeature[] = ['f16', 'subgroups', 'subgroup-matrix'];

/** The rules on uniform control flow are kept, but for what the compiler cannot see: subgroups of whole workgroups. */
const ENABLE = /* wgsl */ `enable subgroups;
enable chromium_experimental_subgroup_matrix;
diagnostic(off, chromium.subgroup_matrix_uniformity);
alias Left = subgroup_matrix_left<f16, 16, 16>;
alias Right = subgroup_matrix_right<f16, 16, 16>;
alias Sums = subgroup_matrix_result<f32, 16, 16>;
`;

const STAGED_TEXT = /* wgsl */ `
// Pieces of both operands, eight halves per vector; after the last step strips of sums, four per vector.
var<workgroup> staged: array<vec4<u32>, STAGED_VECTORS>;

`;

/** A subgroup's strip of sixteen rows: neighbouring invocations take neighbouring vectors of a row. */
const STORE_FOURS = /* wgsl */ `
fn store_strip(place: Place, sub_row: u32, sub_col: u32, t: u32) {
  let strip = t / 32u * 16u * STRIP_PITCH;
  let batch = place.batch + place.part * BATCHES;
  for (var i = t % 32u; i < 4u * SUB_COLS; i += 32u) {
    let row = i / (SUB_COLS / 4u);
    let col = i % (SUB_COLS / 4u);
    let sums = bitcast<vec4<f32>>(staged[strip + row * STRIP_PITCH + col]);
    store(batch, place.row + sub_row + row, place.col + sub_col + 4u * col, sums);
  }
}
`;

const STORE_EIGHTS = /* wgsl */ `
fn store_strip(place: Place, sub_row: u32, sub_col: u32, t: u32) {
  let strip = t / 32u * 16u * STRIP_PITCH;
  for (var i = t % 32u; i < 2u * SUB_COLS; i += 32u) {
    let row = i / (SUB_COLS / 8u);
    let col = i % (SUB_COLS / 8u);
    let at = strip + row * STRIP_PITCH + 2u * col;
    let sums = bitcast<vec4<f32>>(staged[at]);
    let more = bitcast<vec4<f32>>(staged[at + 1u]);
    store_eight(place.batch, place.row + sub_row + row, place.col + sub_col + 8u * col, sums, more);
  }
}
`;

/** The kernel of a product. */
export function matrixProductKernel(product: MatrixProduct): WgslKernel {
  const { id, tile, rowLoader, colLoader, ending, flops, bytes } = product;
  const list = [...product.bindings, ...ending.bindings];
  const staging = { rowsAlongDepth: rowLoader.alongDepth, colsAlongDepth: colLoader.alongDepth };
  const threads = matrixTileThreads(tile);
  const groups =
    Math.ceil(product.rows / tile.rows) *
    Math.ceil(product.cols / tile.cols) *
    product.batches *
    product.parts;
  const { grid, gridX } = foldedGrid(groups, product.maxGrid);
  return {
    id,
    wgsl: kernelText(
      ['f16'],
      [
        ENABLE,
        productConstants(product, staging),
        constants({ THREADS: threads, GROUPS: groups, GRID_X: gridX }),
        ending.aliases,
        bindings(list),
      ],
      [
        product.declarations,
        ending.declarations,
        ending.text,
        rowLoader.text,
        colLoader.text,
        PLACE_TEXT + STAGED_TEXT,
        ending.eights ? STORE_EIGHTS : STORE_FOURS,
        mainText(tile, staging),
      ].join(''),
    ),
    bindings: list.map(({ name, access }) => ({ name, access })),
    workgroup: [threads, 1, 1],
    grid,
    features: FEATURES,
    workgroupBytes: 16 * matrixTileVectors(tile, staging),
    flops,
    bytes,
  };
}

function productConstants({ tile, parts, ...product }: MatrixProduct, staging: Staging): string {
  const { rows, cols, depth, batches } = product;
  const { rowsAlongDepth, colsAlongDepth } = staging;
  const [rowTiles, colTiles] = [Math.ceil(rows / tile.rows), Math.ceil(cols / tile.cols)];
  const ownDepth = partDepth(depth, tile.depth, parts);
  const [rowMatrices, colMatrices] = matricesOf(tile);
  return constants({
    ROWS: rows,
    COLS: cols,
    DEPTH: depth,
    BATCHES: batches,
    TILE_ROWS: tile.rows,
    TILE_COLS: tile.cols,
    TILE_DEPTH: tile.depth,
    ROW_TILES: rowTiles,
    COL_TILES: colTiles,
    // Workgroups that run together share what is along the shorter side: it then stays in the cache.
    ROWS_FIRST: rowTiles < colTiles,
    PART_DEPTH: ownDepth,
    // Whether the last step reaches beyond the depth.
    RAGGED: depth % tile.depth !== 0,
    SUB_ROWS: rowMatrices * MATRIX,
    SUB_COLS: colMatrices * MATRIX,
    COL_SUBGROUPS: tile.colGroups,
    ROW_PITCH: stagedPitch(rowsAlongDepth ? tile.depth : tile.rows),
    COL_PITCH: stagedPitch(colsAlongDepth ? tile.depth : tile.cols),
    COL_BASE: stagedVectors(tile.rows, tile.depth, rowsAlongDepth),
    STAGED_VECTORS: matrixTileVectors(tile, staging),
    STRIP_PITCH: stripPitch(tile),
  });
}

/** A column operand's loader out of one that is written for rows. */
export function asColumns(loader: MatrixLoader): MatrixLoader {
  const text = loader.text
    .replaceAll('row_', 'col_')
    .replaceAll('RowState', 'ColState')
    .replaceAll('ROW_', 'COL_');
  return { ...loader, text };
}
