/** Cases of the streaming matrix product: rows in several groups, depths in lanes and parts, edges of all. */
import { isCandidate, type Candidate } from '../../../src/candidates/candidate.js';
import { candidatesFor } from '../../../src/candidates/index.js';
import { Gemm, type GemmOptions } from '../../../src/ops/gemm.js';
import { MatMul } from '../../../src/ops/matmul.js';
import { relu } from '../../../src/ops/unary-functions.js';
import type { Op } from '../../../src/ops/op.js';
import type { OpCase } from '../harness.js';

/** Vectors, depth lanes and parts that a case runs beside the default, as far as they fit. */
const SHAPES = [
  [1, 2, 1],
  [2, 2, 3],
] as const;

function inShapes(candidate: Candidate): Candidate[] {
  if (!candidate.sizes) return [candidate];
  const { grid, at } = candidate.sizes;
  const points = SHAPES.map((sizes) => grid.pointOf(sizes) ?? at);
  const others = points.filter((point) => point !== at && grid.refusal(point) === undefined);
  return [candidate, ...others.filter((point) => point.join() !== at.join()).map((point) => grid.at(point))];
}

function stream(op: Op, ...dims: readonly (readonly number[])[]): OpCase {
  return {
    name: `stream ${op.type} ${dims.map((list) => list.join('x')).join(' by ')}`,
    op,
    inputs: dims.map((list) => ({ dtype: 'f32', dims: list })),
    candidates: (types, context) =>
      candidatesFor(op, types, context)
        .filter(isCandidate)
        .filter(({ id }) => id.includes('_stream'))
        .flatMap(inShapes),
  };
}

function gemm(m: number, n: number, k: number, options: GemmOptions = {}): OpCase {
  const { transA = false, transB = false } = options;
  return stream(new Gemm(options), transA ? [k, m] : [m, k], transB ? [n, k] : [k, n], [n]);
}

export const streamCases: readonly OpCase[] = [
  gemm(1, 136, 100, { activation: relu }),
  gemm(5, 264, 67, { transB: true, alpha: 0.5 }),
  gemm(18, 8, 130, { transA: true, beta: 2 }),
  gemm(49, 12, 40),
  stream(new MatMul(), [3, 34], [34, 20]),
];
