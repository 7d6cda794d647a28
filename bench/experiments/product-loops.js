/**
 * How the main loop of a tiled f32 product is best written: 4096 x 4096 x 4096, A stored depth by rows, B depth by columns,
 * without edges, on hardware. What src/kernels/gemm/tile-text.ts does was found here.
 *
 *     node bench/experiments/product-loops.js
 */
import { bufferOf, read, report } from './raw.js';

const N = 4096;
const lines = (count, of) => Array.from({ length: count }, (_, i) => of(i)).join('\n');

/**
 * @param config rows, cols, depth: the tile; fourRows, fourCols: groups of four sums per invocation; halves: copies of the
 * tile in workgroup memory; loop: `plain`, `written` (out), or `ahead` (written out, each depth read before the last is multiplied)
 */
function kernelOf({ rows, cols, depth, fourRows = 2, fourCols = 2, halves = 1, loop = 'plain' }) {
  const [xs, ys] = [cols / (4 * fourCols), rows / (4 * fourRows)];
  const threads = xs * ys;
  const [aLoads, bLoads] = [rows, cols].map((extent) => (extent * depth) / 4 / threads);
  const [aPitch, bPitch] = [rows / 4, cols / 4];
  const load = (k) =>
    lines(
      aLoads,
      (i) =>
        `ra${i} = a[(${k} + (t + ${i * threads}u) / ${aPitch}u) * ${N / 4}u + row0 / 4u + (t + ${i * threads}u) % ${aPitch}u];`,
    ) +
    lines(
      bLoads,
      (i) =>
        `rb${i} = b[(${k} + (t + ${i * threads}u) / ${bPitch}u) * ${N / 4}u + col0 / 4u + (t + ${i * threads}u) % ${bPitch}u];`,
    );
  const put = (half) =>
    lines(aLoads, (i) => `sa[${half} * ${depth * aPitch}u + t + ${i * threads}u] = ra${i};`) +
    lines(bLoads, (i) => `sb[${half} * ${depth * bPitch}u + t + ${i * threads}u] = rb${i};`);
  const take = (half, k, name) =>
    lines(
      fourRows,
      (g) => `let a${name}_${g} = sa[${half} * ${depth * aPitch}u + ${k} * ${aPitch}u + y + ${g * ys}u];`,
    ) +
    lines(
      fourCols,
      (h) => `let b${name}_${h} = sb[${half} * ${depth * bPitch}u + ${k} * ${bPitch}u + x + ${h * xs}u];`,
    );
  const multiply = (name) =>
    lines(fourRows * 4, (r) =>
      lines(fourCols, (h) => `c${r}_${h} += a${name}_${Math.floor(r / 4)}[${r % 4}] * b${name}_${h};`),
    );
  const inner = (half) => {
    if (loop === 'plain') {
      return `for (var i = 0u; i < ${depth}u; i++) { ${take(half, 'i', 'i')} ${multiply('i')} }`;
    }
    if (loop === 'written') return lines(depth, (k) => `${take(half, `${k}u`, k)}${multiply(k)}`);
    return (
      take(half, '0u', 0) +
      lines(depth, (k) => (k + 1 < depth ? take(half, `${k + 1}u`, k + 1) : '') + multiply(k))
    );
  };
  const more = `if (k + ${depth}u < ${N}u)`;
  const steps =
    halves === 1
      ? `for (var k = 0u; k < ${N}u; k += ${depth}u) {
           ${put('0u')} workgroupBarrier();
           ${more} { ${load(`(k + ${depth}u)`)} }
           ${inner('0u')} workgroupBarrier();
         }`
      : `${put('0u')} workgroupBarrier();
         var half = 0u;
         for (var k = 0u; k < ${N}u; k += ${depth}u) {
           ${more} { ${load(`(k + ${depth}u)`)} }
           ${inner('half')} half = 1u - half;
           ${more} { ${put('half')} }
           workgroupBarrier();
         }`;
  const text = `
@group(0) @binding(0) var<storage, read> a: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> b: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> product: array<vec4<f32>>;
var<workgroup> sa: array<vec4<f32>, ${depth * aPitch * halves}>;
var<workgroup> sb: array<vec4<f32>, ${depth * bPitch * halves}>;
@compute @workgroup_size(${threads})
fn main(@builtin(local_invocation_index) t: u32, @builtin(workgroup_id) group: vec3<u32>) {
  let row0 = group.y * ${rows}u;
  let col0 = group.x * ${cols}u;
  let x = t / 32u % ${xs / 8}u * 8u + t % 8u;
  let y = t / 32u / ${xs / 8}u * 4u + t % 32u / 8u;
  ${lines(fourRows * 4, (r) => lines(fourCols, (h) => `var c${r}_${h} = vec4<f32>();`))}
  ${lines(aLoads, (i) => `var ra${i}: vec4<f32>;`)}
  ${lines(bLoads, (i) => `var rb${i}: vec4<f32>;`)}
  ${load('0u')}
  ${steps}
  ${lines(fourRows * 4, (r) =>
    lines(
      fourCols,
      (h) =>
        `product[(row0 + (y + ${Math.floor(r / 4) * ys}u) * 4u + ${r % 4}u) * ${N / 4}u + col0 / 4u + x + ${h * xs}u] = c${r}_${h};`,
    ),
  )}
}`;
  return { text, grid: [N / cols, N / rows] };
}

const random = () => Float32Array.from({ length: N * N }, () => Math.random() * 2 - 1);
const [a, b] = [random(), random()];
const buffers = [bufferOf(4 * N * N, a), bufferOf(4 * N * N, b), bufferOf(4 * N * N)];
const ROWS = [0, 77, N - 1];
const expected = ROWS.map((row) => {
  const sums = new Float64Array(N);
  for (let k = 0; k < N; k++) for (let j = 0; j < N; j++) sums[j] += a[k * N + row] * b[k * N + j];
  return sums;
});

/** The largest error of three rows. */
async function check() {
  const got = new Float32Array(await read(buffers[2], 4 * N * N));
  return Math.max(
    ...ROWS.flatMap((row, i) => Array.from(expected[i], (sum, j) => Math.abs(got[row * N + j] - sum))),
  );
}

const tile = { rows: 128, cols: 128, depth: 16 };
for (const config of [
  tile,
  { ...tile, loop: 'written' },
  { ...tile, loop: 'ahead' },
  { ...tile, depth: 8, loop: 'ahead' },
  { ...tile, halves: 2 },
  { ...tile, depth: 8, halves: 2, loop: 'ahead' },
  { ...tile, fourCols: 4 },
  { ...tile, fourRows: 4 },
  { ...tile, fourCols: 4, loop: 'ahead' },
  { ...tile, fourRows: 4, loop: 'ahead' },
  { ...tile, cols: 256, fourCols: 4, loop: 'ahead' },
  { ...tile, rows: 256, fourRows: 4, loop: 'ahead' },
  { ...tile, cols: 64, loop: 'ahead' },
  { ...tile, rows: 64, cols: 64, loop: 'ahead' },
]) {
  const { rows, cols, depth, fourRows = 2, fourCols = 2, halves = 1, loop = 'plain' } = config;
  const name = `${rows}x${cols}x${depth}, ${4 * fourRows}x${4 * fourCols} sums, ${halves} of workgroup memory, ${loop}`;
  await report(name, 2 * N ** 3, kernelOf(config), buffers, check);
}
process.exit(0);
