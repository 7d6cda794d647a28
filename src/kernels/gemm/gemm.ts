/** y = activation(alpha * a * b + beta * c) by tiles (tiled-product.ts), each operand read along its contiguous direction. */
import { bindings, constants, kernelText } from '../wgsl.js';
import { colLoader, rowLoader } from './loaders.js';
import { batchFunction, batchesOf, oriented, rolesOf, type GemmKernel, type GemmProblem } from './problem.js';
import { PARTIAL, reduceKernel, reduceText } from './split.js';
import { gemmEnding } from './store.js';
import type { Product, Tile } from './tile.js';
import { BLOCK_TEXT, blockTypes, tiledProduct } from './tiled-product.js';

export interface GemmConfig {
  readonly id: string;
  readonly problem: GemmProblem;
  readonly tile: Tile;
  /** Parts of the depth; above 1 the partial sums go to scratch memory and `gemmReduceKernel` has to follow. */
  readonly parts: number;
  readonly maxGrid: number;
}

/** Sizes of the kernel's product: its rows may be the columns of y. */
export function gemmProduct(problem: GemmProblem): Product {
  const { rows, cols, depth } = oriented(problem).problem;
  return { rows, cols, depth, batches: batchesOf(problem) };
}

export function gemmKernel(config: GemmConfig): GemmKernel {
  const { tile, parts, maxGrid } = config;
  const { problem, swapped } = oriented(config.problem);
  const { a, b, rows, cols, depth } = problem;
  const left = rowLoader(a, rows, depth);
  const right = colLoader(b, depth, cols);
  const tiled = tiledProduct({
    ...gemmProduct(problem),
    tile,
    parts,
    rowDepthFastest: left.depthFastest,
    colDepthFastest: right.depthFastest,
    maxGrid,
  });
  const ending = parts > 1 ? PARTIAL : gemmEnding(problem);
  const list = [
    { name: 'row_data', access: 'read', element: left.element },
    { name: 'col_data', access: 'read', element: right.element },
    ...ending.bindings,
  ] as const;
  const types = [a.type, b.type, ...ending.types];
  return {
    source: {
      id: config.id,
      wgsl: kernelText(
        types,
        [
          tiled.constants,
          constants({
            ROW_STRIDE: a.rowStride,
            ROW_DEPTH_STRIDE: a.colStride,
            COL_STRIDE: b.colStride,
            COL_DEPTH_STRIDE: b.rowStride,
          }),
          blockTypes(a.type, b.type),
          ending.aliases,
          bindings(list),
          batchFunction('row_batch', a, problem.batch),
          batchFunction('col_batch', b, problem.batch),
          ending.declarations,
        ],
        [BLOCK_TEXT, left.text, right.text, ending.text, tiled.body].join(''),
      ),
      bindings: list.map(({ name, access }) => ({ name, access })),
      workgroup: tiled.workgroup,
      grid: tiled.grid,
      features: types.includes('f16') ? ['f16'] : [],
      workgroupBytes: tiled.workgroupBytes,
      flops: problem.flops,
      bytes: problem.bytes,
    },
    roles: rolesOf(swapped, 'a', 'b', ...ending.bindings.map(({ name }) => name)),
  };
}

/** Adds the parts of a `gemmKernel` in parts, and finishes. */
export function gemmReduceKernel({
  id,
  problem: given,
  parts,
  maxGrid,
}: Omit<GemmConfig, 'tile'>): GemmKernel {
  const { problem } = oriented(given);
  return reduceKernel(id, reduceText(gemmProduct(problem), parts, maxGrid), gemmEnding(problem));
}
