/**
 * Rows in memory. Normalisations and reductions see a tensor as rows: the elements along a set of axes, one row for
 * each index of the other axes, which are "kept". In memory the two kinds of axes interleave as the layout has
 * them. This module takes a layout's order apart into kept and row dimensions and merges neighbours again, so that
 * kernels know two flat indices only: k, over the rows, and r, within a row, both counted with the innermost
 * dimension fastest. Where a k or an r lies is a short list of segments. Pure functions of shapes.
 */
import { layoutStrides, sizeOf, stridesOf, type Dims, type Layout } from '../../tensor/index.js';
import { viewOffset, viewStrides, type TensorView } from '../view.js';

/** A dimension in memory: `extent` positions, each `step` further along a logical axis. */
export interface PhysicalDim {
  readonly axis: number;
  readonly step: number;
  readonly extent: number;
  /** Whether it runs along rows. */
  readonly row: boolean;
}

/** The two flat indices: k over rows, r within a row. */
export type Part = 'kept' | 'row';

export interface RowSpace {
  /** Logical axes. */
  readonly rank: number;
  /** Outermost first, without dimensions of extent 1. */
  readonly physical: readonly PhysicalDim[];
  /** Rows, those that are padding of a blocked axis included. */
  readonly kept: number;
  /** Positions in a row, padding included. */
  readonly row: number;
  /** Elements in a row. */
  readonly length: number;
  /** Which index moves along neighbouring memory. */
  readonly inner: Part;
  /** The blocked axis that ends in padding: positions from `extent` on are not elements. */
  readonly padding: { readonly axis: number; readonly extent: number; readonly part: Part } | undefined;
}

/** Runs of `size` positions of an axis that belong to one row: group normalisation. */
export interface AxisGroups {
  readonly axis: number;
  readonly size: number;
}

/** How a flat index moves through memory: extents and strides, outermost first. */
export interface Segment {
  readonly extent: number;
  readonly stride: number;
}

/** Where logical indices lie: strides per axis (from block to block for the blocked one), and a first offset. */
export interface Placement {
  readonly strides: readonly number[];
  readonly block?: { readonly axis: number; readonly size: number } | undefined;
  readonly offset: number;
  /** An axis whose stride is from group to group: a parameter per group of channels. */
  readonly groups?: AxisGroups | undefined;
}

/**
 * The rows that `axes` span in a layout, and with `groups` also the positions of each group of that axis.
 * @returns undefined when the groups do not fall together with the blocks of the layout
 */
export function rowSpace(
  dims: Dims,
  layout: Layout,
  axes: readonly number[],
  groups?: AxisGroups,
): RowSpace | undefined {
  const rowAxes = new Set(axes);
  const divided = groups && groups.size < dims[groups.axis] ? groups : undefined;
  if (groups && !divided) rowAxes.add(groups.axis);
  const { block } = layout;
  const outer: PhysicalDim[] = [];
  const inner: PhysicalDim[] = [];
  for (const axis of layout.order) {
    const row = rowAxes.has(axis);
    const blocked = block?.axis === axis ? block.size : 1;
    if (divided?.axis !== axis) {
      outer.push({ axis, step: blocked, extent: Math.ceil(dims[axis] / blocked), row });
      inner.push({ axis, step: 1, extent: blocked, row });
    } else if (divided.size % blocked === 0) {
      const { size } = divided;
      outer.push({ axis, step: size, extent: dims[axis] / size, row: false });
      outer.push({ axis, step: blocked, extent: size / blocked, row: true });
      inner.push({ axis, step: 1, extent: blocked, row: true });
    } else if (blocked % divided.size === 0) {
      const { size } = divided;
      outer.push({ axis, step: blocked, extent: Math.ceil(dims[axis] / blocked), row: false });
      inner.push({ axis, step: size, extent: blocked / size, row: false });
      inner.push({ axis, step: 1, extent: size, row: true });
    } else {
      return undefined;
    }
  }
  const physical = [...outer, ...inner].filter(({ extent }) => extent !== 1);
  const count = (row: boolean): number =>
    sizeOf(physical.filter((dim) => dim.row === row).map(({ extent }) => extent));
  const padded = block && dims[block.axis] % block.size !== 0 ? block : undefined;
  return {
    rank: dims.length,
    physical,
    kept: count(false),
    row: count(true),
    length: sizeOf([...rowAxes].map((axis) => dims[axis])) * (divided?.size ?? 1),
    inner: physical.at(-1)?.row ? 'row' : 'kept',
    padding: padded && {
      axis: padded.axis,
      extent: dims[padded.axis],
      part: rowAxes.has(padded.axis) ? 'row' : 'kept',
    },
  };
}

/** Where a view's elements lie. */
export function placementOf(view: TensorView): Placement {
  return { strides: viewStrides(view), block: view.layout.block, offset: viewOffset(view) };
}

/**
 * Where the result for each row lies, seen from the axes of the rows' tensor.
 * @param axes those reduced; gone from the result's dims unless `keepdims`
 */
export function reducedPlacement(
  result: TensorView,
  rank: number,
  axes: readonly number[],
  keepdims: boolean,
): Placement {
  const own = placementOf(result);
  const reduced = new Set(axes);
  const strides: number[] = [];
  let place = 0;
  let block: Placement['block'];
  for (let axis = 0; axis < rank; axis++) {
    if (reduced.has(axis)) {
      strides.push(0);
      if (keepdims) place++;
      continue;
    }
    strides.push(own.strides[place]);
    if (own.block?.axis === place) block = { axis, size: own.block.size };
    place++;
  }
  return { strides, block, offset: own.offset };
}

/** Where the elements of a parameter lie that broadcasts to `rank` axes, aligned from the last. */
export function broadcastPlacement(view: TensorView, rank: number): Placement {
  const strides = layoutStrides(view.layout, view.dims);
  const shift = rank - view.dims.length;
  return {
    strides: Array.from({ length: rank }, (_, axis) =>
      axis < shift || view.dims[axis - shift] === 1 ? 0 : strides[axis - shift],
    ),
    offset: viewOffset(view),
  };
}

/** Not a place but a number: the index within a row in row-major order of the logical axes. */
export function rankPlacement(dims: Dims, axes: readonly number[]): Placement {
  const own = stridesOf(axes.map((axis) => dims[axis]));
  const strides = dims.map((_, axis) => (axes.includes(axis) ? own[axes.indexOf(axis)] : 0));
  return { strides, offset: 0 };
}

/** Not a place but a number: the position along one axis. */
export function axisPlacement(rank: number, axis: number): Placement {
  return { strides: Array.from({ length: rank }, (_, i) => (i === axis ? 1 : 0)), offset: 0 };
}

function strideOf({ axis, step }: PhysicalDim, { strides, block, groups }: Placement): number {
  if (groups?.axis === axis) return Math.floor(step / groups.size) * strides[axis];
  if (block?.axis !== axis) return step * strides[axis];
  return step < block.size ? step : (step / block.size) * strides[axis];
}

/** The segments of k or of r, neighbours merged where one stride reaches through both. */
export function segmentsOf({ physical }: RowSpace, part: Part, placement: Placement): Segment[] {
  const merged: Segment[] = [];
  for (const dim of physical) {
    if (dim.row !== (part === 'row')) continue;
    const { extent } = dim;
    const stride = strideOf(dim, placement);
    const before = merged.at(-1);
    if (before && before.stride === extent * stride) {
      merged[merged.length - 1] = { extent: before.extent * extent, stride };
    } else {
      merged.push({ extent, stride });
    }
  }
  return merged;
}

/**
 * How k or r moves with the flat index of a unit in dense memory, padding counted: for kernels that walk memory in
 * its own order.
 */
export function flatSegments({ physical }: RowSpace, part: Part, unit = 1): Segment[] {
  let passed = 1;
  const segments: Segment[] = [];
  for (const [place, dim] of [...physical.entries()].reverse()) {
    const extent = place === physical.length - 1 ? dim.extent / unit : dim.extent;
    const own = dim.row === (part === 'row');
    segments.push({ extent, stride: own ? passed : 0 });
    if (own) passed *= extent;
  }
  return segments.reverse();
}

/** The offset that a flat index comes to. */
export function offsetAt(segments: readonly Segment[], index: number): number {
  let rest = index;
  let offset = 0;
  for (const { extent, stride } of [...segments].reverse()) {
    offset += (rest % extent) * stride;
    rest = Math.floor(rest / extent);
  }
  return offset;
}

/**
 * Segments in units of `unit` neighbouring elements of the part that is innermost.
 * @returns undefined unless every unit is contiguous and starts at a multiple of `unit`
 */
export function inUnits(
  space: RowSpace,
  placement: Placement,
  unit: number,
): Readonly<Record<Part, readonly Segment[]>> | undefined {
  const kept = segmentsOf(space, 'kept', placement);
  const row = segmentsOf(space, 'row', placement);
  if (unit === 1) return { kept, row };
  const along = space.inner === 'row' ? row : kept;
  const last = along.at(-1);
  if (!last || last.stride !== 1 || last.extent % unit !== 0 || placement.offset % unit !== 0)
    return undefined;
  const others = [...kept, ...row].filter((segment) => segment !== last);
  if (others.some(({ stride }) => stride % unit !== 0)) return undefined;
  const scaled = (segment: Segment): Segment =>
    segment === last
      ? { extent: segment.extent / unit, stride: 1 }
      : { extent: segment.extent, stride: segment.stride / unit };
  return { kept: kept.map(scaled), row: row.map(scaled) };
}

/** `i / 12u % 5u * 7u + ...`: the offset of a flat index, as WGSL. Divisors are constants, so no division is left. */
export function segmentsExpression(segments: readonly Segment[], index: string, offset = 0): string {
  const terms: string[] = offset > 0 ? [`${offset}u`] : [];
  let inner = 1;
  for (const [place, { extent, stride }] of [...segments.entries()].reverse()) {
    const quotient = inner === 1 ? `(${index})` : `(${index}) / ${inner}u`;
    const position = place === 0 ? quotient : `${quotient} % ${extent}u`;
    if (stride !== 0) terms.push(stride === 1 ? position : `${position} * ${stride}u`);
    inner *= extent;
  }
  return terms.length > 0 ? terms.join(' + ') : '0u';
}
