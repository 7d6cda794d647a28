/**
 * Matrix products of few rows: the classifier of a small batch. All time goes into reading b once. A workgroup takes
 * four columns of y (rows of b as stored, depth innermost) and up to eight rows; its invocations stride over the depth
 * by vec4, so that every invocation has four independent loads of b in flight, and the sums meet in workgroup memory.
 */
import { bindings, constants, foldedGrid, kernelText } from '../wgsl.js';
import {
  batchFunction,
  batchesOf,
  rolesOf,
  transposedProblem,
  vectorAlong,
  type GemmKernel,
  type GemmProblem,
  type Oriented,
} from './problem.js';
import { gemmEnding } from './store.js';

/** Most rows that one workgroup takes. */
const MOST_ROWS = 8;

export interface GemvConfig {
  readonly id: string;
  readonly problem: GemmProblem;
  readonly maxGrid: number;
  /** Invocations per workgroup, a power of two of at least 8; 128 by default. */
  readonly workgroup?: number;
}

/** Why the kernel does not apply, or undefined. */
export function gemvRefusal(problem: GemmProblem): string | undefined {
  const { a, b, rows, cols, depth } = fewRows(problem).problem;
  if (rows > 4 * MOST_ROWS) return `it is for up to ${4 * MOST_ROWS} rows, not ${rows}`;
  const aligned =
    vectorAlong('cols', a, { rows, cols: depth }) && vectorAlong('rows', b, { rows: depth, cols });
  return aligned ? undefined : 'the depth is not contiguous in vectors of four in both operands';
}

/** A product of few columns is one of few rows, transposed. */
function fewRows(problem: GemmProblem): Oriented {
  const swapped = problem.cols < problem.rows;
  return { problem: swapped ? transposedProblem(problem) : problem, swapped };
}

const BODY = /* wgsl */ `
var<workgroup> sums: array<vec4<f32>, WORKGROUP * GROUP_ROWS>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let group = wid.x + wid.y * GRID_X;
  if (group >= GROUPS) { return; }
  let col = group % COL_GROUPS * 4u;
  let row = group / COL_GROUPS % ROW_GROUPS * GROUP_ROWS;
  let batch = group / (COL_GROUPS * ROW_GROUPS);
  let cols = min(col + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(COLS - 1u));
  let b_at = (b_batch(batch) + cols * B_COL) / 4u;
  let a_at = a_batch(batch) / 4u;
  var sum: array<vec4<f32>, GROUP_ROWS>;
  for (var k = lane; k < DEPTH / 4u; k += WORKGROUP) {
    let b0 = vec4<f32>(b[b_at.x + k]);
    let b1 = vec4<f32>(b[b_at.y + k]);
    let b2 = vec4<f32>(b[b_at.z + k]);
    let b3 = vec4<f32>(b[b_at.w + k]);
    for (var i = 0u; i < GROUP_ROWS; i++) {
      let v = vec4<f32>(a[a_at + min(row + i, ROWS - 1u) * (A_ROW / 4u) + k]);
      sum[i] += vec4<f32>(dot(v, b0), dot(v, b1), dot(v, b2), dot(v, b3));
    }
  }
  for (var i = 0u; i < GROUP_ROWS; i++) { sums[i * WORKGROUP + lane] = sum[i]; }
  for (var half = WORKGROUP / 2u; half > 0u; half = half / 2u) {
    workgroupBarrier();
    if (lane < half) {
      for (var i = 0u; i < GROUP_ROWS; i++) {
        sums[i * WORKGROUP + lane] += sums[i * WORKGROUP + lane + half];
      }
    }
  }
  workgroupBarrier();
  if (lane < GROUP_ROWS) { store(batch, row + lane, col, sums[lane * WORKGROUP]); }
}
`;

export function gemvKernel(config: GemvConfig): GemmKernel {
  const { id, maxGrid, workgroup = 128 } = config;
  const { problem, swapped } = fewRows(config.problem);
  const { a, b, rows, cols, depth, batch } = problem;
  const ending = gemmEnding(problem);
  const groupRows = Math.min(rows, MOST_ROWS);
  const [rowGroups, colGroups] = [Math.ceil(rows / groupRows), Math.ceil(cols / 4)];
  const groups = rowGroups * colGroups * batchesOf(problem);
  const { grid, gridX } = foldedGrid(groups, maxGrid);
  const list = [
    { name: 'a', access: 'read', element: `vec4<${a.type}>` },
    { name: 'b', access: 'read', element: `vec4<${b.type}>` },
    ...ending.bindings,
  ] as const;
  const types = [a.type, b.type, ...ending.types];
  return {
    source: {
      id,
      wgsl: kernelText(
        types,
        [
          constants({
            WORKGROUP: workgroup,
            GRID_X: gridX,
            GROUPS: groups,
            ROWS: rows,
            COLS: cols,
            DEPTH: depth,
            GROUP_ROWS: groupRows,
            ROW_GROUPS: rowGroups,
            COL_GROUPS: colGroups,
            A_ROW: a.rowStride,
            B_COL: b.colStride,
          }),
          ending.aliases,
          bindings(list),
          batchFunction('a_batch', a, batch),
          batchFunction('b_batch', b, batch),
          ending.declarations,
        ],
        ending.text + BODY,
      ),
      bindings: list.map(({ name, access }) => ({ name, access })),
      workgroup: [workgroup, 1, 1],
      grid,
      features: types.includes('f16') ? ['f16'] : [],
      workgroupBytes: workgroup * groupRows * 16,
      flops: problem.flops,
      bytes: problem.bytes,
    },
    roles: rolesOf(swapped, 'a', 'b', ...ending.bindings.map(({ name }) => name)),
  };
}
