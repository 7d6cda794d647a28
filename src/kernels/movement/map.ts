/**
 * Kernels that say for every element of y where it comes from: an invocation per element, or per four along the
 * innermost axis, in y's memory order, so that stores coalesce whatever the loads do. Four independent elements per
 * invocation keep loads in flight.
 */
import type { GpuLimits, WgslKernel } from '../../devices/gpu.js';
import { placeFunction, walkOf } from '../transform/walk.js';
import type { TensorView } from '../view.js';
import { alias, bindings, constants, foldedGrid, kernelText, layoutTag, WORKGROUP } from '../wgsl.js';

export interface MapInput {
  /** Bound under this name; the prelude gets `NAME_at(p)`. */
  readonly name: string;
  readonly view: TensorView;
  /** Whether it is read by fours where y is written so. */
  readonly byFours: boolean;
}

export interface MapConfig {
  /** First word of the id. */
  readonly op: string;
  readonly variant: string;
  readonly inputs: readonly MapInput[];
  readonly y: TensorView;
  /** 4 where `mayGoByFours` says so. */
  readonly unit: 1 | 4;
  /** Generated constants and index functions of the op. */
  readonly prelude: readonly string[];
  /**
   * Fixed text that defines `fn value(p: Coords) -> Cell`: the element, or four of them, at logical index p of y.
   * Cell is an element of y or a vec4 of such.
   */
  readonly value: string;
  readonly flops: number;
  readonly bytes: number;
  readonly limits: GpuLimits;
}

/** From this many workgroups of four items per invocation on, four are taken: two for each of 132 processors. */
const MANY_GROUPS = 264;

const ITEM = /* wgsl */ `
fn compute(i: u32) -> Cell {
  if (i >= COUNT) { return Cell(); }
  let p = y_coords(i);
  if (is_padding(p)) { return Cell(); }
  return trimmed(p, value(p));
}

fn put(i: u32, v: Cell) {
  if (i >= COUNT) { return; }
  let p = y_coords(i);
  if (is_padding(p) && !is_own_padding(p)) { return; }
  y[y_at(p)] = v;
}
`;

/** No four elements reach into padding. */
const WHOLE = /* wgsl */ `
fn trimmed(p: Coords, v: Cell) -> Cell {
  return v;
}
`;

/** Four elements of a block, of which the last block's may be padding. */
const TRIMMED = /* wgsl */ `
fn trimmed(p: Coords, v: Cell) -> Cell {
  let lanes = vec4<u32>(0u, 1u, 2u, 3u) + p[BLOCK_AXIS];
  return select(Cell(), v, lanes < vec4<u32>(BLOCK_EXTENT));
}
`;

const ONE_BODY = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  put(i, compute(i));
}
`;

const FOUR_BODY = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * (4u * WORKGROUP) + lane;
  let a = compute(i);
  let b = compute(i + WORKGROUP);
  let c = compute(i + 2u * WORKGROUP);
  let d = compute(i + 3u * WORKGROUP);
  put(i, a);
  put(i + WORKGROUP, b);
  put(i + 2u * WORKGROUP, c);
  put(i + 3u * WORKGROUP, d);
}
`;

/** A kernel that computes every element of y by `value`. */
export function mapKernel(config: MapConfig): WgslKernel {
  const { inputs, y, unit, limits } = config;
  const walk = walkOf(y, unit);
  const four = walk.count >= MANY_GROUPS * 4 * WORKGROUP;
  const { grid, gridX } = foldedGrid(Math.ceil(walk.count / (WORKGROUP * (four ? 4 : 1))), limits.maxGrid);
  const element = (type: string, fours: boolean): string => (fours && unit === 4 ? `vec4<${type}>` : type);
  const list = [
    ...inputs.map(({ name, view, byFours }) => ({
      name,
      access: 'read' as const,
      element: element(view.type, byFours),
    })),
    { name: 'y', access: 'read_write' as const, element: 'Cell' },
  ];
  const types = [y.type, ...inputs.map(({ view }) => view.type)];
  const { block } = y.layout;
  const trims = unit === 4 && block && y.dims[block.axis] % 4 !== 0;
  const text = kernelText(
    types,
    [
      constants({
        WORKGROUP,
        COUNT: walk.count,
        GRID_X: gridX,
        BLOCK_AXIS: block?.axis ?? 0,
        BLOCK_EXTENT: block ? y.dims[block.axis] : 0,
      }),
      alias('Cell', element(y.type, true)),
      alias('Real', element('f32', true)),
      alias('Coords', coordsType(y.dims.length)),
      bindings(list),
      walk.text,
      ...inputs.map(({ name, view, byFours }) => placeFunction(name, view, byFours ? unit : 1)),
      placeFunction('y', y, unit),
      ...config.prelude,
      config.value,
      trims ? TRIMMED : WHOLE,
      ITEM,
    ],
    four ? FOUR_BODY : ONE_BODY,
  );
  return {
    id: `${config.op}_${layoutTag(y.layout)}_${config.variant}_v${unit}x${four ? 4 : 1}_${y.type}`,
    wgsl: text,
    bindings: list.map(({ name, access }) => ({ name, access })),
    workgroup: [WORKGROUP, 1, 1],
    grid,
    features: types.includes('f16') ? ['f16'] : [],
    workgroupBytes: 0,
    flops: config.flops,
    bytes: config.bytes,
  };
}

/** The type of a logical index of a rank. */
export function coordsType(rank: number): string {
  return `array<u32, ${Math.max(rank, 1)}>`;
}

/** An index of a rank out of the expressions of its coordinates. */
export function coordsValue(coordinates: readonly string[]): string {
  return `${coordsType(coordinates.length)}(${coordinates.join(', ') || '0u'})`;
}

/** The axis whose neighbours lie together. */
export function innermostAxis({ layout }: TensorView): number | undefined {
  return layout.block?.axis ?? layout.order[layout.order.length - 1];
}

/**
 * Whether y can be written, and x read, by fours along y's innermost axis: it must be x's innermost axis too, with
 * the op leaving its elements in their order, and everything must be aligned to fours.
 * @param xAxisOf the axis of x that an axis of y runs along unchanged, index for index
 */
export function mayGoByFours(
  y: TensorView,
  x: TensorView,
  xAxisOf: (axis: number) => number | undefined,
): 1 | 4 {
  const axis = innermostAxis(y);
  if (axis === undefined) return 1;
  const from = xAxisOf(axis);
  const fits =
    from !== undefined && from === innermostAxis(x) && alignedFours(y, axis) && alignedFours(x, from);
  return fits && Boolean(x.layout.block) === Boolean(y.layout.block) ? 4 : 1;
}

function alignedFours({ dims, layout, within }: TensorView, axis: number): boolean {
  const first = within?.origin[axis] ?? 0;
  const whole = within?.dims[axis] ?? dims[axis];
  if (first % 4 !== 0) return false;
  if (!layout.block) return whole % 4 === 0 && dims[axis] % 4 === 0;
  return layout.block.size === 4 && ((first + dims[axis]) % 4 === 0 || first + dims[axis] === whole);
}

/** The bits of a 32-bit constant as a number, for values that WGSL has no literal for: infinities, NaN. */
export function bitsOf(value: number, type: 'f32' | 'i32' | 'u32'): number {
  const bytes = new DataView(new ArrayBuffer(4));
  if (type === 'f32') bytes.setFloat32(0, value);
  else if (type === 'i32') bytes.setInt32(0, value);
  else bytes.setUint32(0, value);
  return bytes.getUint32(0);
}

/**
 * `fn fill() -> Cell`: a constant of the type `Plain` given by its bits `FILL`. They go through a variable, since
 * constant expressions may not be infinite.
 */
export const FILL_FUNCTION = /* wgsl */ `
fn fill() -> Cell {
  var bits = FILL;
  return Cell(Scalar(bitcast<Plain>(bits)));
}
`;

/** What `FILL_FUNCTION` needs in front. */
export function fillPrelude(value: number, type: TensorView['type']): string {
  const plain = type === 'f16' ? 'f32' : type;
  return constants({ FILL: bitsOf(value, plain) }) + alias('Plain', plain) + alias('Scalar', type);
}
