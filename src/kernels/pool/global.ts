/**
 * Pooling over windows that are whole planes: each plane is reduced by a team of invocations.
 *
 * Memory access: where the innermost axis is N or C, neighbouring invocations take neighbouring planes (four each
 * where they divide) and the members of a team take turns along the plane; in NCHW and NCHW4c a team's members are
 * neighbours, and take consecutive positions of one plane (scalars in NCHW: planes of 7x7 or 13x13 are not aligned to
 * vectors, and a full row of lanes fills its transactions anyhow). Each invocation has several loads in flight; the
 * team's items meet in workgroup memory. Where there are too few planes to fill a GPU, planes are split over
 * workgroups, whose items a second kernel merges.
 */
import type { WgslKernel } from '../../devices/gpu.js';
import { windowExtent } from '../../ops/window.js';
import { sizeOf } from '../../tensor/index.js';
import { viewStrides, type TensorView } from '../view.js';
import { constants, foldedGrid, indexExpression, WORKGROUP } from '../wgsl.js';
import { itemWords } from './reduction.js';
import {
  outputBindings,
  planeNumbering,
  poolSource,
  vectorOf,
  vectorWidth,
  type PoolConfig,
} from './pool-config.js';

/** Loads that an invocation has in flight. */
const UNROLL = 4;

/** Workgroups below which a large GPU idles. */
const FEW_GROUPS = 132;

const NUMBERING = /* wgsl */ `
fn emit_result(i: u32, result: Item) {
  let n = i % LANES * LANE_N + i / LANES / OUTER_C;
  let c = i % LANES * LANE_C + i / LANES % OUTER_C * STEP_C;
  let channel = Lanes(c) + ELEMENTS * VECTOR_C;
  let number = (Lanes(n) + ELEMENTS * VECTOR_N) * CHANNELS + channel;
  let keep = channel < Lanes(CHANNELS);
  put(y_plane(n, c), indices_plane(n, c), result, COUNTED, number, keep);
}
`;

/** Where the first kernel leaves its items: in the output, or for the second kernel. */
const EMIT_RESULT = /* wgsl */ `
fn emit(i: u32, split: u32, result: Item) { emit_result(i, result); }
`;

const EMIT_PART = /* wgsl */ `
fn emit(i: u32, split: u32, result: Item) { parts[split * OUTPUTS + i] = result; }
`;

const TEAM_BODY = /* wgsl */ `
var<workgroup> items: array<Item, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let group = wid.x + wid.y * GRID_X;
  let split = group % SPLITS;
  let member = local / MEMBER_STEP % TEAM;
  let i = group / SPLITS * TEAMS + local / TEAM_STEP % TEAMS;
  var total = none();
  if (i < OUTPUTS) {
    let n = i % LANES * LANE_N + i / LANES / OUTER_C;
    let c = i % LANES * LANE_C + i / LANES % OUTER_C * STEP_C;
    let plane = x_plane(n, c);
    let end = min((split + 1u) * CHUNK, POSITIONS);
    for (var first = split * CHUNK + member; first < end; first += TEAM * UNROLL) {
      var loaded: array<Item, UNROLL>;
      for (var k = 0u; k < UNROLL; k++) {
        let at = first + k * TEAM;
        loaded[k] = none();
        if (at < end) { loaded[k] = item(Value(x[plane + at * X_POSITION]), at); }
      }
      for (var k = 0u; k < UNROLL; k++) { total = merge(total, loaded[k]); }
    }
  }
  items[local] = total;
  workgroupBarrier();
  for (var half = TEAM / 2u; half > 0u; half = half / 2u) {
    if (member < half) { items[local] = merge(items[local], items[local + half * MEMBER_STEP]); }
    workgroupBarrier();
  }
  if (member == 0u && i < OUTPUTS) { emit(i, split, items[local]); }
}
`;

const MERGE_BODY = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + local;
  if (i >= OUTPUTS) { return; }
  var total = parts[i];
  for (var split = 1u; split < SPLITS; split++) { total = merge(total, parts[split * OUTPUTS + i]); }
  emit_result(i, total);
}
`;

/** Whether every window covers the whole plane, so that there is one output per plane. */
export function coversPlane({ x, y, window }: PoolConfig): boolean {
  const { kernel, dilations, padsBegin } = window;
  return kernel.every((taps, axis) => {
    const reach = windowExtent(taps, dilations[axis]) - padsBegin[axis];
    const dense = taps === 1 || dilations[axis] === 1;
    return y.dims[axis + 2] === 1 && dense && reach >= x.dims[axis + 2];
  });
}

/** Whether a plane's elements lie at equal distances: always, but for parts cut out of larger planes. */
export function hasFlatPlanes({ dims, within }: TensorView): boolean {
  return within === undefined || dims.every((dim, axis) => axis < 2 || dim === within.dims[axis]);
}

/** The least power of two that is not less. */
function powerOfTwo(count: number): number {
  return 2 ** Math.max(0, Math.ceil(Math.log2(count)));
}

interface Teams {
  /** Vectors of planes. */
  readonly outputs: number;
  /** Invocations that reduce one of them; a power of two. */
  readonly team: number;
  readonly teams: number;
  /** Whether members of a team are neighbours (else the teams' first members are). */
  readonly memberFirst: boolean;
}

function teamsOf(config: PoolConfig): Teams {
  const { lanes, outer } = planeNumbering(config.x, vectorWidth(config));
  const outputs = lanes * outer;
  const positions = sizeOf(config.x.dims.slice(2));
  const memberFirst = lanes === 1;
  const useful = powerOfTwo(positions / UNROLL);
  if (memberFirst) {
    const team = Math.min(WORKGROUP, useful);
    return { outputs, team, teams: WORKGROUP / team, memberFirst };
  }
  // With few planes along the innermost axis, larger teams keep more multiprocessors busy; four lanes of four
  // elements are left to fill a transaction.
  let team = Math.min(8, useful);
  while (team < 64 && team < useful && outputs * team < FEW_GROUPS * WORKGROUP) team *= 2;
  return { outputs, team, teams: WORKGROUP / team, memberFirst };
}

/** Into how many parts planes are split by default: 1 unless the grid would leave most of a large GPU idle. */
export function globalSplits(config: PoolConfig): number {
  const { outputs, team, teams } = teamsOf(config);
  const groups = Math.ceil(outputs / teams);
  const positions = sizeOf(config.x.dims.slice(2));
  const worthwhile = Math.floor(positions / (team * 4 * UNROLL));
  return groups >= FEW_GROUPS ? 1 : Math.max(1, Math.min(worthwhile, Math.ceil((2 * FEW_GROUPS) / groups)));
}

/** Bytes of the parts that the second kernel merges. */
export function partBytes({ x, reduction }: PoolConfig, splits: number): number {
  const [batch, channels] = x.dims;
  const padded = x.layout.block ? Math.ceil(channels / 4) * 4 : channels;
  return splits * batch * padded * 4 * itemWords(reduction);
}

/** The kernels, in order: bindings [x, outputs...]; with splits [x, parts] and then [parts, outputs...]. */
export function globalKernels(config: PoolConfig, splits: number): WgslKernel[] {
  const { x, y, indices, window, reduction, limits } = config;
  const width = vectorWidth(config);
  const planes = planeNumbering(x, width);
  const { outputs, team, teams, memberFirst } = teamsOf(config);
  const positions = sizeOf(x.dims.slice(2));
  const padded = reduction.kind === 'average' && reduction.countIncludePad;
  const counted = x.dims.slice(2).map((extent, axis) => {
    const end = padded ? extent + window.padsEnd[axis] : extent;
    const start = padded ? -window.padsBegin[axis] : 0;
    return Math.min(end, window.kernel[axis] - window.padsBegin[axis]) - start;
  });
  const shared = [
    constants({ OUTPUTS: outputs, SPLITS: splits, ...planes.constants, COUNTED: { i32: sizeOf(counted) } }),
    planeFunction('x', x, width),
    planeFunction('y', y, width),
    planeFunction('indices', indices ?? y, width),
  ];
  const { grid, gridX } = foldedGrid(Math.ceil(outputs / teams) * splits, limits.maxGrid);
  const input = { name: 'x', access: 'read', element: vectorOf(x.type, width) } as const;
  const first = poolSource(config, {
    variant: splits === 1 ? `global${team}` : `global${team}x${splits}`,
    width,
    workgroup: WORKGROUP,
    grid,
    workgroupBytes: WORKGROUP * width * 4 * itemWords(reduction),
    ...(splits > 1 && { bindings: [input, { name: 'parts', access: 'read_write', element: 'Item' }] }),
    prelude: [
      constants({
        GRID_X: gridX,
        UNROLL,
        TEAM: team,
        TEAMS: teams,
        MEMBER_STEP: memberFirst ? 1 : teams,
        TEAM_STEP: memberFirst ? team : 1,
        POSITIONS: positions,
        CHUNK: Math.ceil(positions / splits),
        X_POSITION: (viewStrides(x).at(-1) ?? 1) / width,
      }),
      ...shared,
    ],
    body: splits === 1 ? NUMBERING + EMIT_RESULT + TEAM_BODY : EMIT_PART + TEAM_BODY,
  });
  if (splits === 1) return [first];
  const merge = foldedGrid(Math.ceil(outputs / WORKGROUP), limits.maxGrid);
  const second = poolSource(config, {
    variant: `globalmerge${splits}`,
    width,
    workgroup: WORKGROUP,
    grid: merge.grid,
    bindings: [{ name: 'parts', access: 'read', element: 'Item' }, ...outputBindings(config)],
    prelude: [constants({ GRID_X: merge.gridX }), ...shared],
    body: NUMBERING + MERGE_BODY,
  });
  return [first, second];
}

/** `fn NAME_plane(n: u32, c: u32) -> u32`: where the first element of a plane lies, in vectors of `width`. */
function planeFunction(name: string, view: TensorView, width: 1 | 4): string {
  const coordinates = view.dims.map((_, axis) => ['n', 'c'][axis] ?? '0u');
  return `fn ${name}_plane(n: u32, c: u32) -> u32 { return ${indexExpression(view, coordinates, width)}; }\n`;
}
