/**
 * Matrix products of few rows, the fully connected layers of a batch up to 128: all weights are read once, at the speed
 * of memory as far as arithmetic allows.
 *
 * An invocation keeps the sums of up to 16 rows by 8 columns in registers and walks down the depth, four rows of b at a
 * time: neighbouring invocations load neighbouring vectors of b straight into registers, the next four rows while these are
 * multiplied (`streamText` writes that out: eight loads are in flight per invocation). a is small and goes through
 * workgroup memory; all invocations of a warp read the same vector of it. More rows are more warps, which find b
 * in L1. The depth is divided among warps, whose sums meet in workgroup memory, and among workgroups, whose partial
 * sums a second kernel adds.
 */
import { alias, bindings, constants, foldedGrid, kernelText } from '../wgsl.js';
import {
  COLUMN_LANES,
  STREAM_STEP,
  chunkDepth,
  meetingBytes,
  partDepth,
  rowShares,
  streamThreads,
  type StreamShape,
} from './gemv-shapes.js';
import { batchFunction, vectorAlong, type GemmKernel, type GemmProblem } from './problem.js';
import { PARTIAL, reduceKernel, type ReduceText } from './split.js';
import { gemmEnding } from './store.js';
import type { GpuLimits } from '../../devices/gpu.js';

export interface StreamConfig {
  readonly id: string;
  readonly problem: GemmProblem;
  readonly shape: StreamShape;
  readonly limits: GpuLimits;
}

/** What one load of b brings: four neighbours, or eight halves in 16 bytes. */
function loadsEights({ b, cols, depth }: GemmProblem, { vectors }: StreamShape): boolean {
  const { rowStride, offset } = b;
  return (
    vectors === 2 &&
    b.type === 'f16' &&
    depth > 0 &&
    [cols, rowStride, offset].every((count) => count % 8 === 0)
  );
}

const LOAD_A_VECTORS = /* wgsl */ `
fn a_vector(row: u32, k: u32, end: u32) -> vec4<f32> {
  if (row >= ROWS || k >= end) { return vec4<f32>(); }
  return vec4<f32>(a[(a_batch(0u) + row * A_ROW + k) / 4u]);
}
`;

const LOAD_A_SCALARS = /* wgsl */ `
fn a_one(row: u32, k: u32, end: u32) -> f32 {
  if (row >= ROWS || k >= end) { return 0.0; }
  return f32(a[a_batch(0u) + row * A_ROW + k * A_COL]);
}

fn a_vector(row: u32, k: u32, end: u32) -> vec4<f32> {
  return vec4<f32>(
    a_one(row, k, end),
    a_one(row, k + 1u, end),
    a_one(row, k + 2u, end),
    a_one(row, k + 3u, end),
  );
}
`;

// Beyond the depth a is 0: what b is there does not matter, if it is a number.
const LOAD_B = /* wgsl */ `
fn b_vector(k: u32, at: u32) -> Stored {
  return b[min(k, DEPTH - 1u) * B_ROW + at];
}
`;

const STAGE = /* wgsl */ `
var<workgroup> a_tile: array<vec4<f32>, TILE_ROWS * CHUNK / 4u>;

fn stage(chunk: u32, end: u32, t: u32) {
  for (var i = t; i < TILE_ROWS * (CHUNK / 4u); i += THREADS) {
    a_tile[i] = a_vector(i / (CHUNK / 4u), chunk + i % (CHUNK / 4u) * 4u, end);
  }
}
`;

const STORE_PARTIAL = /* wgsl */ `
fn store(part: u32, row: u32, col: u32, v: vec4<f32>) {
  if (row >= ROWS || col >= COLS) { return; }
  partial[(part * ROWS + row) * ((COLS + 3u) / 4u) + col / 4u] = v;
}
`;

/** Sums of all depth lanes; `turn` says which of them adds and stores. */
const MEET = /* wgsl */ `
var<workgroup> sums: array<vec4<f32>, THREADS * VECTORS>;

fn total(vector: u32, t: u32) -> vec4<f32> {
  var sum = vec4<f32>();
  for (var lane = 0u; lane < DEPTH_LANES; lane++) {
    sum += sums[vector * THREADS + lane * (THREADS / DEPTH_LANES) + t % (THREADS / DEPTH_LANES)];
  }
  return sum;
}
`;

function each(lines: readonly string[], indent: string): string {
  return lines.map((line) => `${indent}${line}\n`).join('');
}

/** `main`, with all sums and pieces of b in variables of their own. */
function streamText(rows: number, { vectors, depthLanes }: StreamShape, eights: boolean): string {
  const { own } = rowShares(rows);
  const ks = Array.from({ length: STREAM_STEP }, (_, k) => k);
  const vs = Array.from({ length: vectors }, (_, v) => v);
  const rs = Array.from({ length: own }, (_, r) => r);
  const loads = eights ? [0] : vs;
  const load = (set: string, k: string): string[] =>
    ks.flatMap((i) => loads.map((v) => `${set}${i}_${v} = b_vector(${k} + ${i}u, at${v});`));
  const widened = (set: string): string[] =>
    ks.flatMap((i) =>
      eights
        ? [
            `let b${i}_0 = vec4<f32>(bitcast<Halves>(${set}${i}_0.xy));`,
            `let b${i}_1 = vec4<f32>(bitcast<Halves>(${set}${i}_0.zw));`,
          ]
        : vs.map((v) => `let b${i}_${v} = vec4<f32>(${set}${i}_${v});`),
    );
  const multiply = rs.flatMap((r) => [
    `let a${r} = a_tile[a_at + ${r}u * (CHUNK / 4u)];`,
    ...vs.map(
      (v) => `sum${r}_${v} += a${r}.x * b0_${v} + a${r}.y * b1_${v} + a${r}.z * b2_${v} + a${r}.w * b3_${v};`,
    ),
  ]);
  const phase = (now: string, next: string, i: string, indent: string): string =>
    each(
      [
        `let k = chunk + ${i};`,
        `let a_at = first_row * (CHUNK / 4u) + ${i} / 4u;`,
        `if (k + STEP < end) {`,
        ...load(next, 'k + STEP').map((line) => `  ${line}`),
        `}`,
        ...widened(now),
        ...multiply,
      ],
      indent,
    );
  const columns = vs.map((v) => `col + ${v}u * VECTOR_STEP`);
  const finish = rs.flatMap((r) =>
    depthLanes === 1
      ? vs.map((v) => `store(part, first_row + ${r}u, ${columns[v]}, sum${r}_${v});`)
      : [
          ...vs.map((v) => `sums[${v}u * THREADS + t] = sum${r}_${v};`),
          `workgroupBarrier();`,
          `if (depth_lane == ${r % depthLanes}u) {`,
          ...vs.map((v) => `  store(part, first_row + ${r}u, ${columns[v]}, total(${v}u, t));`),
          `}`,
          `workgroupBarrier();`,
        ],
  );
  return `
@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let group = wid.x + wid.y * GRID_X;
  if (group >= GROUPS) { return; }
  let part = group / COL_TILES;
  let depth_lane = t / (COLUMN_LANES * ROW_GROUPS);
  let first_row = t / COLUMN_LANES % ROW_GROUPS * OWN_ROWS;
  let col = group % COL_TILES * TILE_COLS + t % COLUMN_LANES * LANE_COLS;
  let start = part * PART_DEPTH;
  let end = min(start + PART_DEPTH, DEPTH);
${each(
  loads.map((v) => `let at${v} = (b_batch(0u) + min(col + ${v}u * VECTOR_STEP, COLS - B_UNIT)) / B_UNIT;`),
  '  ',
)}${each(
    rs.flatMap((r) => vs.map((v) => `var sum${r}_${v} = vec4<f32>();`)),
    '  ',
  )}${each(
    ['p', 'q'].flatMap((set) => ks.flatMap((i) => loads.map((v) => `var ${set}${i}_${v} = Stored();`))),
    '  ',
  )}${each(load('p', 'start + depth_lane * 4u'), '  ')}  for (var chunk = start; chunk < end; chunk += CHUNK) {
    workgroupBarrier();
    stage(chunk, end, t);
    workgroupBarrier();
    let limit = min(CHUNK, end - chunk);
    for (var i = depth_lane * 4u; i < limit; i += 2u * STEP) {
      {
${phase('p', 'q', 'i', '        ')}      }
      let j = i + STEP;
      if (j < limit) {
${phase('q', 'p', 'j', '        ')}      }
    }
  }
${each(finish, '  ')}}
`;
}

/** The product, or the partial sums of a shape in parts. */
export function streamKernel({ id, problem, shape, limits }: StreamConfig): GemmKernel {
  const { a, b, rows, cols, depth, batch } = problem;
  const { own, groups: rowGroups } = rowShares(rows);
  const threads = streamThreads(rows, shape);
  const eights = loadsEights(problem, shape);
  const chunk = chunkDepth(problem, shape, limits);
  const tileCols = 4 * COLUMN_LANES * shape.vectors;
  const colTiles = Math.ceil(cols / tileCols);
  const { grid, gridX } = foldedGrid(colTiles * shape.parts, limits.maxGrid);
  const vectorA = vectorAlong('cols', a, { rows, cols: depth });
  const ending = shape.parts > 1 ? { ...PARTIAL, text: STORE_PARTIAL } : gemmEnding(problem);
  const list = [
    { name: 'a', access: 'read', element: vectorA ? `vec4<${a.type}>` : a.type },
    { name: 'b', access: 'read', element: 'Stored' },
    ...ending.bindings,
  ] as const;
  const types = [a.type, b.type, ...ending.types];
  const unit = eights ? 8 : 4;
  return {
    source: {
      id,
      wgsl: kernelText(
        types,
        [
          constants({
            THREADS: threads,
            GRID_X: gridX,
            GROUPS: colTiles * shape.parts,
            ROWS: rows,
            COLS: cols,
            DEPTH: depth,
            COL_TILES: colTiles,
            TILE_COLS: tileCols,
            COLUMN_LANES,
            // Columns from one invocation to the next, and from one vector of an invocation to its next.
            LANE_COLS: unit,
            VECTOR_STEP: eights ? 4 : 4 * COLUMN_LANES,
            OWN_ROWS: own,
            ROW_GROUPS: rowGroups,
            TILE_ROWS: own * rowGroups,
            VECTORS: shape.vectors,
            DEPTH_LANES: shape.depthLanes,
            STEP: STREAM_STEP * shape.depthLanes,
            CHUNK: chunk,
            PART_DEPTH: partDepth(depth, shape),
            A_ROW: a.rowStride,
            A_COL: a.colStride,
            B_UNIT: unit,
            B_ROW: b.rowStride / unit,
          }),
          eights
            ? alias('Stored', 'vec4<u32>') + alias('Halves', 'vec4<f16>')
            : alias('Stored', `vec4<${b.type}>`),
          ending.aliases,
          bindings(list),
          batchFunction('a_batch', a, batch),
          batchFunction('b_batch', b, batch),
          ending.declarations,
        ],
        [
          vectorA ? LOAD_A_VECTORS : LOAD_A_SCALARS,
          LOAD_B,
          STAGE,
          shape.depthLanes > 1 ? MEET : '',
          ending.text,
          streamText(rows, shape, eights),
        ].join(''),
      ),
      bindings: list.map(({ name, access }) => ({ name, access })),
      workgroup: [threads, 1, 1],
      grid,
      features: types.includes('f16') ? ['f16'] : [],
      workgroupBytes: own * rowGroups * chunk * 4 + meetingBytes(rows, shape),
      flops: problem.flops,
      bytes: problem.bytes,
    },
    roles: ['a', 'b', ...ending.bindings.map(({ name }) => name)],
  };
}

/** Vectors of outputs, and shares of the parts, of one workgroup of the second kernel. */
const REDUCE = { vectors: 32, lanes: 8 } as const;

// The parts of an output are added by eight invocations: few dependent loads each, however many parts there are.
const REDUCE_BODY = /* wgsl */ `
var<workgroup> sums: array<vec4<f32>, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let i = (wid.x + wid.y * GRID_X) * VECTORS_EACH + t % VECTORS_EACH;
  var sum = vec4<f32>();
  if (i < VECTORS) {
    for (var part = t / VECTORS_EACH; part < PARTS; part += PART_LANES) { sum += partial[part * VECTORS + i]; }
  }
  sums[t] = sum;
  workgroupBarrier();
  if (t >= VECTORS_EACH || i >= VECTORS) { return; }
  for (var lane = 1u; lane < PART_LANES; lane++) { sum += sums[lane * VECTORS_EACH + t]; }
  store(0u, i / ((COLS + 3u) / 4u), i % ((COLS + 3u) / 4u) * 4u, sum);
}
`;

/** Adds the parts of a `streamKernel` in parts, and finishes. */
export function streamReduceKernel({ id, problem, shape, limits }: StreamConfig): GemmKernel {
  const { rows, cols } = problem;
  const vectors = rows * Math.ceil(cols / 4);
  const { grid, gridX } = foldedGrid(Math.ceil(vectors / REDUCE.vectors), limits.maxGrid);
  const threads = REDUCE.vectors * REDUCE.lanes;
  const adding: ReduceText = {
    constants: constants({
      GRID_X: gridX,
      ROWS: rows,
      COLS: cols,
      VECTORS: vectors,
      PARTS: shape.parts,
      THREADS: threads,
      VECTORS_EACH: REDUCE.vectors,
      PART_LANES: REDUCE.lanes,
    }),
    body: REDUCE_BODY,
    workgroup: [threads, 1, 1],
    grid,
    workgroupBytes: threads * 16,
  };
  return reduceKernel(id, adding, gemmEnding(problem));
}
