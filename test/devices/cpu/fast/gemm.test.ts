import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createJsKernels,
  createWasmKernels,
  gemm,
  type GemmBias,
  type Kernels,
} from '../../../../src/devices/cpu/fast/index.js';
import { randomFloats, referenceGemm, relativeError, withGuards } from './reference.js';

const wasm = createWasmKernels();
const allKernels: [string, Kernels][] = [['js', createJsKernels()]];
if (wasm !== undefined) allKernels.push(['wasm', wasm]);

const biasKinds = ['none', 'scalar', 'row', 'column', 'full'] as const;

function makeBias(kind: (typeof biasKinds)[number], m: number, n: number): GemmBias | undefined {
  if (kind === 'none') return undefined;
  if (kind === 'scalar') return { kind, value: 0.75 };
  return { kind, data: randomFloats({ row: m, column: n, full: m * n }[kind], 99) };
}

function biasAt(bias: GemmBias | undefined, n: number, i: number, j: number): number {
  if (bias === undefined) return 0;
  if (bias.kind === 'scalar') return bias.value;
  return bias.data[{ row: i, column: j, full: i * n + j }[bias.kind]] ?? NaN;
}

it('compiles the WebAssembly kernels here', () => {
  expect(wasm?.name).toBe('wasm-simd');
});

const references = new Map<string, ReturnType<typeof referenceGemm>>();

describe.each(allKernels)('gemm with the %s kernels', (_, kernels) => {
  function errorOf(
    m: number,
    n: number,
    k: number,
    options: {
      transposeA: boolean;
      transposeB: boolean;
      alpha: number;
      bias: (typeof biasKinds)[number];
      seed: number;
    },
  ): number {
    const { transposeA, transposeB, alpha, seed } = options;
    const a = randomFloats(m * k, seed);
    const b = randomFloats(k * n, seed + 1);
    const bias = makeBias(options.bias, m, n);
    const args = { m, n, k, a, b, transposeA, transposeB, alpha };
    const out = withGuards(m * n, (target) => {
      gemm({ ...args, out: target, ...(bias !== undefined && { bias }) }, kernels);
    });
    // Both kinds of kernels are held against the same numbers, which take longer than they do.
    const key = JSON.stringify([m, n, k, options]);
    const expected = references.get(key) ?? referenceGemm({ ...args, bias: (i, j) => biasAt(bias, n, i, j) });
    references.set(key, expected);
    return relativeError(out, expected);
  }

  const options = fc.record({
    transposeA: fc.boolean(),
    transposeB: fc.boolean(),
    alpha: fc.constantFrom(1, 1, -0.5, 2.25),
    bias: fc.constantFrom(...biasKinds),
    seed: fc.nat(),
  });

  it('agrees with the f64 reference on random shapes', () => {
    const size = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 150 }));
    fc.assert(
      fc.property(size, size, size, options, (m, n, k, chosen) => {
        expect(errorOf(m, n, k, chosen)).toBeLessThan(1e-5);
      }),
      { numRuns: 150 },
    );
  });

  // More than one block in each direction: rows > 128, depth > 512, columns > 2048 or the panel's budget.
  it.each([
    [1, 2500, 530],
    [3, 1100, 1037],
    [6, 5000, 33],
    [150, 2100, 20],
    [130, 90, 1200],
    [50, 530, 1100],
    [700, 1, 1111],
    [333, 5, 64],
  ])('agrees for %i x %i, sums of %i, in all orientations', (m, n, k) => {
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true])
        expect(errorOf(m, n, k, { transposeA, transposeB, alpha: 1, bias: 'full', seed: 5 })).toBeLessThan(
          1e-5,
        );
    }
  });

  it('gives the bias for empty sums and touches nothing for empty results', () => {
    for (const m of [2, 20]) {
      const out = withGuards(m * 9, (target) => {
        const empty = new Float32Array(0);
        gemm({ m, n: 9, k: 0, a: empty, b: empty, out: target, bias: { kind: 'scalar', value: 3 } }, kernels);
      });
      expect(out).toEqual(new Float32Array(m * 9).fill(3));
    }
    withGuards(0, (out) => gemm({ m: 0, n: 3, k: 2, a: out, b: new Float32Array(6), out }, kernels));
  });

  it.each([
    ['relu', { kind: 'relu' }, 0, Infinity],
    ['clip', { kind: 'clip', min: -1, max: 1.5 }, -1, 1.5],
  ] as const)('applies %s to every element', (_name, activation, low, high) => {
    for (const [m, n] of [
      [1, 33],
      [5, 17],
      [30, 41],
      [30, 1],
    ] as const) {
      const a = randomFloats(m * 12, 1);
      const b = randomFloats(12 * n, 2);
      const plain = withGuards(m * n, (out) => gemm({ m, n, k: 12, a, b, out }, kernels));
      const active = withGuards(m * n, (out) => gemm({ m, n, k: 12, a, b, out, activation }, kernels));
      expect(active).toEqual(plain.map((x) => Math.min(Math.max(x, low), high)));
    }
  });

  it.each([
    [1, 40, 30],
    [6, 40, 30],
    [40, 40, 30],
    [40, 1, 30],
  ])('propagates NaN and infinity through %i x %i, zeros included', (m, n, k) => {
    for (const transposeB of [false, true]) {
      const a = new Float32Array(m * k);
      const b = new Float32Array(k * n);
      const column = n - 1;
      b[transposeB ? column * k + 7 : 7 * n + column] = Infinity; // 0 · infinity is NaN
      const activation = { kind: 'relu' } as const;
      const out = withGuards(m * n, (target) =>
        gemm({ m, n, k, a, b, out: target, transposeB, activation }, kernels),
      );
      const expected = Float32Array.from({ length: m * n }, (_value, i) => (i % n === column ? NaN : 0));
      expect(out).toEqual(expected);
      a.fill(1);
      const ones = withGuards(m * n, (target) => gemm({ m, n, k, a, b, out: target, transposeB }, kernels));
      expect(ones).toEqual(expected.map((x) => (Number.isNaN(x) ? Infinity : 0)));
    }
  });

  it('refuses sizes and arrays that do not fit, by name', () => {
    const four = new Float32Array(4);
    const args = { m: 2, n: 2, k: 2, a: four, b: four, out: new Float32Array(4) };
    expect(() => gemm({ ...args, m: 1.5 }, kernels)).toThrow(/gemm: m is 1\.5/);
    expect(() => gemm({ ...args, k: 3 }, kernels)).toThrow(/gemm: a has 4 elements, its shape needs 6/);
    expect(() => gemm({ ...args, out: new Float32Array(3) }, kernels)).toThrow(/gemm: out has 3/);
    expect(() => gemm({ ...args, bias: { kind: 'row', data: new Float32Array(1) } }, kernels)).toThrow(
      /bias has 1/,
    );
  });
});

it('uses the shared kernels by default', () => {
  const out = new Float32Array(1);
  gemm({ m: 1, n: 1, k: 2, a: Float32Array.of(2, 3), b: Float32Array.of(5, 7), out });
  expect(out[0]).toBe(31);
});
