/** What translated kernels of many invocations compute, run on the CPU: workgroups, subgroups, matrices. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { HalfType } from '../../../src/devices/cuda/translate/prelude-halves.js';
import { translate, type TranslateOptions } from '../../../src/devices/cuda/translate/index.js';
import { decodeElements, encodeElements, has, HostKernel, sourceOf } from './translate-support.js';

const missing = has('g++') ? '' : ' (SKIPPED: g++ is not here)';
const folder = mkdtempSync(join(tmpdir(), 'lanewise-host-'));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;

function hostKernel(wgsl: string, workgroup: number, options?: TranslateOptions): HostKernel {
  return new HostKernel(translate(sourceOf(`g${count++}`, wgsl, workgroup), options), folder);
}

const lanes = Array.from({ length: 64 }, (_, i) => i);
/** Some numbers without order. */
const given = lanes.map((i) => ((i * 37) % 64) - 20);
/** The numbers of a lane's subgroup. */
const warpOf = (lane: number): number[] => given.filter((_, i) => i >> 5 === lane >> 5);
const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);

/** Runs 64 invocations that make numbers of `v`, the lane's own, each. */
function perLane(body: string, declarations = '', results = 1): number[] {
  const kernel = hostKernel(
    `@group(0) @binding(0) var<storage, read> x: array<i32>;
@group(0) @binding(1) var<storage, read_write> y: array<i32>;
${declarations}
@compute @workgroup_size(64) fn main(@builtin(local_invocation_index) t: u32,
@builtin(subgroup_invocation_id) lane: u32) { let v = x[t]; ${body} }`,
    64,
  );
  const [, y] = kernel.run([new Int32Array(given), new Int32Array(64 * results)]);
  return [...new Int32Array(y.buffer)];
}

describe.skipIf(missing)(`workgroups on the CPU${missing}`, () => {
  const subgroups: readonly (readonly [expression: string, rule: (lane: number) => number])[] = [
    ['subgroupAdd(v)', (lane) => sum(warpOf(lane))],
    ['subgroupMin(v)', (lane) => Math.min(...warpOf(lane))],
    ['subgroupMax(v)', (lane) => Math.max(...warpOf(lane))],
    ['subgroupXor(v)', (lane) => warpOf(lane).reduce((a, b) => a ^ b)],
    ['subgroupOr(v)', (lane) => warpOf(lane).reduce((a, b) => a | b)],
    ['subgroupAnd(v)', (lane) => warpOf(lane).reduce((a, b) => a & b)],
    ['subgroupMul(v | 1)', (lane) => warpOf(lane).reduce((a, b) => Math.imul(a, b | 1), 1)],
    ['subgroupShuffle(v, lane * 5u % 32u)', (lane) => warpOf(lane)[((lane % 32) * 5) % 32]],
    ['subgroupShuffleXor(v, 9u)', (lane) => given[lane ^ 9]],
    ['subgroupShuffleDown(v, 0u)', (lane) => given[lane]],
    ['subgroupBroadcast(v, 7u)', (lane) => warpOf(lane)[7]],
    ['subgroupBroadcastFirst(v)', (lane) => warpOf(lane)[0]],
    ['subgroupShuffleXor(vec2<i32>(v, 3 * v), 2u).y', (lane) => 3 * given[lane ^ 2]],
    ['i32(subgroupAdd(vec3<f32>(f32(v))).z)', (lane) => sum(warpOf(lane))],
    ['i32(subgroupMax(f16(v)))', (lane) => Math.max(...warpOf(lane))],
    ['select(0, 1, subgroupAny(v == 43))', (lane) => Number(warpOf(lane).includes(43))],
    ['select(0, 1, subgroupAll(v < 43))', (lane) => Number(warpOf(lane).every((v) => v < 43))],
  ];
  it('subgroups', () => {
    const stores = subgroups.map(([expression], i) => `y[${64 * i}u + t] = ${expression};`);
    const got = perLane(stores.join('\n'), '', subgroups.length);
    subgroups.forEach(([expression, rule], i) => {
      expect([expression, ...got.slice(64 * i, 64 * i + 64)]).toEqual([expression, ...lanes.map(rule)]);
    });
  });

  it('subgroups of a workgroup smaller than a warp', () => {
    const kernel = hostKernel(
      `@group(0) @binding(0) var<storage, read> x: array<f16>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(8) fn main(@builtin(local_invocation_index) t: u32) {
  y[t] = f32(subgroupShuffleXor(x[t], 5u)); y[8u + t] = subgroupAdd(f32(x[t])); y[16u + t] = subgroupMax(vec2<f32>(f32(x[t]))).y;
}`,
      8,
    );
    const some = given.slice(0, 8);
    const [, y] = kernel.run([encodeElements(some, 'f16'), new Float32Array(24)]);
    const want = [
      ...some.map((_, i) => some[i ^ 5]),
      ...some.map(() => sum(some)),
      ...some.map(() => Math.max(...some)),
    ];
    expect([...new Float32Array(y.buffer)]).toEqual(want);
  });

  it('barriers and workgroup memory', () => {
    const text =
      'm[t] = v; workgroupBarrier(); let other = m[63u - t]; workgroupBarrier(); m[t] = other + 1;';
    const got = perLane(
      `${text} workgroupBarrier(); y[t] = m[(t + 1u) % 64u];`,
      'var<workgroup> m: array<i32, 64>;',
    );
    expect(got).toEqual(lanes.map((t) => given[63 - ((t + 1) % 64)] + 1));
  });

  it('more than 48 KiB of workgroup memory', () => {
    const declarations = 'var<workgroup> pad: array<u32, 5>; var<workgroup> big: array<vec4<i32>, 4096>;';
    const got = perLane(
      'pad[t % 5u] = t; big[64u * t] = vec4<i32>(v); workgroupBarrier(); y[t] = big[64u * (63u - t)].w;',
      declarations,
    );
    expect(got).toEqual(lanes.map((t) => given[63 - t]));
  });

  it('atomics', () => {
    const got = perLane(
      `if (t == 0u) { atomicStore(&a[0], 5); atomicStore(&a[1], 100); atomicStore(&a[2], -100); atomicStore(&a[3], 0); }
       workgroupBarrier();
       atomicAdd(&a[0], v); atomicMin(&a[1], v); atomicMax(&a[2], v); atomicOr(&a[3], v);
       workgroupBarrier();
       y[t] = atomicLoad(&a[t % 4u]);`,
      'var<workgroup> a: array<atomic<i32>, 4>;',
    );
    const all = [sum(given) + 5, Math.min(...given), Math.max(...given), given.reduce((a, b) => a | b)];
    expect(got).toEqual(lanes.map((t) => all[t % 4]));
  });

  it('workgroupUniformLoad', () => {
    const got = perLane(
      'if (t == 9u) { one = v; } y[t] = workgroupUniformLoad(&one);',
      'var<workgroup> one: i32;',
    );
    expect(got).toEqual(lanes.map(() => given[9]));
  });
});

/** Halves as they are stored; a matrix of 16x16 that both types hold exactly. */
const values = (seed: number): number[] =>
  Array.from({ length: 256 }, (_, i) => (((i * 31 + seed) % 23) - 11) / 4);

interface MatrixCase {
  readonly left: 'row' | 'col';
  readonly right: 'row' | 'col';
  /** Where the operands are: workgroup memory by vectors of eight, or storage by halves. */
  readonly from: 'workgroup' | 'storage';
  readonly store: 'row' | 'col';
}

const ORDERS = ['row', 'col'] as const;
const matrixCases: readonly MatrixCase[] = ORDERS.flatMap((left) =>
  ORDERS.flatMap((right) => [
    { left, right, from: 'workgroup', store: left },
    { left, right, from: 'storage', store: right },
  ]),
);

/** Lines of 16 at a pitch of 24 numbers. */
const PITCH = 24;
function lines(matrix: readonly number[], order: 'row' | 'col'): number[] {
  const at = (i: number): number => {
    const [line, place] = [Math.floor(i / PITCH), i % PITCH];
    if (place >= 16) return 99;
    return order === 'row' ? matrix[16 * line + place] : matrix[16 * place + line];
  };
  return Array.from({ length: 16 * PITCH }, (_, i) => at(i));
}

/** The product of a case, twice, into `y` from `at` on in lines of 20. */
function matrixText({ left, right, from, store }: MatrixCase, at: number): string {
  const load = (type: string, order: string, name: string): string =>
    from === 'workgroup'
      ? `subgroupMatrixLoad<${type}, ${order}_major>(&staged_${name}, ${order === 'row' ? 0 : 48}u, 3u)`
      : `subgroupMatrixLoad<${type}, ${order}_major>(&${name}, ${order === 'row' ? 0 : 16 * PITCH}u, ${PITCH}u)`;
  return `{
    let l = ${load('Left', left, 'a')};
    let r = ${load('Right', right, 'b')};
    var c: Sums;
    c = subgroupMatrixMultiplyAccumulate(l, r, c);
    c = subgroupMatrixMultiplyAccumulate(l, r, c);
    ${
      store === left
        ? `subgroupMatrixStore<${store}_major>(&y, ${at}u, c, 20u);`
        : `subgroupMatrixStore<${store}_major>(&staged_y, 0u, c, 5u);
    workgroupBarrier();
    for (var i = t; i < 320u; i += 32u) { y[${at}u + i] = staged_y[i / 4u][i % 4u]; }
    workgroupBarrier();`
    }
  }`;
}

function matrixKernel(half: HalfType): HostKernel {
  return hostKernel(
    `enable f16;
enable subgroups;
enable chromium_experimental_subgroup_matrix;
diagnostic(off, chromium.subgroup_matrix_uniformity);
alias Left = subgroup_matrix_left<f16, 16, 16>;
alias Right = subgroup_matrix_right<f16, 16, 16>;
alias Sums = subgroup_matrix_result<f32, 16, 16>;
@group(0) @binding(0) var<storage, read> a: array<f16>;
@group(0) @binding(1) var<storage, read> b: array<f16>;
@group(0) @binding(2) var<storage, read> a_eights: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read> b_eights: array<vec4<u32>>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;
var<workgroup> staged_a: array<vec4<u32>, 96>;
var<workgroup> staged_b: array<vec4<u32>, 96>;
var<workgroup> staged_y: array<vec4<f32>, 80>;
@compute @workgroup_size(32) fn main(@builtin(local_invocation_index) t: u32) {
  for (var i = t; i < 96u; i += 32u) { staged_a[i] = a_eights[i]; staged_b[i] = b_eights[i]; }
  workgroupBarrier();
  ${matrixCases.map((testCase, i) => matrixText(testCase, 320 * i)).join('\n')}
}`,
    32,
    { half },
  );
}

describe.skipIf(missing)(`subgroup matrices on the CPU${missing}`, () => {
  it.each<HalfType>(['f16', 'bf16'])('%s: from workgroup memory and storage, in both orders', (half) => {
    const [a, b] = [values(3), values(8)];
    const [left, right] = [a, b].map((matrix) =>
      encodeElements(
        ORDERS.flatMap((order) => lines(matrix, order)),
        half,
      ),
    );
    const buffers = [left, right, left, right, new Float32Array(320 * matrixCases.length)];
    const y = new Float32Array(matrixKernel(half).run(buffers)[4].buffer);
    const want = a.map(
      (_, i) => 2 * sum(lanes.slice(0, 16).map((k) => a[(i & ~15) + k] * b[16 * k + (i & 15)])),
    );
    for (const [at, testCase] of matrixCases.entries()) {
      const place = (row: number, col: number): number =>
        320 * at + (testCase.store === 'row' ? 20 * row + col : 20 * col + row);
      const got = a.map((_, i) => y[place(i >> 4, i & 15)]);
      expect({ ...testCase, got }).toEqual({ ...testCase, got: want });
    }
  });
});

describe.skipIf(missing)(`halves on the CPU${missing}`, () => {
  it.each<HalfType>(['f16', 'bf16'])('%s: storage, arithmetic and packing round to nearest', (half) => {
    const kernel = hostKernel(
      `enable f16;
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f16>;
@group(0) @binding(2) var<storage, read_write> z: array<u32>;
@compute @workgroup_size(64) fn main(@builtin(local_invocation_index) t: u32) {
  y[t] = f16(x[t]);
  y[64u + t] = -(f16(x[t]) * 0.75h + 1.0h);
  y[128u + t] = max(vec2<f16>(f16(x[t])), vec2<f16>(0.0h, 2.0h)).y;
  z[t] = pack2x16float(vec2<f32>(x[t], unpack2x16float(pack2x16float(vec2<f32>(1.0, x[t] / 3.0))).y));
}`,
      64,
      { half },
    );
    const x = Float32Array.from(lanes, (i) => Math.fround((i - 30) * 1.2345 + i / 1000));
    const [, y, z] = kernel.run([x, new Uint16Array(192), new Uint32Array(64)]);
    const rounded = (list: readonly number[]): number[] => decodeElements(encodeElements(list, half), half);
    const stored = rounded([...x]);
    const scaled = rounded(rounded(stored.map((v) => v * 0.75)).map((v) => v + 1)).map((v) => -v);
    const got = decodeElements(y, half);
    expect(got.slice(0, 64)).toEqual(stored);
    expect(got.slice(64, 128)).toEqual(scaled);
    expect(got.slice(128)).toEqual(stored.map((v) => Math.max(v, 2)));
    const thirds = rounded([...x].map((v) => Math.fround(v / 3)));
    expect(decodeElements(z, half)).toEqual(stored.flatMap((v, i) => [v, thirds[i]]));
  });
});
