/**
 * Matrix products on tensor cores in CUDA C++, for plain matrices and implicit-GEMM convolutions: Y = R * C, R being rows x
 * depth and C depth x columns, in f16 or bf16, or in f32 that the tensor cores round to tf32; sums in f32.
 *
 * Method: CUTLASS's multistage product. A block makes a tile of Y and walks the depth in steps; pieces of R and C are copied
 * to shared memory asynchronously, several steps ahead (loaders.ts). Warps take fragments from there by `ldmatrix` and
 * multiply them by `mma`; or warpgroups multiply them where they are by `wgmma`, on compute capability 9.0. At the end
 * the sums pass through shared memory, and leave in whole vectors (ending.ts).
 */
import { WAIT_CALL, WAIT_TEXT } from '../../devices/cuda/dependent-launch.js';
import { GPU_TYPE_BYTES, type CudaKernel, type GpuType } from '../../devices/gpu.js';
import { partDepth } from '../gemm/split.js';
import type { Product } from '../gemm/tile.js';
import { foldedGrid } from '../wgsl.js';
import { elementText, type MmaEnding } from './ending.js';
import { groupInstructionsText, instructionsText, type MmaType } from './instructions.js';
import {
  ACROSS_LINES_TEXT,
  CHUNKS_TEXT,
  constantText,
  DEPTH_LINES_TEXT,
  PIXELS_TEXT,
  type MmaLoader,
} from './loaders.js';
import {
  GROUP_WORK_TEXT,
  BEGIN_TEXT,
  LOADS_TEXT,
  MAIN_TEXT,
  PLACE_TEXT,
  STORE_TEXT,
  STRIP_TEXT,
  WARP_WORK_TEXT,
} from './main-text.js';
import {
  lineBytes,
  mmaBytes,
  mmaStripCols,
  mmaStripPitch,
  mmaThreads,
  residentBlocks,
  unitShare,
  type MmaTile,
} from './tile.js';

/** How a product is computed, whatever it is of. */
export interface MmaLaunch {
  readonly id: string;
  readonly type: MmaType;
  readonly tile: MmaTile;
  /** Parts that the depth is split into; above 1 the partial sums go to scratch memory, and a kernel has to add them. */
  readonly parts: number;
  readonly maxGrid: number;
  /** The device's multiprocessors: blocks then compute several tiles each. When left out, one tile each. */
  readonly processors?: number | undefined;
}

/** That alone, of a config that has more. */
export function launchOf({ id, type, tile, parts, maxGrid, processors }: MmaLaunch): MmaLaunch {
  return { id, type, tile, parts, maxGrid, processors };
}

/** What a kernel of a product is made of. */
export interface MmaProduct extends Product, MmaLaunch {
  readonly rowLoader: MmaLoader;
  readonly colLoader: MmaLoader;
  readonly ending: MmaEnding;
  /** Functions that the ending's places use. */
  readonly declarations?: string;
  /** The op's own figures. */
  readonly flops: number;
  readonly bytes: number;
}

/** Row tiles that run next to each other, column by column. */
const BAND = 8;

/** The type that an operand is stored in. */
export function storedType(type: MmaType): GpuType {
  return type === 'tf32' ? 'f32' : 'f16';
}

/** The kernel of a product; its bindings are the rows' matrix, the columns', and the ending's. */
export function mmaProductKernel(product: MmaProduct): CudaKernel {
  const { id, tile, type, ending, flops, bytes } = product;
  const threads = mmaThreads(tile);
  const groups =
    Math.ceil(product.rows / tile.rows) *
    Math.ceil(product.cols / tile.cols) *
    product.batches *
    product.parts;
  const room = (product.processors ?? groups) * residentBlocks(tile, type);
  const blocks = Math.min(groups, room);
  const { grid, gridX } = foldedGrid(blocks, product.maxGrid);
  return {
    id,
    cuda: textOf(product, { GROUPS: groups, BLOCKS: grid[0] * grid[1], GRID_X: gridX }),
    bindings: [
      { name: 'row_data', access: 'read' },
      { name: 'col_data', access: 'read' },
      ...ending.bindings.map(({ name }, i) => ({
        name,
        access: i === ending.bindings.length - 1 ? ('read_write' as const) : ('read' as const),
      })),
    ],
    workgroup: [threads, 1, 1],
    grid,
    features: tile.unit === 'group' ? ['cuda', 'wgmma'] : ['cuda'],
    workgroupBytes: mmaBytes(tile, type),
    flops,
    bytes,
  };
}

/** Tiles, blocks that share them, and blocks along the first dimension of the grid. */
type Launch = Readonly<Record<'GROUPS' | 'BLOCKS' | 'GRID_X', number>>;

function textOf(product: MmaProduct, launch: Launch): string {
  const { tile, type, rowLoader, colLoader, ending, declarations = '' } = product;
  const group = tile.unit === 'group';
  const [, cols] = unitShare(tile);
  const types = `${rowLoader.type('')} ${colLoader.type('')}`;
  return [
    instructionsText(type),
    WAIT_TEXT,
    group ? groupInstructionsText(type, cols) : '',
    '\n',
    constantText({ ...launch, ...constantsOf(product) }),
    // A function that not every type has can only be left out by the preprocessor.
    type === 'tf32' && !group ? '#define ROUNDED\n' : '',
    '\nextern __shared__ __align__(1024) unsigned char shared_memory[];\n',
    PLACE_TEXT,
    CHUNKS_TEXT,
    '\n',
    rowLoader.declarations,
    colLoader.declarations,
    types.includes('DepthLines') ? DEPTH_LINES_TEXT : '',
    types.includes('AcrossLines') ? ACROSS_LINES_TEXT : '',
    types.includes('Pixels') ? PIXELS_TEXT : '',
    `\nusing Rows = ${rowLoader.type('TILE_ROWS')};\nusing Cols = ${colLoader.type('TILE_COLS')};\n`,
    group ? GROUP_WORK_TEXT : WARP_WORK_TEXT,
    declarations,
    BEGIN_TEXT,
    ending.text,
    STRIP_TEXT,
    STORE_TEXT,
    entryText(ending),
    mainText(group),
  ].join('');
}

function constantsOf(product: MmaProduct): Record<string, number | boolean> {
  const { tile, type, parts, rows, cols, depth, batches } = product;
  const line = lineBytes(tile, type);
  return {
    ROWS: rows,
    COLS: cols,
    DEPTH: depth,
    BATCHES: batches,
    THREADS: mmaThreads(tile),
    TILE_ROWS: tile.rows,
    TILE_COLS: tile.cols,
    TILE_DEPTH: tile.depth,
    ROW_TILES: Math.ceil(rows / tile.rows),
    COL_TILES: Math.ceil(cols / tile.cols),
    BAND,
    PART_DEPTH: partDepth(depth, tile.depth, parts),
    ROW_UNITS: tile.rowUnits,
    COL_UNITS: tile.colUnits,
    STAGES: tile.stages,
    // Bytes of a stage, and of the rows' piece in front of the columns'.
    SLOT: (tile.rows + tile.cols) * line,
    COL_BASE: tile.rows * line,
    ...(tile.unit === 'warp'
      ? { ROWS_ACROSS: product.rowLoader.across, COLS_ACROSS: product.colLoader.across }
      : {}),
    STRIP_COLS: mmaStripCols(tile),
    STRIP_PITCH: mmaStripPitch(tile),
    WIDTH: product.ending.width,
  };
}

function entryText({ bindings }: MmaEnding): string {
  const last = bindings.length - 1;
  const parameters = bindings.map(
    ({ name, type }, i) => `${i === last ? '' : 'const '}${elementText(type)}* __restrict__ ${name}`,
  );
  const list = [
    'const Element* __restrict__ row_data',
    'const Element* __restrict__ col_data',
    ...parameters,
  ];
  const names = bindings.map(({ name }) => name).join(', ');
  return `
extern "C" __global__ void __launch_bounds__(THREADS) main_kernel(
    ${list.join(',\n    ')}) {
  ${WAIT_CALL}
  const Ending ending = {${names}};`;
}

/** Warps copy ahead before they multiply, and warpgroups while they do. */
function mainText(group: boolean): string {
  return MAIN_TEXT.replace('AFTER_COPIES', group ? 'publish_shared();' : '')
    .replace('FIRST_LOADS', group ? '' : LOADS_TEXT)
    .replace('LAST_LOADS', group ? `${LOADS_TEXT}\n      await_products<1u>();` : '')
    .replaceAll(/\n *\n( *(?:__syncthreads|work|reading))/g, '\n$1');
}

/** Bytes of an element of a type's operands. */
export function operandBytes(type: MmaType): number {
  return GPU_TYPE_BYTES[storedType(type)];
}
