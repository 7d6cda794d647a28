/** Naive f64 references and the checks that the tests of the fast path share. */
import { expect } from 'vitest';
import { conv2dOutputSize, type Conv2dShape } from '../../../../src/devices/cpu/fast/index.js';

/** A small generator (mulberry32), so that a failing seed can be run again. */
export function randomFloats(length: number, seed: number): Float32Array {
  let state = seed >>> 0;
  return Float32Array.from({ length }, () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1) * 2;
  });
}

/** Norm of the difference over norm; the norm of the difference itself where the reference is 0. */
export function relativeError(actual: Float32Array, expected: Float64Array): number {
  let difference = 0;
  let norm = 0;
  expected.forEach((value, i) => {
    difference += (value - (actual[i] ?? NaN)) ** 2;
    norm += value ** 2;
  });
  return Math.sqrt(norm > 0 ? difference / norm : difference);
}

const guardFloats = 37;
const poison = 12345.678;

/** Runs `write` on an output of `length` floats that starts as NaN, between poisoned zones that must stay as they are. */
export function withGuards(length: number, write: (out: Float32Array) => void): Float32Array {
  const whole = new Float32Array(length + 2 * guardFloats).fill(poison);
  const out = whole.subarray(guardFloats, guardFloats + length).fill(NaN);
  write(out);
  const guards = [...whole.subarray(0, guardFloats), ...whole.subarray(guardFloats + length)];
  expect(guards).toEqual(guards.map(() => Math.fround(poison)));
  return out;
}

/** `alpha·A·B + bias(i, j)` in f64. */
export function referenceGemm(args: {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly alpha: number;
  readonly bias: (row: number, column: number) => number;
}): Float64Array {
  const { m, n, k, a, b } = args;
  const out = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let l = 0; l < k; l++) {
        sum +=
          (a[args.transposeA ? l * m + i : i * k + l] ?? NaN) *
          (b[args.transposeB ? j * k + l : l * n + j] ?? NaN);
      }
      out[i * n + j] = args.alpha * sum + args.bias(i, j);
    }
  }
  return out;
}

/** Cross-correlation in f64; padding multiplies as zeros do. */
export function referenceConv(
  shape: Conv2dShape,
  x: Float32Array,
  weights: Float32Array,
  bias?: Float32Array,
): Float64Array {
  const { height, width } = conv2dOutputSize(shape);
  const channels = shape.inChannels / shape.groups;
  const outputsPerGroup = shape.outChannels / shape.groups;
  const out = new Float64Array(shape.batch * shape.outChannels * height * width);
  let at = 0;
  for (let n = 0; n < shape.batch; n++) {
    for (let o = 0; o < shape.outChannels; o++) {
      const firstChannel = n * shape.inChannels + Math.floor(o / outputsPerGroup) * channels;
      for (let y = 0; y < height; y++) {
        for (let column = 0; column < width; column++) {
          let sum = bias?.[o] ?? 0;
          for (let c = 0; c < channels; c++) {
            for (let ky = 0; ky < shape.kernelHeight; ky++) {
              for (let kx = 0; kx < shape.kernelWidth; kx++) {
                const iy = y * shape.strideHeight - shape.padTop + ky * shape.dilationHeight;
                const ix = column * shape.strideWidth - shape.padLeft + kx * shape.dilationWidth;
                const inside = iy >= 0 && ix >= 0 && iy < shape.inHeight && ix < shape.inWidth;
                const value = inside ? x[((firstChannel + c) * shape.inHeight + iy) * shape.inWidth + ix] : 0;
                const weight =
                  weights[((o * channels + c) * shape.kernelHeight + ky) * shape.kernelWidth + kx];
                sum += (value ?? NaN) * (weight ?? NaN);
              }
            }
          }
          out[at++] = sum;
        }
      }
    }
  }
  return out;
}
