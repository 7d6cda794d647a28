/** Cases of the kernels on tensor cores: what they take, with every kind of edge. */
import { Conv, type ConvOptions } from '../../src/ops/conv.js';
import type { Activated } from '../../src/ops/fused-activation.js';
import { Gemm, type GemmOptions } from '../../src/ops/gemm.js';
import { MatMul } from '../../src/ops/matmul.js';
import { gelu, leakyRelu, relu, swish } from '../../src/ops/unary-functions.js';
import type { CaseInput, OpCase } from './harness.js';

/** A case, and how its floats are stored; in f32 the tensor cores round to tf32. */
export interface MmaCase {
  readonly testCase: OpCase;
  readonly storage: 'f32' | 'f16';
}

/** tf32 has ten bits of fraction; f16 as everywhere. */
const TOLERANCE = { f32: 1e-3, f16: 2e-3 };

function f32(...dims: readonly number[]): CaseInput {
  return { dtype: 'f32', dims };
}

function conv(
  name: string,
  x: readonly number[],
  w: readonly number[],
  options: ConvOptions & Activated,
  { bias = true, residual = false } = {},
): OpCase {
  const op = new Conv(options);
  const [y] = op.infer([f32(...x), f32(...w)]);
  const added = residual ? [f32(...y.dims)] : [];
  return {
    name: `conv ${name}`,
    op,
    inputs: [f32(...x), f32(...w), bias ? f32(w[0]) : undefined, ...added],
    tolerance: TOLERANCE,
  };
}

function gemm(
  m: number,
  n: number,
  k: number,
  options: GemmOptions & Activated,
  c?: readonly number[],
): OpCase {
  const { transA = false, transB = false } = options;
  return {
    name: `gemm of ${m}x${n}x${k}${transA ? ', a transposed' : ''}${transB ? ', b transposed' : ''}`,
    op: new Gemm(options),
    inputs: [transA ? f32(k, m) : f32(m, k), transB ? f32(n, k) : f32(k, n), ...(c ? [f32(...c)] : [])],
    tolerance: TOLERANCE,
  };
}

const both = (testCase: OpCase): MmaCase[] => [
  { testCase, storage: 'f16' },
  { testCase, storage: 'f32' },
];

const half = (testCase: OpCase): MmaCase[] => [{ testCase, storage: 'f16' }];

/** Convolutions and products of every kind. */
export const mmaCases: readonly MmaCase[] = [
  ...both(
    conv(
      'padded, all added',
      [3, 16, 7, 9],
      [24, 16, 3, 3],
      {
        strides: [1, 1],
        padsBegin: [1, 1],
        padsEnd: [1, 1],
        activation: relu,
      },
      { residual: true },
    ),
  ),
  ...half(
    conv('dilated, stepping, asymmetric', [2, 24, 9, 11], [40, 24, 3, 2], {
      strides: [2, 1],
      dilations: [1, 3],
      padsBegin: [0, 2],
      padsEnd: [3, 1],
      activation: leakyRelu(0.1),
    }),
  ),
  ...both(
    conv(
      'with outputs that nothing divides',
      [1, 8, 6, 5],
      [13, 8, 2, 2],
      { strides: [1, 1] },
      { residual: true },
    ),
  ),
  ...half(conv('pointwise', [2, 72, 5, 13], [136, 72, 1, 1], { strides: [1, 1], activation: swish(1) })),
  ...half(conv('pointwise, stepping', [2, 32, 7, 6], [64, 32, 1, 1], { strides: [2, 2] }, { bias: false })),
  ...half(
    conv('deep', [1, 264, 5, 5], [32, 264, 3, 3], { strides: [1, 1], padsBegin: [1, 1], padsEnd: [1, 1] }),
  ),
  ...half(conv('of rank 3', [2, 16, 19], [32, 16, 5], { strides: [3], padsBegin: [2], padsEnd: [4] })),
  ...half(
    conv('of rank 5', [1, 8, 4, 5, 6], [16, 8, 2, 3, 2], {
      strides: [2, 1, 1],
      padsBegin: [1, 1, 0],
      padsEnd: [0, 1, 2],
    }),
  ),
  ...both(gemm(70, 40, 72, { transB: true, alpha: 0.5, beta: 2, activation: gelu('none') }, [40])),
  ...half(gemm(136, 200, 88, { transA: true }, [136, 200])),
  ...both(gemm(33, 27, 200, { transB: true, activation: relu }, [33, 1])),
  ...both(gemm(40, 72, 1544, {}, [72])),
  ...half({ name: 'matmul, batched', op: new MatMul(), inputs: [f32(3, 40, 16), f32(3, 16, 72)] }),
  ...half({ name: 'matmul', op: new MatMul(), inputs: [f32(129, 64), f32(64, 136)] }),
];

/** What every tile is tried on. */
export const mmaTileCases: readonly MmaCase[] = [
  ...both(gemm(140, 264, 520, { transB: true }, [264])),
  ...half(
    conv('over many tiles', [1, 40, 13, 12], [264, 40, 3, 3], {
      strides: [1, 1],
      padsBegin: [1, 1],
      padsEnd: [1, 1],
    }),
  ),
];
