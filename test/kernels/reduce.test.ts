import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  flatSegments,
  inUnits,
  offsetAt,
  placementOf,
  rowSpace,
  segmentsOf,
} from '../../src/kernels/reduce/row-space.js';
import { LAYOUT_KINDS, layoutOf, offsetOf, physicalSize, sizeOf } from '../../src/tensor/index.js';
import { reduceCases } from './cases/reduce.js';
import { describeCases } from './run-cases.js';

describeCases('reductions', reduceCases);

/** Whether rows of a row-major tensor divide into vectors. */
function units(dims: number[], axes: number[]): boolean {
  const layout = layoutOf('nchw', dims.length);
  const space = rowSpace(dims, layout, axes);
  return space !== undefined && inUnits(space, placementOf({ dims, layout, type: 'f32' }), 4) !== undefined;
}

describe('row space', () => {
  const shapes = fc
    .array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 })
    .chain((dims) =>
      fc.tuple(
        fc.constant(dims),
        fc.subarray(dims.map((_, axis) => axis)),
        fc.constantFrom(...LAYOUT_KINDS),
        fc.boolean(),
      ),
    );

  it('reaches every element once, row by row, whatever the layout, axes and part of a larger tensor', () => {
    fc.assert(
      fc.property(shapes, ([dims, axes, kind, partial]) => {
        const layout = layoutOf(kind, dims.length);
        const space = rowSpace(dims, layout, axes);
        if (!space) throw new Error('every layout has rows without groups');
        const blocked = layout.block?.axis;
        const within = partial && {
          dims: dims.map((dim, axis) => dim + (axis === blocked ? 4 : 1)),
          origin: dims.map((_, axis) => (axis === blocked ? 4 : 1)),
        };
        // A part must not end inside a block.
        if (within && blocked !== undefined && dims[blocked] % 4 !== 0) return;
        const view = { dims, layout, type: 'f32' as const, ...(within ? { within } : {}) };
        const placement = placementOf(view);
        const kept = segmentsOf(space, 'kept', placement);
        const row = segmentsOf(space, 'row', placement);
        const rows: number[][] = [];
        for (let k = 0; k < space.kept; k++) {
          const offsets: number[] = [];
          for (let r = 0; r < space.row; r++)
            offsets.push(placement.offset + offsetAt(kept, k) + offsetAt(row, r));
          rows.push(offsets);
        }
        expect(rows.length * space.row).toBe(physicalSize(layout, dims));
        expect(space.length).toBe(sizeOf(axes.map((axis) => dims[axis])));
        const rowOfOffset = new Map(
          rows.flatMap((offsets, k) => offsets.map((offset) => [offset, k] as const)),
        );
        expect(rowOfOffset.size).toBe(space.kept * space.row);
        // Elements are in one row if and only if they differ along the row's axes alone.
        const rowOfKey = new Map<string, number>();
        for (let i = 0; i < sizeOf(dims); i++) {
          const index: number[] = [];
          for (let axis = dims.length - 1, rest = i; axis >= 0; axis--) {
            index.unshift(rest % dims[axis]);
            rest = Math.floor(rest / dims[axis]);
          }
          const whole = within ? index.map((at, axis) => at + within.origin[axis]) : index;
          const k = rowOfOffset.get(offsetOf(layout, within ? within.dims : dims, whole));
          expect(k).toBeDefined();
          const key = index.filter((_, axis) => !axes.includes(axis)).join();
          expect(rowOfKey.get(key) ?? k).toBe(k);
          rowOfKey.set(key, k ?? -1);
        }
        expect(new Set(rowOfKey.values()).size).toBe(rowOfKey.size);
      }),
    );
  });

  it('walks dense memory in its own order', () => {
    fc.assert(
      fc.property(shapes, ([dims, axes, kind]) => {
        const layout = layoutOf(kind, dims.length);
        const space = rowSpace(dims, layout, axes);
        if (!space) throw new Error('every layout has rows without groups');
        const placement = placementOf({ dims, layout, type: 'f32' });
        const [kept, row] = (['kept', 'row'] as const).map((part) => ({
          place: segmentsOf(space, part, placement),
          flat: flatSegments(space, part),
        }));
        for (let i = 0; i < space.kept * space.row; i++) {
          expect(
            offsetAt(kept.place, offsetAt(kept.flat, i)) + offsetAt(row.place, offsetAt(row.flat, i)),
          ).toBe(i);
        }
      }),
    );
  });

  it('divides into vectors only where they are whole and aligned', () => {
    expect(units([3, 8], [1])).toBe(true);
    expect(units([3, 10], [1])).toBe(false);
    expect(units([2, 3, 2, 2], [1])).toBe(true);
    expect(units([2, 3, 3, 3], [1])).toBe(false);
  });

  it('takes groups of channels apart, and refuses those that cut a block', () => {
    const nchw = rowSpace([2, 6, 5, 5], layoutOf('nchw', 4), [2, 3], { axis: 1, size: 2 });
    expect(nchw).toMatchObject({ kept: 6, row: 50, length: 50, inner: 'row' });
    const blocked = rowSpace([2, 6, 5, 5], layoutOf('nchw4c', 4), [2, 3], { axis: 1, size: 2 });
    expect(blocked).toMatchObject({ kept: 8, row: 50, length: 50, padding: { part: 'kept' } });
    expect(rowSpace([2, 6, 5, 5], layoutOf('nchw4c', 4), [2, 3], { axis: 1, size: 3 })).toBeUndefined();
  });
});
