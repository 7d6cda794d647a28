/** Cases of matrix products. */
import { Gemm, type GemmOptions } from '../../../src/ops/gemm.js';
import { MatMul } from '../../../src/ops/matmul.js';
import { leakyRelu, relu } from '../../../src/ops/unary-functions.js';
import type { DType } from '../../../src/tensor/index.js';
import { randomNumbers, type CaseInput, type OpCase } from '../harness.js';

function f32(...dims: number[]): CaseInput {
  return { dtype: 'f32', dims };
}

function integers(dtype: DType, ...dims: number[]): CaseInput {
  return { dtype, dims, range: dtype.startsWith('u') ? [0, 9] : [-9, 9] };
}

function gemm(m: number, n: number, k: number, options: GemmOptions = {}, c?: readonly number[]): OpCase {
  const { transA = false, transB = false, alpha = 1, beta = 1, activation } = options;
  const flags = [
    transA && 'transA',
    transB && 'transB',
    alpha !== 1 && `alpha ${alpha}`,
    beta !== 1 && `beta ${beta}`,
  ];
  const words = [...flags, c && `c [${c.join(', ')}]`, activation?.name].filter(Boolean);
  return {
    name: ['gemm', `${m}x${n}x${k}`, ...words].join(' '),
    op: new Gemm(options),
    inputs: [transA ? f32(k, m) : f32(m, k), transB ? f32(n, k) : f32(k, n), c && f32(...c)],
  };
}

function matmul(a: readonly number[], b: readonly number[]): OpCase {
  return {
    name: `matmul [${a.join(', ')}] by [${b.join(', ')}]`,
    op: new MatMul(),
    inputs: [f32(...a), f32(...b)],
  };
}

/** Shapes and flags drawn at random: every remainder by the tiles and vectors turns up. */
function randomGemms(count: number): OpCase[] {
  const random = randomNumbers(20);
  const upTo = (most: number): number => 1 + Math.floor(random() * most);
  const either = (): boolean => random() < 0.5;
  return Array.from({ length: count }, () => {
    const [m, n, k] = [upTo(70), upTo(70), upTo(50)];
    const biases = [undefined, [n], [m, 1], [1], [m, n], []];
    const options = { transA: either(), transB: either(), ...(either() ? { activation: relu } : {}) };
    return gemm(m, n, k, options, biases[upTo(biases.length) - 1]);
  });
}

/** One case per kernel and kind of load, store and edge. */
export const gemmCases: readonly OpCase[] = [
  gemm(1, 10, 64, { transB: true }, [10]),
  gemm(5, 7, 3, { transA: true, alpha: 0.5, beta: 2 }, [5, 1]),
  gemm(64, 64, 32, { activation: leakyRelu(0.1) }, [64]),
  gemm(132, 70, 36, { transA: true }, [132, 70]),
  gemm(9, 12, 1028, { transB: true, activation: relu }, [1]),
  gemm(6, 4, 8, { beta: 0 }, [6, 4]),
  gemm(2, 3, 0, {}, [3]),
  ...randomGemms(2),
  {
    name: 'gemm of i32',
    op: new Gemm({ alpha: 2, beta: -1, transB: true }),
    inputs: [integers('i32', 5, 6), integers('i32', 7, 6), integers('i32', 7)],
  },
  { name: 'matmul of u64', op: new MatMul(), inputs: [integers('u64', 2, 5, 6), integers('u64', 6, 3)] },
  matmul([9, 20], [20, 12]),
  matmul([6], [6]),
  matmul([8], [3, 8, 5]),
  matmul([2, 40, 8], [8]),
  matmul([3, 5, 8], [8, 4]),
  matmul([2, 1, 6, 5], [3, 5, 7]),
  matmul([4, 36, 12], [4, 12, 20]),
];

/** More of the same, for changes to the kernels: minutes of compilation on a software device. */
export const thoroughGemmCases: readonly OpCase[] = [
  gemm(1, 1, 1),
  gemm(130, 132, 20, { transB: true }, [132]),
  gemm(3, 260, 520, {}, [260]),
  ...randomGemms(14).slice(2),
];
