/** y = activation(alpha * a * b + beta * c) in f16 on subgroup matrices (product.ts). */
import { gemmProduct } from '../gemm/gemm.js';
import { oriented, rolesOf, type GemmKernel, type GemmProblem } from '../gemm/problem.js';
import { PARTIAL } from '../gemm/split.js';
import { gemmEnding } from '../gemm/store.js';
import { lineEnding, type MatrixEnding } from './ending.js';
import { matrixColLoader, matrixRowLoader, type PlainLoader } from './loaders.js';
import { matrixProductKernel } from './product.js';
import type { MatrixTile, Staging } from './tile.js';

export interface MatrixGemmConfig {
  readonly id: string;
  readonly problem: GemmProblem;
  readonly tile: MatrixTile;
  /** Parts of the depth; above 1 the partial sums go to scratch memory and `gemmReduceKernel` has to follow. */
  readonly parts: number;
  readonly maxGrid: number;
}

/** Why the kernel does not apply, or undefined. */
export function matrixGemmRefusal({ a, b, y, rows, cols, depth, batch }: GemmProblem): string | undefined {
  if (a.type !== 'f16' || b.type !== 'f16' || y.type !== 'f16') return 'subgroup matrices are for f16';
  return [rows, cols, depth, ...batch].includes(0) ? 'the product is empty' : undefined;
}

/** How the operands are staged, which decides the workgroup memory of a tile. */
export function matrixGemmStaging(problem: GemmProblem): Staging {
  const [left, right] = loadersOf(oriented(problem).problem);
  return { rowsAlongDepth: left.alongDepth, colsAlongDepth: right.alongDepth };
}

function loadersOf({ a, b, rows, cols, depth, batch }: GemmProblem): [PlainLoader, PlainLoader] {
  return [matrixRowLoader(a, rows, depth, batch), matrixColLoader(b, depth, cols, batch)];
}

export function matrixGemmKernel(config: MatrixGemmConfig): GemmKernel {
  const { id, tile, parts, maxGrid } = config;
  const { problem, swapped } = oriented(config.problem);
  const [rowLoader, colLoader] = loadersOf(problem);
  const ending: MatrixEnding<'c' | 'y' | 'partial'> =
    parts > 1 ? PARTIAL : (eightsOf(problem) ?? gemmEnding(problem));
  const source = matrixProductKernel({
    ...gemmProduct(problem),
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
  return { source, roles: rolesOf(swapped, 'a', 'b', ...ending.bindings.map(({ name }) => name)) };
}

function eightsOf({
  cols,
  batch,
  y,
  c,
  alpha,
  beta,
  activation,
}: GemmProblem): MatrixEnding<'c' | 'y'> | undefined {
  const addends = c ? [{ name: 'c', operand: c, scale: beta } as const] : [];
  return lineEnding({ cols, batch, y, addends, alpha, activation });
}
