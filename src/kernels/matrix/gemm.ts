/** y = activation(alpha * a * b + beta * c) in f16 on subgroup matrices (product.ts). */
import {
  batchesOf,
  oriented,
  rolesOf,
  type GemmKernel,
  type GemmProblem,
  type GemmRole,
} from '../gemm/problem.js';
import { STORE_PARTIAL, partialBytes } from '../gemm/split.js';
import { epilogue, storeText, storesVectors } from '../gemm/store.js';
import type { Product } from '../gemm/tile.js';
import { alias } from '../wgsl.js';
import { lineEnding, type MatrixEnding } from './ending.js';
import { matrixColLoader, matrixRowLoader, type PlainLoader } from './loaders.js';
import { matrixProductKernel } from './product.js';
import { matrixReduceKernel } from './reduce.js';
import type { MatrixTile, Staging } from './tile.js';

export interface MatrixGemmConfig {
  readonly id: string;
  readonly problem: GemmProblem;
  readonly tile: MatrixTile;
  /** Parts of the depth; above 1 the partial sums go to scratch memory and `matrixGemmReduceKernel` has to follow. */
  readonly parts: number;
  readonly maxGrid: number;
}

/** Why the kernel does not apply, or undefined. */
export function matrixGemmRefusal({ a, b, y, rows, cols, depth, batch }: GemmProblem): string | undefined {
  if (a.type !== 'f16' || b.type !== 'f16' || y.type !== 'f16') return 'subgroup matrices are for f16';
  return [rows, cols, depth, ...batch].includes(0) ? 'the product is empty' : undefined;
}

/** Sizes of the kernel's product: its rows may be the columns of y. */
export function matrixGemmProduct(problem: GemmProblem): Product {
  const { rows, cols, depth } = oriented(problem).problem;
  return { rows, cols, depth, batches: batchesOf(problem) };
}

/** How the operands are staged, which decides the workgroup memory of a tile. */
export function matrixGemmStaging(problem: GemmProblem): Staging {
  const [left, right] = loadersOf(oriented(problem).problem);
  return { rowsAlongDepth: left.alongDepth, colsAlongDepth: right.alongDepth };
}

/** Scratch memory of a config in parts. */
export function matrixGemmPartialBytes(problem: GemmProblem, parts: number): number {
  return partialBytes(matrixGemmProduct(problem), parts);
}

function loadersOf({ a, b, rows, cols, depth, batch }: GemmProblem): [PlainLoader, PlainLoader] {
  return [matrixRowLoader(a, rows, depth, batch), matrixColLoader(b, depth, cols, batch)];
}

export function matrixGemmKernel(config: MatrixGemmConfig): GemmKernel {
  const { id, tile, parts, maxGrid } = config;
  const { problem, swapped } = oriented(config.problem);
  const [rowLoader, colLoader] = loadersOf(problem);
  const ending = parts > 1 ? PARTIAL : (eightsOf(problem) ?? foursOf(problem));
  const source = matrixProductKernel({
    ...matrixGemmProduct(problem),
    id,
    tile,
    parts,
    rowLoader,
    colLoader,
    bindings: [
      { name: 'row_data', access: 'read', element: rowLoader.element },
      { name: 'col_data', access: 'read', element: colLoader.element },
    ],
    declarations: rowLoader.declarations + colLoader.declarations,
    ending,
    maxGrid,
    flops: problem.flops,
    bytes: problem.bytes,
  });
  return { source, roles: rolesOf(swapped, 'a', 'b', ...endRoles(ending)) };
}

/** Adds the parts of a `matrixGemmKernel` in parts, and finishes. */
export function matrixGemmReduceKernel({ id, problem: given, parts, maxGrid }: MatrixGemmConfig): GemmKernel {
  const { problem, swapped } = oriented(given);
  const ending = foursOf(problem);
  const types = problem.c ? [problem.c.type, problem.y.type] : [problem.y.type];
  const source = matrixReduceKernel(id, matrixGemmProduct(problem), parts, types, ending, maxGrid);
  return { source, roles: rolesOf(swapped, 'partial', ...endRoles(ending)) };
}

/** Parts of sums go to scratch memory as they are. */
export const PARTIAL: MatrixEnding = {
  eights: false,
  aliases: '',
  bindings: [{ name: 'partial', access: 'read_write', element: 'vec4<f32>' }],
  declarations: STORE_PARTIAL,
};

function eightsOf({ cols, batch, y, c, alpha, beta, activation }: GemmProblem): MatrixEnding | undefined {
  const addends = c ? [{ name: 'c', operand: c, scale: beta }] : [];
  return lineEnding({ cols, batch, y, addends, alpha, activation });
}

function foursOf(problem: GemmProblem): MatrixEnding {
  const { c, y } = problem;
  return {
    eights: false,
    aliases: alias('Out', storesVectors(problem) ? `vec4<${y.type}>` : y.type),
    bindings: [
      ...(c ? ([{ name: 'c', access: 'read', element: c.type }] as const) : []),
      { name: 'y', access: 'read_write', element: 'Out' },
    ],
    declarations: epilogue(problem) + storeText(problem),
  };
}

function endRoles(ending: MatrixEnding): GemmRole[] {
  return ending.bindings.map(({ name }) => name as GemmRole);
}
