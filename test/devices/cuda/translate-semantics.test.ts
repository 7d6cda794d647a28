/** What translated kernels compute, run on the CPU: WGSL's rules where they are not C++'s, threads included. */
import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { translate, type TranslateOptions } from '../../../src/devices/cuda/translate/index.js';
import { has, HostKernel, sourceOf } from './translate-support.js';

const missing = has('g++') ? '' : ' (SKIPPED: g++ is not here)';
const folder = mkdtempSync(join(tmpdir(), 'lanewise-host-'));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;

function hostKernel(wgsl: string, workgroup: number, options?: TranslateOptions): HostKernel {
  return new HostKernel(translate(sourceOf(`k${count++}`, wgsl, workgroup), options), folder);
}

/** Expressions of i32, u32 (as i32) or bool over variables, so that no compiler folds them, and their values. */
const cases: readonly (readonly [expression: string, value: number])[] = [
  ['i / zero', -7],
  ['i % zero', 0],
  ['lowest / minus', -2147483648],
  ['lowest % minus', 0],
  ['i / 2', -3],
  ['i % 2', -1],
  ['abs(lowest)', -2147483648],
  ['lowest - 1', 2147483647],
  ['65536 * (i + 32775)', -2147483648],
  ['i32(3u - five)', -2],
  ['i32(five / u32(zero))', 5],
  ['i32(five << (five + 28u))', 10],
  ['i >> 1u', -4],
  ['i << (five - 4u)', -14],
  ['i32(2.5f * f)', 6],
  ['i32(-f * 2.75)', -6],
  ['i32(f * 1e30)', 2147483647],
  ['i32(u32(-f))', 0],
  ['i32(round(f + 0.0) )', 2],
  ['i32(round(f + 1.0))', 4],
  ['i32(10.0 * fract(-f))', 5],
  ['i32(trunc(-f))', -2],
  ['i32(sign(-f))', -1],
  ['i32(10.0 * (-f % 2.0))', -5],
  ['i32(countOneBits(five))', 2],
  ['i32(reverseBits(five) >> 29u)', 5],
  ['bitcast<i32>(f)', 0x40200000],
  ['clamp(i, -3, 3)', -3],
  ['select(1, 2, i < 0)', 2],
  ['dot(vec3<i32>(1, 2, i), vec3<i32>(3, i, 1))', -18],
  ['vec4<i32>(1, 2, 3, i).wzyx.x', -7],
  ['(vec2<i32>(i, 5) / vec2<i32>(zero, 2)).x', -7],
  ['(vec3<i32>(i, 5, lowest) - 1).z', 2147483647],
  ['(10 % vec4<i32>(i, 5, 3, minus)).x', 3],
  ['i32(all(vec2<f32>(f) > vec2<f32>(1.0, 2.0)))', 1],
  ['i32(any(vec3<u32>(five) < vec3<u32>(1u, 2u, 3u)))', 0],
  ['i32(mix(vec2<f32>(f), vec2<f32>(4.5), 0.5).y * 2.0)', 7],
  ['select(vec2<i32>(1, 2), vec2<i32>(3, 4), vec2<bool>(i < 0, false)).x', 3],
  ['i32(vec4<f32>(vec2<f32>(f), 1.0, 2.0).y * 2.0)', 5],
  ['i32(vec2<u32>(vec2<f32>(-f, f)).y)', 2],
  ['i32((vec4<u32>(five, 1u, 2u, 3u) << vec4<u32>(1u, 33u, 2u, 3u)).y)', 2],
  ['vec3<i32>(4, 5, 6)[five % 3u]', 6],
  ['i32(f16(f) * 3.0h)', 7],
  ['i32(f32(f16(2049.0f + f)))', 2052],
  ['i32(pack2x16float(vec2<f32>(f, -1.0)))', -1140834048],
  ['i32(unpack2x16float(five << 26u).y * 1024.0)', 1],
];

describe.skipIf(missing)(`arithmetic on the CPU${missing}`, () => {
  it('follows WGSL', () => {
    const stores = cases.map(([expression], at) => `y[${at}] = ${expression};`).join('\n');
    const kernel = hostKernel(
      `enable f16;
@group(0) @binding(0) var<storage, read> x: array<i32>;
@group(0) @binding(1) var<storage, read_write> y: array<i32>;
@compute @workgroup_size(1) fn main() {
  let i = x[0]; let zero = x[1]; let lowest = x[2]; let minus = x[3];
  let five = u32(x[4]); let f = f32(x[5]) / 2.0;
  ${stores}
}`,
      1,
    );
    const x = new Int32Array([-7, 0, -2147483648, -1, 5, 5]);
    const [, y] = kernel.run([x, new Int32Array(cases.length)]);
    const values = new Int32Array(y.buffer);
    expect(cases.map(([expression], at) => [expression, values[at]])).toEqual(cases);
  }, 60_000);
});

/** Numbers of 32 bits, with those at the ends more often. */
const words = fc.oneof(
  fc.integer(),
  fc.constantFrom(0, 1, -1, 2, 31, 32, 33, 2147483647, -2147483648, -2147483647),
);
const floats = fc.oneof(
  fc.float({ noNaN: true, noDefaultInfinity: true, min: Math.fround(-1e18), max: Math.fround(1e18) }),
  fc.float({ noNaN: true, noDefaultInfinity: true, min: Math.fround(-70000), max: Math.fround(70000) }),
  fc.integer({ min: -100, max: 100 }).map((i) => i / 2),
);
const saturated = (x: number, low: number, high: number): number =>
  Math.min(Math.max(Math.trunc(x), low), high);
const isDenormal = (x: number): boolean => x !== 0 && Math.abs(x) < 2 ** -126;

/** Functions of two numbers of a type and what they are by the rules of JavaScript, the result in the bits of an i32. */
const INTEGERS: readonly (readonly [wgsl: string, rule: (a: number, b: number) => number])[] = [
  ['a + b', (a, b) => a + b],
  ['a - b', (a, b) => a - b],
  ['a * b', (a, b) => Math.imul(a, b)],
  ['a / b', (a, b) => (b === 0 ? a : Math.trunc(a / b))],
  ['a % b', (a, b) => (b === 0 ? 0 : a % b)],
  ['-a', (a) => -a],
  ['~a', (a) => ~a],
  ['a & b', (a, b) => a & b],
  ['a | b', (a, b) => a | b],
  ['a ^ b', (a, b) => a ^ b],
  ['a << u32(b)', (a, b) => a << b],
  ['a >> u32(b)', (a, b) => a >> b],
  ['i32(u32(a) >> u32(b))', (a, b) => a >>> b],
  ['min(a, b)', Math.min],
  ['max(a, b)', Math.max],
  ['clamp(a, min(b, 5), 5)', (a, b) => Math.min(Math.max(a, Math.min(b, 5)), 5)],
  ['abs(a)', Math.abs],
  ['sign(a)', Math.sign],
  ['i32(u32(a) / u32(b))', (a, b) => (b === 0 ? a : Math.floor((a >>> 0) / (b >>> 0)))],
  ['i32(u32(a) % u32(b))', (a, b) => (b === 0 ? 0 : (a >>> 0) % (b >>> 0))],
  ['i32(min(u32(a), u32(b)))', (a, b) => Math.min(a >>> 0, b >>> 0)],
  ['select(a, b, a < b)', (a, b) => (a < b ? b : a)],
  ['i32(u32(a) < u32(b))', (a, b) => Number(a >>> 0 < b >>> 0)],
  ['i32(countLeadingZeros(u32(a)))', (a) => Math.clz32(a)],
  ['i32(countOneBits(a))', (a) => (a >>> 0).toString(2).replaceAll('0', '').length],
  ['(vec3<i32>(a, b, a) * vec3<i32>(b, b, a)).z', (a) => Math.imul(a, a)],
  ['dot(vec2<i32>(a, b), vec2<i32>(b, 3))', (a, b) => Math.imul(a, b) + Math.imul(b, 3)],
  ['bitcast<i32>(f32(a))', (a) => new Int32Array(new Float32Array([a]).buffer)[0]],
];
const FLOATS: readonly (readonly [wgsl: string, rule: (a: number, b: number) => number])[] = [
  ['a + b', (a, b) => a + b],
  ['a - b', (a, b) => a - b],
  ['a * b', (a, b) => a * b],
  ['a / select(b, 1.0, b == 0.0)', (a, b) => a / (b === 0 ? 1 : b)],
  ['min(a, b)', Math.min],
  ['max(a, b)', Math.max],
  ['clamp(a, -2.5, 2.5)', (a) => Math.min(Math.max(a, -2.5), 2.5)],
  ['floor(a)', Math.floor],
  ['ceil(a)', Math.ceil],
  ['trunc(a)', Math.trunc],
  ['sqrt(abs(a))', (a) => Math.sqrt(Math.abs(a))],
  ['sign(a)', Math.sign],
  ['step(a, b)', (a, b) => Number(a <= b)],
  ['saturate(a)', (a) => Math.min(Math.max(a, 0), 1)],
  ['f32(i32(a))', (a) => saturated(a, -2147483648, 2147483647)],
  ['f32(u32(a))', (a) => saturated(a, 0, 4294967295)],
  ['fma(a, 1.0, b)', (a, b) => a + b],
  ['(vec4<f32>(a, b, a, b) * b).z', (a, b) => a * b],
  ['(a - vec3<f32>(b)).x', (a, b) => a - b],
  ['max(vec2<f32>(a), vec2<f32>(b)).y', Math.max],
];

/** A kernel that makes the numbers of a list from `a` and `b`. */
function kernelOf(type: 'i32' | 'f32', list: readonly (readonly [string, unknown])[]): HostKernel {
  return hostKernel(
    `@group(0) @binding(0) var<storage, read> x: array<${type}>;
@group(0) @binding(1) var<storage, read_write> y: array<${type}>;
@compute @workgroup_size(1) fn main() { let a = x[0]; let b = x[1];
${list.map(([wgsl], i) => `y[${i}] = ${wgsl};`).join('\n')} }`,
    1,
  );
}

describe.skipIf(missing)(`properties of arithmetic on the CPU${missing}`, () => {
  it('integers wrap around, and division by zero gives the dividend', () => {
    const kernel = kernelOf('i32', INTEGERS);
    fc.assert(
      fc.property(words, words, (a, b) => {
        const [, y] = kernel.run([new Int32Array([a, b]), new Int32Array(INTEGERS.length)]);
        const got = new Int32Array(y.buffer);
        expect(INTEGERS.map(([wgsl], i) => [wgsl, got[i]])).toEqual(
          INTEGERS.map(([wgsl, rule]) => [wgsl, rule(a, b) | 0]),
        );
      }),
      { numRuns: 300 },
    );
  }, 60_000);

  it('f32 rounds as IEEE 754 says, conversions saturate', () => {
    const kernel = kernelOf('f32', FLOATS);
    fc.assert(
      fc.property(floats, floats, (a, b) => {
        fc.pre(!FLOATS.some(([, rule]) => isDenormal(rule(a, b))));
        const [, y] = kernel.run([new Float32Array([a, b]), new Float32Array(FLOATS.length)]);
        const got = new Float32Array(y.buffer);
        // Zeros of either sign are equal in WGSL, too.
        expect(FLOATS.map(([wgsl], i) => [wgsl, got[i] + 0])).toEqual(
          FLOATS.map(([wgsl, rule]) => [wgsl, Math.fround(rule(a, b)) + 0]),
        );
      }),
      { numRuns: 300 },
    );
  }, 60_000);
});
