/**
 * What goes in front of the bodies of row kernels: the names by which they find their row, their elements and
 * their team, and reductions across the team.
 *
 * A body reads: `slot_of(lane)` and `member_of(lane)`, `k` = row (in units), `r` = unit of the row; `x_kept(k)` +
 * `x_row(r)` = where it lies. V holds one unit, Acc one number per row of the unit: where rows are contiguous V is
 * a piece of one row and Acc a scalar; where they are strided V and Acc are the same.
 */
import {
  GPU_TYPE_BYTES,
  type GpuLimits,
  type GpuType,
  type KernelBinding,
  type WgslKernel,
} from '../../devices/gpu.js';
import { alias, bindings, constants, foldedGrid, kernelText } from '../wgsl.js';
import {
  axisPlacement,
  inUnits,
  segmentsExpression,
  segmentsOf,
  type Part,
  type Placement,
  type RowSpace,
} from './row-space.js';
import { unitsOf, type TeamTile } from './tile.js';

/** Rows, and who works on them. */
export interface TeamGeometry {
  readonly space: RowSpace;
  readonly tile: TeamTile;
  /** Workgroups that share a row; each takes team * steps units. One when left out. */
  readonly chunks?: number;
}

/** The type that kernels compute in. */
export type ComputeType = 'f32' | 'i32' | 'u32';

/** A vector of four, or the type itself. */
export function vectorOf(type: string, width: number): string {
  return width === 4 ? `vec4<${type}>` : type;
}

/** The type of one number per row of a unit. */
export function accumulatorOf({ space, tile }: TeamGeometry, type: string): string {
  return vectorOf(type, space.inner === 'kept' ? tile.vector : 1);
}

/** Rows per accumulator. */
export function accumulatorWidth({ space, tile }: TeamGeometry): number {
  return space.inner === 'kept' ? tile.vector : 1;
}

/** Names and aliases that every row kernel's body uses. */
export function teamPrelude(
  geometry: TeamGeometry,
  type: ComputeType,
  gridX: number,
  accumulator = accumulatorOf(geometry, type),
): string[] {
  const { space, tile, chunks = 1 } = geometry;
  const { vector, team, lanes, steps } = tile;
  const units = unitsOf(space, vector);
  const contiguous = space.inner === 'row';
  // Two levels of about the square root of the team: members add up columns, then everyone adds up the heads.
  const heads = team <= 8 ? team : 2 ** Math.ceil(Math.log2(team) / 2);
  return [
    constants({
      WORKGROUP: team * lanes,
      TEAM: team,
      LANES: lanes,
      STEPS: steps,
      ROW: units.row,
      KEPT: units.kept,
      GROUPS: Math.ceil(units.kept / lanes),
      CHUNKS: chunks,
      CHUNK: chunks === 1 ? 0 : team * steps,
      GRID_X: gridX,
      HEADS: heads,
      GATHER: team / heads,
      MEMBER_STRIDE: contiguous ? 1 : lanes,
    }),
    alias('V', vectorOf(type, vector)),
    alias('Acc', accumulator),
    alias('Mask', vectorOf('bool', vector)),
    `fn slot_of(lane: u32) -> u32 { return lane ${contiguous ? `/ ${team}u` : `% ${lanes}u`}; }\n`,
    `fn member_of(lane: u32) -> u32 { return lane ${contiguous ? `% ${team}u` : `/ ${lanes}u`}; }\n`,
    `fn team_base(lane: u32) -> u32 { return slot_of(lane)${contiguous ? ` * ${team}u` : ''}; }\n`,
    maskFunction('row', geometry),
    maskFunction('kept', geometry),
  ];
}

/** `fn row_mask(r) -> Mask`, `fn kept_mask(k) -> Mask`: which elements of a unit are not padding nor past the end. */
function maskFunction(part: Part, { space, tile }: TeamGeometry): string {
  const index = part === 'row' ? 'r' : 'k';
  const head = `fn ${part}_mask(${index}: u32) -> Mask { return `;
  const inside = part === 'row' ? `Mask(${index} < ROW)` : `Mask(true)`;
  const { padding } = space;
  if (padding?.part !== part) return `${head}${inside}; }\n`;
  const along = tile.vector === 4 && space.inner === part;
  const segments = segmentsOf(space, part, axisPlacement(space.rank, padding.axis));
  const within = (element: string): string => `${segmentsExpression(segments, element)} < ${padding.extent}u`;
  const mask = along
    ? `Mask(${[0, 1, 2, 3].map((j) => within(`${index} * 4u + ${j}u`)).join(', ')})`
    : `Mask(${within(index)})`;
  return `${head}${inside} & ${mask}; }\n`;
}

/** `fn NAME_kept(k)` and `fn NAME_row(r)`, in units of the tile's vector; their sum is an element's place. */
export function placeFunctions(name: string, { space, tile }: TeamGeometry, placement: Placement): string {
  const units = inUnits(space, placement, tile.vector);
  if (!units) throw new RangeError(`${name} does not divide into vectors of ${tile.vector}`);
  const offset = placement.offset / tile.vector;
  return (
    `fn ${name}_kept(k: u32) -> u32 { return ${segmentsExpression(units.kept, 'k', offset)}; }\n` +
    `fn ${name}_row(r: u32) -> u32 { return ${segmentsExpression(units.row, 'r')}; }\n`
  );
}

/** How wide the parameter's binding of `parameterFunction` is. */
export function parameterWidth({ space, tile }: TeamGeometry, placement: Placement): 1 | 4 {
  return tile.vector === 4 && !reachesPadding(space, placement) && inUnits(space, placement, 4) ? 4 : 1;
}

/** Whether the positions of x's padding, which the parameter does not have, would be looked up. */
function reachesPadding({ padding }: RowSpace, { strides }: Placement): boolean {
  return padding !== undefined && strides[padding.axis] !== 0;
}

/**
 * `fn NAME_at(k, r) -> V`: a parameter's values for a unit, read as a vector where it lies along the unit, once
 * where it is the same for the whole unit, else one by one. Without a placement it is `fallback` everywhere.
 * @param size elements of the parameter: what x's padding looks up is any of them
 */
export function parameterFunction(
  name: string,
  geometry: TeamGeometry,
  placement: Placement | undefined,
  size: number,
  fallback = 0,
): string {
  const head = `fn ${name}_at(k: u32, r: u32) -> V { return `;
  if (!placement) return `${head}V(${fallback}.0); }\n`;
  const { space, tile } = geometry;
  const padded = reachesPadding(space, placement);
  const units = padded ? undefined : inUnits(space, placement, tile.vector);
  if (units) {
    const kept = segmentsExpression(units.kept, 'k', placement.offset / tile.vector);
    return `${head}V(${name}[${kept} + ${segmentsExpression(units.row, 'r')}]); }\n`;
  }
  const kept = segmentsOf(space, 'kept', placement);
  const row = segmentsOf(space, 'row', placement);
  const at = (j: number): string => {
    const moved = (part: Part, index: string): string =>
      tile.vector === 4 && space.inner === part ? `${index} * 4u + ${j}u` : index;
    const place = segmentsExpression(kept, moved('kept', 'k'), placement.offset);
    const whole = `${place} + ${segmentsExpression(row, moved('row', 'r'))}`;
    return `f32(${name}[${padded ? `min(${whole}, ${size - 1}u)` : whole}])`;
  };
  const along = (space.inner === 'row' ? row : kept).at(-1);
  const same = tile.vector === 1 || !along || (along.stride === 0 && along.extent % 4 === 0);
  return `${head}V(${(same ? [0] : [0, 1, 2, 3]).map(at).join(', ')}); }\n`;
}

/** `fn fold_NAME(v: V) -> Acc`: over the elements of a unit that belong to one row. `op` combines `a` and `b`. */
export function foldFunction(name: string, geometry: TeamGeometry, op: string): string {
  const combine = `fn pair_${name}(a: Acc, b: Acc) -> Acc { return ${op}; }\n`;
  const { space, tile } = geometry;
  const result =
    space.inner === 'row' && tile.vector === 4
      ? `pair_${name}(pair_${name}(v.x, v.y), pair_${name}(v.z, v.w))`
      : 'v';
  return `${combine}fn fold_${name}(v: V) -> Acc { return ${result}; }\n`;
}

/** The team's scratch memory: in front of `teamFunction`s. */
export const TEAM_SCRATCH = /* wgsl */ `
var<workgroup> scratch: array<Acc, WORKGROUP>;
`;

/** Through workgroup memory, in two levels: two barriers, or three for large teams. */
const TEAM_SHARED = /* wgsl */ `
fn team_NAME(value: Acc, lane: u32) -> Acc {
  if (TEAM == 1u) { return value; }
  let base = team_base(lane);
  let member = member_of(lane);
  workgroupBarrier();
  scratch[lane] = value;
  workgroupBarrier();
  if (GATHER > 1u) {
    if (member < HEADS) {
      var column = value;
      for (var j = 1u; j < GATHER; j++) {
        column = pair_NAME(column, scratch[base + (member + j * HEADS) * MEMBER_STRIDE]);
      }
      scratch[lane] = column;
    }
    workgroupBarrier();
  }
  var total = scratch[base];
  for (var j = 1u; j < HEADS; j++) { total = pair_NAME(total, scratch[base + j * MEMBER_STRIDE]); }
  return total;
}
`;

/** Through subgroup shuffles, then one number per subgroup through workgroup memory. */
const TEAM_SUBGROUP = /* wgsl */ `
fn team_NAME(value: Acc, lane: u32) -> Acc {
  var total = value;
  for (var distance = 1u; distance < min(TEAM, SUBGROUP); distance *= 2u) {
    total = pair_NAME(total, subgroupShuffleXor(total, distance));
  }
  if (TEAM > SUBGROUP) {
    workgroupBarrier();
    if (lane % SUBGROUP == 0u) { scratch[lane / SUBGROUP] = total; }
    workgroupBarrier();
    let base = team_base(lane) / SUBGROUP;
    total = scratch[base];
    for (var j = 1u; j < TEAM / SUBGROUP; j++) { total = pair_NAME(total, scratch[base + j]); }
  }
  return total;
}
`;

/**
 * `fn team_NAME(value: Acc, lane: u32) -> Acc`: the same result for all members of a team. All invocations of the
 * workgroup must call it. Needs `fold_NAME`'s `pair_NAME`, and for subgroups the constant SUBGROUP.
 */
export function teamFunction(name: string, subgroup: number): string {
  return (subgroup > 0 ? TEAM_SUBGROUP : TEAM_SHARED).replaceAll('_NAME', `_${name}`);
}

/**
 * Lanes of a subgroup if team reductions may use them: contiguous rows (so that a team's members are neighbours)
 * on a device with subgroups of one known size. 0 otherwise. WGSL does not promise that invocations of a
 * one-dimensional workgroup fill subgroups in order, but every implementation known does.
 */
export function subgroupFor(space: RowSpace, limits: GpuLimits, features: ReadonlySet<string>): number {
  const [least, most] = limits.subgroupSize;
  return features.has('subgroups') && space.inner === 'row' && least === most ? most : 0;
}

/** A storage binding of a row kernel. */
export type RowBinding = KernelBinding & { readonly element: string };

export interface RowKernelParts {
  readonly id: string;
  readonly geometry: TeamGeometry;
  readonly compute: ComputeType;
  /** Another type of Acc, declared in the prelude, and its bytes. */
  readonly accumulator?: { readonly type: string; readonly bytes: number };
  /** Storage types in use, for `enable f16`. */
  readonly types: readonly GpuType[];
  readonly bindings: readonly RowBinding[];
  /** Between the common prelude and the body. */
  readonly prelude: readonly string[];
  /** Names of the team reductions. */
  readonly reductions: readonly string[];
  /** From `subgroupFor`; 0 for workgroup memory only. */
  readonly subgroup?: number;
  readonly body: string;
  readonly maxGrid: number;
  readonly flops: number;
  readonly bytes: number;
}

/** Assembles a row kernel: a workgroup per LANES rows and chunk. */
export function rowKernel(parts: RowKernelParts): WgslKernel {
  const { geometry, compute, types, subgroup = 0, reductions } = parts;
  const { space, tile, chunks = 1 } = geometry;
  const groups = Math.ceil(unitsOf(space, tile.vector).kept / tile.lanes) * chunks;
  const { grid, gridX } = foldedGrid(groups, parts.maxGrid);
  const bytes = parts.accumulator?.bytes ?? accumulatorWidth(geometry) * GPU_TYPE_BYTES[compute];
  const scratchBytes = tile.team * tile.lanes * bytes;
  return {
    id: parts.id,
    wgsl: kernelText(
      types,
      [
        subgroup > 0 ? `enable subgroups;\nconst SUBGROUP = ${subgroup}u;\n` : '',
        ...teamPrelude(geometry, compute, gridX, parts.accumulator?.type),
        bindings(parts.bindings),
        ...parts.prelude,
        reductions.length > 0 ? TEAM_SCRATCH : '',
        ...reductions.map((name) => teamFunction(name, subgroup)),
      ],
      parts.body,
    ),
    bindings: parts.bindings.map(({ name, access }) => ({ name, access })),
    workgroup: [tile.team * tile.lanes, 1, 1],
    grid,
    features: [
      ...(types.includes('f16') ? (['f16'] as const) : []),
      ...(subgroup > 0 ? (['subgroups'] as const) : []),
    ],
    workgroupBytes: reductions.length > 0 ? scratchBytes : 0,
    flops: parts.flops,
    bytes: parts.bytes,
  };
}
