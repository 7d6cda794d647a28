/** y = activation(alpha * a * b + beta * c) by tiles (tiled-product.ts), each operand read along its contiguous direction. */
import type { GpuType } from '../../devices/gpu.js';
import { alias, bindings, constants, kernelText } from '../wgsl.js';
import { colLoader, rowLoader } from './loaders.js';
import { batchFunction, batchesOf, oriented, rolesOf, type GemmKernel, type GemmProblem } from './problem.js';
import { STORE_PARTIAL, partialBytes, reduceText } from './split.js';
import { epilogue, storeText, storesVectors } from './store.js';
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

/** Scratch memory of a config in parts. */
export function gemmPartialBytes({ problem, parts }: Pick<GemmConfig, 'problem' | 'parts'>): number {
  return partialBytes(productOf(oriented(problem).problem), parts);
}

export function gemmKernel(config: GemmConfig): GemmKernel {
  const { tile, parts, maxGrid } = config;
  const { problem, swapped } = oriented(config.problem);
  const { a, b, c, y, rows, cols, depth } = problem;
  const left = rowLoader(a, rows, depth);
  const right = colLoader(b, depth, cols);
  const tiled = tiledProduct({
    ...productOf(problem),
    tile,
    parts,
    rowDepthFastest: left.depthFastest,
    colDepthFastest: right.depthFastest,
    maxGrid,
  });
  const split = parts > 1;
  const out = storesVectors(problem) ? `vec4<${y.type}>` : y.type;
  const list = [
    { name: 'row_data', access: 'read', element: left.element },
    { name: 'col_data', access: 'read', element: right.element },
    ...(split
      ? ([{ name: 'partial', access: 'read_write', element: 'vec4<f32>' }] as const)
      : [...addendBinding(problem), { name: 'y', access: 'read_write', element: 'Out' } as const]),
  ] as const;
  const types = split ? [a.type, b.type] : typesOf(problem);
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
          split ? '' : alias('Out', out),
          bindings(list),
          batchFunction('row_batch', a, problem.batch),
          batchFunction('col_batch', b, problem.batch),
          split ? '' : epilogue(problem),
        ],
        [BLOCK_TEXT, left.text, right.text, split ? STORE_PARTIAL : storeText(problem), tiled.body].join(''),
      ),
      bindings: list.map(({ name, access }) => ({ name, access })),
      workgroup: tiled.workgroup,
      grid: tiled.grid,
      features: types.includes('f16') ? ['f16'] : [],
      workgroupBytes: tiled.workgroupBytes,
      flops: problem.flops,
      bytes: problem.bytes,
    },
    roles: rolesOf(
      swapped,
      'a',
      'b',
      ...(split ? (['partial'] as const) : c ? (['c', 'y'] as const) : (['y'] as const)),
    ),
  };
}

/** Adds the parts of a `gemmKernel` in parts, and finishes. */
export function gemmReduceKernel(config: GemmConfig): GemmKernel {
  const { problem, swapped } = oriented(config.problem);
  const { c, y } = problem;
  const reduce = reduceText(productOf(problem), config.parts, config.maxGrid);
  const list = [
    { name: 'partial', access: 'read', element: 'vec4<f32>' },
    ...addendBinding(problem),
    { name: 'y', access: 'read_write', element: 'Out' },
  ] as const;
  const types = c ? [c.type, y.type] : [y.type];
  return {
    source: {
      id: `${config.id}_reduce`,
      wgsl: kernelText(
        types,
        [
          reduce.constants,
          alias('Out', storesVectors(problem) ? `vec4<${y.type}>` : y.type),
          bindings(list),
          epilogue(problem),
        ],
        storeText(problem) + reduce.body,
      ),
      bindings: list.map(({ name, access }) => ({ name, access })),
      workgroup: reduce.workgroup,
      grid: reduce.grid,
      features: types.includes('f16') ? ['f16'] : [],
      workgroupBytes: 0,
      // The op's figures are the first kernel's; this one is overhead.
      flops: 0,
      bytes: 0,
    },
    roles: rolesOf(swapped, 'partial', ...(c ? (['c', 'y'] as const) : (['y'] as const))),
  };
}

function productOf(problem: GemmProblem): Product {
  const { rows, cols, depth } = problem;
  return { rows, cols, depth, batches: batchesOf(problem) };
}

function typesOf({ a, b, c, y }: GemmProblem): GpuType[] {
  return [a.type, b.type, ...(c ? [c.type] : []), y.type];
}

function addendBinding({ c }: GemmProblem): { name: string; access: 'read'; element: string }[] {
  return c ? [{ name: 'c', access: 'read', element: c.type }] : [];
}
