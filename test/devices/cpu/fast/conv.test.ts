import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  conv2d,
  conv2dMethod,
  conv2dOutputSize,
  createJsKernels,
  createWasmKernels,
  type Conv2dShape,
  type Kernels,
} from '../../../../src/devices/cpu/fast/index.js';
import { convolveDirect } from '../../../../src/devices/cpu/fast/conv-direct.js';
import { convolveImplicit } from '../../../../src/devices/cpu/fast/conv-implicit.js';
import { randomFloats, referenceConv, relativeError, withGuards } from './reference.js';

const wasm = createWasmKernels();
const allKernels: [string, Kernels][] = [['js', createJsKernels()]];
if (wasm !== undefined) allKernels.push(['wasm', wasm]);

const plain: Conv2dShape = {
  batch: 1,
  inChannels: 1,
  inHeight: 8,
  inWidth: 8,
  outChannels: 1,
  kernelHeight: 3,
  kernelWidth: 3,
  strideHeight: 1,
  strideWidth: 1,
  dilationHeight: 1,
  dilationWidth: 1,
  padTop: 0,
  padLeft: 0,
  padBottom: 0,
  padRight: 0,
  groups: 1,
};

const outputLength = (shape: Conv2dShape): number => {
  const { height, width } = conv2dOutputSize(shape);
  return shape.batch * shape.outChannels * height * width;
};

const inputs = (
  shape: Conv2dShape,
  seed: number,
): { x: Float32Array; weights: Float32Array; bias: Float32Array } => ({
  x: randomFloats(shape.batch * shape.inChannels * shape.inHeight * shape.inWidth, seed),
  weights: randomFloats(
    (shape.outChannels * shape.inChannels * shape.kernelHeight * shape.kernelWidth) / shape.groups,
    seed + 1,
  ),
  bias: randomFloats(shape.outChannels, seed + 2),
});

/** Random shapes: odd sizes, windows larger than the input, any pads, strides, dilations, groups, batches. */
const anyShape = fc
  .record({
    batch: fc.integer({ min: 1, max: 3 }),
    groups: fc.constantFrom(1, 1, 2, 3, 5),
    inPerGroup: fc.integer({ min: 1, max: 7 }),
    outPerGroup: fc.integer({ min: 1, max: 9 }),
    inHeight: fc.integer({ min: 1, max: 19 }),
    inWidth: fc.integer({ min: 1, max: 35 }),
    kernelHeight: fc.integer({ min: 1, max: 5 }),
    kernelWidth: fc.integer({ min: 1, max: 7 }),
    strideHeight: fc.integer({ min: 1, max: 4 }),
    strideWidth: fc.integer({ min: 1, max: 4 }),
    dilationHeight: fc.integer({ min: 1, max: 3 }),
    dilationWidth: fc.integer({ min: 1, max: 3 }),
    padTop: fc.integer({ min: 0, max: 6 }),
    padLeft: fc.integer({ min: 0, max: 6 }),
    padBottom: fc.integer({ min: 0, max: 6 }),
    padRight: fc.integer({ min: 0, max: 6 }),
  })
  .map(({ inPerGroup, outPerGroup, ...shape }): Conv2dShape => ({
    ...shape,
    inChannels: inPerGroup * shape.groups,
    outChannels: outPerGroup * shape.groups,
  }));

describe.each(allKernels)('conv2d with the %s kernels', (_, kernels) => {
  function errorOf(shape: Conv2dShape, seed: number, withBias = true): number {
    const { x, weights, bias } = inputs(shape, seed);
    const out = withGuards(outputLength(shape), (target) => {
      conv2d({ shape, x, weights, out: target, ...(withBias && { bias }) }, kernels);
    });
    const expected = referenceConv(shape, x, weights, withBias ? bias : undefined);
    return relativeError(out, expected);
  }

  it('agrees with the f64 reference on random shapes', () => {
    fc.assert(
      fc.property(anyShape, fc.nat(), fc.boolean(), (shape, seed, withBias) => {
        expect(errorOf(shape, seed, withBias)).toBeLessThan(1e-5);
      }),
      { numRuns: 200 },
    );
  });

  it('agrees on random shapes by either method, whatever the dispatch would choose', () => {
    fc.assert(
      fc.property(anyShape, fc.nat(), (shape, seed) => {
        const { x, weights, bias } = inputs(shape, seed);
        const { height: outHeight, width: outWidth } = conv2dOutputSize(shape);
        const expected = referenceConv(shape, x, weights, bias);
        for (const run of [convolveDirect, convolveImplicit]) {
          const out = withGuards(outputLength(shape), (target) => {
            run(kernels, {
              shape,
              outHeight,
              outWidth,
              x,
              weights,
              bias,
              out: target,
              activation: undefined,
            });
          });
          expect(relativeError(out, expected)).toBeLessThan(1e-5);
        }
      }),
      { numRuns: 100 },
    );
  });

  it.each<[string, Partial<Conv2dShape>]>([
    ['rows longer than a panel', { inHeight: 2, inWidth: 4333, padLeft: 1, kernelHeight: 1, outChannels: 5 }],
    ['rows longer than a panel, stride 3', { inHeight: 1, inWidth: 9001, strideWidth: 3, kernelHeight: 1, outChannels: 4 }],
    ['rows longer than the direct budget', { inHeight: 1, inWidth: 70_001, kernelHeight: 1, padRight: 4 }],
    ['many panels', { inHeight: 70, inWidth: 61, padTop: 2, outChannels: 4 }],
    ['deep sums', { inChannels: 67, outChannels: 6, inHeight: 9, inWidth: 13 }],
    ['more rows than a block', { inChannels: 3, outChannels: 133, inHeight: 5, inWidth: 6 }],
    ['a slab of many planes', { inChannels: 40, outChannels: 2, inHeight: 60, inWidth: 50 }],
    ['1 x 1 windows', { inChannels: 20, outChannels: 24, kernelHeight: 1, kernelWidth: 1, groups: 2, batch: 2 }],
    ['1 x 1 windows and planes', { inChannels: 30, outChannels: 50, kernelHeight: 1, kernelWidth: 1, inHeight: 1, inWidth: 1 }],
    ['depthwise with two outputs per channel', { inChannels: 6, outChannels: 12, groups: 6, batch: 2, strideWidth: 2 }],
    ['a window larger than the input', { inHeight: 2, inWidth: 3, kernelHeight: 7, kernelWidth: 7, padTop: 3, padLeft: 3, padBottom: 3, padRight: 3, outChannels: 4 }],
    ['outputs that see padding only', { inHeight: 1, inWidth: 1, padTop: 9, padLeft: 20, padBottom: 9, padRight: 20, outChannels: 4 }],
  ])('agrees for %s', (_name, change) => {
    expect(errorOf({ ...plain, ...change }, 7)).toBeLessThan(1e-5);
  }); // prettier-ignore

  it.each([
    ['direct', { ...plain, inChannels: 4, outChannels: 4, groups: 4 }],
    ['implicit', { ...plain, inChannels: 4, outChannels: 5 }],
    ['gemm', { ...plain, inChannels: 4, outChannels: 5, kernelHeight: 1, kernelWidth: 1 }],
  ] as const)('%s: fuses activations, and NaN passes through them', (method, shape) => {
    expect(conv2dMethod(shape)).toBe(method);
    const { x, weights, bias } = inputs(shape, 3);
    const length = outputLength(shape);
    const linear = withGuards(length, (out) => conv2d({ shape, x, weights, bias, out }, kernels));
    for (const [activation, low, high] of [
      [{ kind: 'relu' }, 0, Infinity],
      [{ kind: 'clip', min: -0.5, max: 2 }, -0.5, 2],
    ] as const) {
      const out = withGuards(length, (target) =>
        conv2d({ shape, x, weights, bias, out: target, activation }, kernels),
      );
      expect(out).toEqual(linear.map((value) => Math.min(Math.max(value, low), high)));
    }
    x[0] = NaN;
    const out = withGuards(length, (target) => {
      conv2d({ shape, x, weights, out: target, activation: { kind: 'relu' } }, kernels);
    });
    const expected = referenceConv(shape, x, weights);
    expect([...out].map(Number.isNaN)).toEqual([...expected].map(Number.isNaN));
    expect([...out].some(Number.isNaN)).toBe(true);
  });

  it.each([
    ['direct', { ...plain, padTop: 1 }],
    ['implicit', { ...plain, outChannels: 4, padTop: 1 }],
  ] as const)('%s: zeros times infinity are NaN, in the padding too', (method, shape) => {
    expect(conv2dMethod(shape)).toBe(method);
    const x = new Float32Array(64);
    const weights = new Float32Array(9 * shape.outChannels).fill(1);
    weights[0] = Infinity;
    const out = withGuards(outputLength(shape), (target) =>
      conv2d({ shape, x, weights, out: target }, kernels),
    );
    const plane = out.length / shape.outChannels;
    expect([...out].every((value, i) => (i < plane ? Number.isNaN(value) : value === 0))).toBe(true);
  });

  it('a NaN of one call does not reach the next', () => {
    const shape = { ...plain, inChannels: 3, outChannels: 5, padRight: 1 };
    const { x, weights, bias } = inputs(shape, 3);
    const poisoned = new Float32Array(x.length).fill(NaN);
    const scratchTarget = new Float32Array(outputLength(shape));
    conv2d({ shape, x: poisoned, weights, bias, out: scratchTarget }, kernels);
    const out = withGuards(outputLength(shape), (target) =>
      conv2d({ shape, x, weights, bias, out: target }, kernels),
    );
    expect(relativeError(out, referenceConv(shape, x, weights, bias))).toBeLessThan(1e-5);
  });

  it('gives the bias without input channels, and nothing for empty outputs', () => {
    const shape = { ...plain, inChannels: 0, outChannels: 4 };
    const empty = new Float32Array(0);
    const bias = Float32Array.of(1, 2, 3, 4);
    const out = withGuards(outputLength(shape), (target) => {
      conv2d({ shape, x: empty, weights: empty, bias, out: target }, kernels);
    });
    expect(out).toEqual(
      Float32Array.from({ length: 4 * 36 }, (_value, i) => bias[Math.floor(i / 36)] ?? NaN),
    );
    const tooSmall = { ...plain, inHeight: 2 };
    conv2d({ shape: tooSmall, x: new Float32Array(16), weights: new Float32Array(9), out: empty }, kernels);
  });

  it('refuses shapes and arrays that do not fit, by name', () => {
    const x = new Float32Array(64);
    const weights = new Float32Array(9);
    const out = new Float32Array(36);
    const run = (change: Partial<Conv2dShape>): void =>
      conv2d({ shape: { ...plain, ...change }, x, weights, out }, kernels);
    expect(() => run({ strideWidth: 0 })).toThrow(/conv2d: strideWidth is 0/);
    expect(() => run({ padLeft: -1 })).toThrow(/conv2d: padLeft is -1/);
    expect(() => run({ groups: 2 })).toThrow(/2 groups do not divide 1 input and 1 output channels/);
    expect(() => run({ inWidth: 9 })).toThrow(/conv2d: x has 64 elements, its shape needs 72/);
    expect(() => run({ outChannels: 2 })).toThrow(/conv2d: weights has 9/);
    expect(() => run({ padTop: 1 })).toThrow(/conv2d: out has 36/);
  });
});
