/**
 * What translated kernels compute where a CPU cannot tell: conversions in PTX, shuffles of whole and partial warps, `ldmatrix`
 * and `mma` in f16 and bf16, dynamic shared memory, rules of integers.
 */
import type { CudaDevice } from '../../../../src/devices/cuda/index.js';
import { translate } from '../../../../src/devices/cuda/translate/index.js';
import type { HalfType } from '../../../../src/devices/cuda/translate/prelude-halves.js';
import type { CudaKernel } from '../../../../src/devices/gpu.js';
import { decodeElements, encodeElements, sourceOf } from '../translate-support.js';
import { difference, type Tally } from './tally.js';

/** Threads of the kernel that goes through all halves. */
const THREADS = 256;
/** How many halves there are. */
const HALVES = 65536;
/** Elements from line to line of a matrix in memory. */
const PITCH = 24;

export async function checkSemantics(device: CudaDevice, tally: Tally): Promise<void> {
  for (const half of ['f16', 'bf16'] as const) {
    await checkHalves(device, tally, half);
    await checkMatrices(device, tally, half);
  }
  for (const lanes of [64, 8]) await checkSubgroups(device, tally, lanes);
  await checkIntegers(device, tally);
}

/** Runs a text in WGSL on the bindings' bytes, and returns what they are afterwards. */
async function run(
  device: CudaDevice,
  wgsl: string,
  workgroup: number,
  views: readonly ArrayBufferView[],
  half: HalfType = 'f16',
): Promise<Uint8Array<ArrayBuffer>[]> {
  const { id, bindings, grid, workgroup: size } = sourceOf('semantics', wgsl, workgroup);
  const { cuda, entry, dynamicBytes } = translate(sourceOf('semantics', wgsl, workgroup), { half });
  const source: CudaKernel = {
    id,
    bindings,
    workgroup: size,
    grid,
    features: [],
    flops: 0,
    bytes: 0,
    cuda: cuda.replaceAll(entry, 'main_kernel'),
    workgroupBytes: dynamicBytes,
  };
  const [kernel] = await device.compile([source]);
  const buffers = await Promise.all(
    views.map((view, i) => device.allocate(view.byteLength, bindings[i].name)),
  );
  for (const [i, buffer] of buffers.entries()) device.write(buffer, 0, views[i]);
  const slices = buffers.map((buffer, i) => ({ buffer, offset: 0, bytes: views[i].byteLength }));
  const recording = await device.record([{ kernel, slices }], slices);
  const results = await device.submit(recording);
  device.release(recording);
  for (const buffer of buffers) buffer.destroy();
  return results;
}

/** Every half there is, to f32 and back, and pairs of them packed. */
async function checkHalves(device: CudaDevice, tally: Tally, half: HalfType): Promise<void> {
  const codes = Uint16Array.from({ length: HALVES }, (_, i) => i);
  const [, y, z, w] = await run(
    device,
    `enable f16;
@group(0) @binding(0) var<storage, read> x: array<f16>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read_write> z: array<f16>;
@group(0) @binding(3) var<storage, read_write> w: array<u32>;
@compute @workgroup_size(${THREADS}) fn main(@builtin(local_invocation_index) t: u32) {
  for (var i = t; i < ${HALVES}u; i += ${THREADS}u) {
    y[i] = f32(x[i]);
    z[i] = f16(f32(x[i]) * 1.37);
    if (i < ${HALVES / 2}u) { w[i] = pack2x16float(vec2<f32>(f32(x[2u * i]), f32(x[2u * i + 1u]))); }
  }
}`,
    THREADS,
    [codes, new Float32Array(HALVES), new Uint16Array(HALVES), new Uint32Array(HALVES / 2)],
    half,
  );
  const values = decodeElements(codes, half);
  tally.count(`${half} to f32`, difference(new Float32Array(y.buffer), values));
  const scaled = values.map((value) => Math.fround(Math.fround(value) * Math.fround(1.37)));
  const rounded = decodeElements(encodeElements(scaled, half), half);
  tally.count(`f32 to ${half}`, difference(decodeElements(z, half), rounded));
  tally.count(`${half} packed`, difference(decodeElements(w, half), values));
  tally.part(`${HALVES} halves of type ${half}`);
}

type Order = 'row' | 'col';
const ORDERS: readonly Order[] = ['row', 'col'];

/** A 16x16 matrix in lines of `PITCH` elements. */
function lines(matrix: readonly number[], order: Order): number[] {
  return Array.from({ length: 16 * PITCH }, (_, i) => {
    const [line, place] = [Math.floor(i / PITCH), i % PITCH];
    if (place >= 16) return 99;
    return order === 'row' ? matrix[16 * line + place] : matrix[16 * place + line];
  });
}

/** Products in both orders of both operands, from workgroup memory (`ldmatrix`) and storage, stored in both orders. */
async function checkMatrices(device: CudaDevice, tally: Tally, half: HalfType): Promise<void> {
  const [a, b] = [3, 8].map((seed) =>
    Array.from({ length: 256 }, (_, i) => (((i * 31 + seed) % 23) - 11) / 4),
  );
  const want = a.map((_, i) => {
    let sum = 0;
    for (let k = 0; k < 16; k++) sum += a[(i & ~15) + k] * b[16 * k + (i & 15)];
    return 2 * sum;
  });
  for (const left of ORDERS) {
    for (const right of ORDERS) {
      for (const staged of [true, false]) {
        const bytes = [encodeElements(lines(a, left), half), encodeElements(lines(b, right), half)];
        const text = matrixText(left, right, staged);
        const [, , y] = await run(device, text, 32, [...bytes, new Float32Array(320)], half);
        const got = new Float32Array(y.buffer);
        const at = (row: number, col: number): number => (left === 'row' ? 20 * row + col : 20 * col + row);
        const from = staged ? 'workgroup memory' : 'storage';
        tally.count(
          `${half} matrices from ${from}, ${left} by ${right}`,
          difference(
            want.map((_, i) => got[at(i >> 4, i & 15)]),
            want,
          ),
        );
      }
    }
  }
  tally.part(`subgroup matrices of ${half}`);
}

function matrixText(left: Order, right: Order, staged: boolean): string {
  const element = staged ? 'vec4<u32>' : 'f16';
  const load = (type: string, order: Order, name: 'a' | 'b'): string =>
    staged
      ? `subgroupMatrixLoad<${type}, ${order}_major>(&staged, ${name === 'a' ? 0 : 48}u, 3u)`
      : `subgroupMatrixLoad<${type}, ${order}_major>(&${name}, 0u, ${PITCH}u)`;
  return `enable f16;
enable subgroups;
enable chromium_experimental_subgroup_matrix;
alias Left = subgroup_matrix_left<f16, 16, 16>;
alias Right = subgroup_matrix_right<f16, 16, 16>;
alias Sums = subgroup_matrix_result<f32, 16, 16>;
@group(0) @binding(0) var<storage, read> a: array<${element}>;
@group(0) @binding(1) var<storage, read> b: array<${element}>;
@group(0) @binding(2) var<storage, read_write> y: array<${staged ? 'vec4<f32>' : 'f32'}>;
${staged ? 'var<workgroup> staged: array<vec4<u32>, 96>;' : ''}
@compute @workgroup_size(32) fn main(@builtin(local_invocation_index) t: u32) {
  ${staged ? 'for (var i = t; i < 48u; i += 32u) { staged[i] = a[i]; staged[48u + i] = b[i]; }' : ''}
  workgroupBarrier();
  var c: Sums;
  let l = ${load('Left', left, 'a')};
  let r = ${load('Right', right, 'b')};
  c = subgroupMatrixMultiplyAccumulate(l, r, c);
  c = subgroupMatrixMultiplyAccumulate(l, r, c);
  subgroupMatrixStore<${left}_major>(&y, 0u, c, ${staged ? 5 : 20}u);
}`;
}

/** Subgroups of 32 lanes, and the part of one that a small workgroup is. */
async function checkSubgroups(device: CudaDevice, tally: Tally, lanes: number): Promise<void> {
  const given = Array.from({ length: lanes }, (_, i) => ((i * 37) % 64) - 20);
  const size = Math.min(lanes, 32);
  const [, y] = await run(
    device,
    `@group(0) @binding(0) var<storage, read> x: array<i32>;
@group(0) @binding(1) var<storage, read_write> y: array<i32>;
@compute @workgroup_size(${lanes}) fn main(@builtin(local_invocation_index) t: u32) {
  y[t] = subgroupAdd(x[t]); y[${lanes}u + t] = subgroupShuffleXor(x[t], 5u);
  y[${2 * lanes}u + t] = subgroupMax(vec2<i32>(x[t], -x[t])).y; y[${3 * lanes}u + t] = subgroupBroadcast(x[t], 3u);
}`,
    lanes,
    [Int32Array.from(given), new Int32Array(4 * lanes)],
  );
  const warp = (i: number): number[] => given.filter((_, j) => Math.floor(j / size) === Math.floor(i / size));
  const want = [
    ...given.map((_, i) => warp(i).reduce((p, q) => p + q)),
    ...given.map((_, i) => given[i ^ 5]),
    ...given.map((_, i) => Math.max(...warp(i).map((v) => -v))),
    ...given.map((_, i) => warp(i)[3]),
  ];
  tally.count(`subgroups in a workgroup of ${lanes}`, difference(new Int32Array(y.buffer), want));
}

/** More than 48 KiB of shared memory, and integers at their ends. */
async function checkIntegers(device: CudaDevice, tally: Tally): Promise<void> {
  const x = Int32Array.of(-7, 0, -2147483648, -1, 5, 2147483647);
  const [, y] = await run(
    device,
    `@group(0) @binding(0) var<storage, read> x: array<i32>;
@group(0) @binding(1) var<storage, read_write> y: array<i32>;
var<workgroup> pad: array<u32, 5>;
var<workgroup> big: array<vec4<i32>, 8192>;
@compute @workgroup_size(64) fn main(@builtin(local_invocation_index) t: u32) {
  pad[t % 5u] = t;
  big[128u * t] = vec4<i32>(i32(t));
  workgroupBarrier();
  y[t] = big[128u * (63u - t)].w;
  if (t == 0u) {
    y[64] = x[0] / x[1]; y[65] = x[0] % x[1]; y[66] = x[2] / x[3]; y[67] = x[2] % x[3]; y[68] = x[5] + 1;
    y[69] = i32(f32(x[5]) * 4.0); y[70] = i32(u32(f32(x[0]))); y[71] = x[4] << 33u; y[72] = abs(x[2]);
    y[73] = i32(u32(x[4]) / u32(x[1]));
  }
}`,
    64,
    [x, new Int32Array(74)],
  );
  const reversed = Array.from({ length: 64 }, (_, t) => 63 - t);
  const rules = [-7, 0, -2147483648, 0, -2147483648, 2147483647, 0, 10, -2147483648, 5];
  tally.count(
    '128 KiB of shared memory, and integers',
    difference(new Int32Array(y.buffer), [...reversed, ...rules]),
  );
}
