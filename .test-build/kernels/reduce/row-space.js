/**
 * Rows in memory. Normalisations and reductions see a tensor as rows: the elements along a set of axes, one row for
 * each index of the other axes, which are "kept". In memory the two kinds of axes interleave as the layout has
 * them. This module takes a layout's order apart into kept and row dimensions and merges neighbours again, so that
 * kernels know two flat indices only: k, over the rows, and r, within a row, both counted with the innermost
 * dimension fastest. Where a k or an r lies is a short list of segments. Pure functions of shapes.
 */
import { layoutStrides, sizeOf, stridesOf } from '../../tensor/index.js';
import { viewOffset, viewStrides } from '../view.js';
/**
 * The rows that `axes` span in a layout, and with `groups` also the positions of each group of that axis.
 * @returns undefined when the groups do not fall together with the blocks of the layout
 */
export function rowSpace(dims, layout, axes, groups) {
    const rowAxes = new Set(axes);
    const divided = groups && groups.size < dims[groups.axis] ? groups : undefined;
    if (groups && !divided)
        rowAxes.add(groups.axis);
    const { block } = layout;
    const outer = [];
    const inner = [];
    for (const axis of layout.order) {
        const row = rowAxes.has(axis);
        const blocked = block?.axis === axis ? block.size : 1;
        if (divided?.axis !== axis) {
            outer.push({ axis, step: blocked, extent: Math.ceil(dims[axis] / blocked), row });
            inner.push({ axis, step: 1, extent: blocked, row });
        }
        else if (divided.size % blocked === 0) {
            const { size } = divided;
            outer.push({ axis, step: size, extent: dims[axis] / size, row: false });
            outer.push({ axis, step: blocked, extent: size / blocked, row: true });
            inner.push({ axis, step: 1, extent: blocked, row: true });
        }
        else if (blocked % divided.size === 0) {
            const { size } = divided;
            outer.push({ axis, step: blocked, extent: Math.ceil(dims[axis] / blocked), row: false });
            inner.push({ axis, step: size, extent: blocked / size, row: false });
            inner.push({ axis, step: 1, extent: size, row: true });
        }
        else {
            return undefined;
        }
    }
    const physical = [...outer, ...inner].filter(({ extent }) => extent !== 1);
    const count = (row) => sizeOf(physical.filter((dim) => dim.row === row).map(({ extent }) => extent));
    const padded = block && dims[block.axis] % block.size !== 0 ? block : undefined;
    return {
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
export function placementOf(view) {
    return { strides: viewStrides(view), block: view.layout.block, offset: viewOffset(view) };
}
/**
 * Where the result for each row lies, seen from the axes of the rows' tensor.
 * @param axes those reduced; gone from the result's dims unless `keepdims`
 */
export function reducedPlacement(result, rank, axes, keepdims) {
    const own = placementOf(result);
    const reduced = new Set(axes);
    const strides = [];
    let place = 0;
    let block;
    for (let axis = 0; axis < rank; axis++) {
        if (reduced.has(axis)) {
            strides.push(0);
            if (keepdims)
                place++;
            continue;
        }
        strides.push(own.strides[place]);
        if (own.block?.axis === place)
            block = { axis, size: own.block.size };
        place++;
    }
    return { strides, block, offset: own.offset };
}
/** Where the elements of a parameter lie that broadcasts to `rank` axes, aligned from the last. */
export function broadcastPlacement(view, rank) {
    const strides = layoutStrides(view.layout, view.dims);
    const shift = rank - view.dims.length;
    return {
        strides: Array.from({ length: rank }, (_, axis) => axis < shift || view.dims[axis - shift] === 1 ? 0 : strides[axis - shift]),
        offset: viewOffset(view),
    };
}
/** Not a place but a number: the index within a row in row-major order of the logical axes. */
export function rankPlacement(dims, axes) {
    const own = stridesOf(axes.map((axis) => dims[axis]));
    const strides = dims.map((_, axis) => (axes.includes(axis) ? own[axes.indexOf(axis)] : 0));
    return { strides, offset: 0 };
}
/** Not a place but a number: the position along one axis. */
export function axisPlacement(rank, axis) {
    return { strides: Array.from({ length: rank }, (_, i) => (i === axis ? 1 : 0)), offset: 0 };
}
function strideOf({ axis, step }, { strides, block }) {
    if (block?.axis !== axis)
        return step * strides[axis];
    return step < block.size ? step : (step / block.size) * strides[axis];
}
/** The segments of k or of r, neighbours merged where one stride reaches through both. */
export function segmentsOf({ physical }, part, placement) {
    const merged = [];
    for (const dim of physical) {
        if (dim.row !== (part === 'row'))
            continue;
        const { extent } = dim;
        const stride = strideOf(dim, placement);
        const before = merged.at(-1);
        if (before && before.stride === extent * stride) {
            merged[merged.length - 1] = { extent: before.extent * extent, stride };
        }
        else {
            merged.push({ extent, stride });
        }
    }
    return merged;
}
/** The offset that a flat index comes to. */
export function offsetAt(segments, index) {
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
export function inUnits(space, placement, unit) {
    const kept = segmentsOf(space, 'kept', placement);
    const row = segmentsOf(space, 'row', placement);
    if (unit === 1)
        return { kept, row };
    const along = space.inner === 'row' ? row : kept;
    const last = along.at(-1);
    if (!last || last.stride !== 1 || last.extent % unit !== 0 || placement.offset % unit !== 0)
        return undefined;
    const others = [...kept, ...row].filter((segment) => segment !== last);
    if (others.some(({ stride }) => stride % unit !== 0))
        return undefined;
    const scaled = (segment) => segment === last
        ? { extent: segment.extent / unit, stride: 1 }
        : { extent: segment.extent, stride: segment.stride / unit };
    return { kept: kept.map(scaled), row: row.map(scaled) };
}
/** `i / 12u % 5u * 7u + ...`: the offset of a flat index, as WGSL. Divisors are constants, so no division is left. */
export function segmentsExpression(segments, index, offset = 0) {
    const terms = offset > 0 ? [`${offset}u`] : [];
    let inner = 1;
    for (const [place, { extent, stride }] of [...segments.entries()].reverse()) {
        const quotient = inner === 1 ? `(${index})` : `(${index}) / ${inner}u`;
        const position = place === 0 ? quotient : `${quotient} % ${extent}u`;
        if (stride !== 0)
            terms.push(stride === 1 ? position : `${position} * ${stride}u`);
        inner *= extent;
    }
    return terms.length > 0 ? terms.join(' + ') : '0u';
}
//# sourceMappingURL=row-space.js.map