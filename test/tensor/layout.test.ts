/** Properties of layouts: random dims, every layout, against the definition of `offsetOf`. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TensorView } from '../../src/kernels/view.js';
import { isAlias, reshapeMovement, transposeMovement } from '../../src/kernels/transform/index.js';
import {
  LAYOUT_KINDS,
  convertLayout,
  layoutOf,
  layoutStrides,
  offsetOf,
  permutedLayout,
  physicalDims,
  physicalSize,
  rowMajor,
  samePlacement,
  sizeOf,
  type Layout,
} from '../../src/tensor/index.js';

const kind = fc.constantFrom(...LAYOUT_KINDS);
const dimsOf = (rank: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: 1, max: 6 }), { minLength: rank, maxLength: rank });
const anyDims = fc.integer({ min: 0, max: 6 }).chain(dimsOf);

function permutation(rank: number): fc.Arbitrary<number[]> {
  return fc.shuffledSubarray(
    Array.from({ length: rank }, (_, axis) => axis),
    { minLength: rank, maxLength: rank },
  );
}

/** A layout of one of the kinds, or any order of axes. */
function anyLayout(rank: number): fc.Arbitrary<Layout> {
  const kinds = kind.map((name) => layoutOf(name, rank));
  return fc.oneof(
    kinds,
    permutation(rank).map((order) => permutedLayout('any', order)),
  );
}

const tensor = anyDims.chain((dims) =>
  fc.record({ dims: fc.constant(dims), from: anyLayout(dims.length), to: anyLayout(dims.length) }),
);

function indicesOf(dims: readonly number[]): number[][] {
  let indices: number[][] = [[]];
  for (const dim of dims)
    indices = indices.flatMap((index) => Array.from({ length: dim }, (_, i) => [...index, i]));
  return indices;
}

function filled(dims: readonly number[], layout: Layout): Float64Array {
  const row = Float64Array.from({ length: sizeOf(dims) }, (_, i) => i + 1);
  const target = new Float64Array(physicalSize(layout, dims));
  convertLayout(row, target, dims, rowMajor(dims.length), layout);
  return target;
}

describe('layouts', () => {
  it('have names that say the order', () => {
    expect(LAYOUT_KINDS.map((name) => layoutOf(name, 4).name)).toEqual(['NCHW', 'NHWC', 'CHWN', 'NCHW4c']);
    expect(LAYOUT_KINDS.map((name) => layoutOf(name, 2).name)).toEqual(['NC', 'NC', 'CN', 'NC4c']);
    expect(layoutOf('nhwc', 5).name).toBe('NDHWC');
    expect(layoutOf('nhwc', 6).name).toBe('row');
    expect(() => permutedLayout('bad', [0, 0])).toThrow('is not an order of axes');
  });

  it('give every element a place of its own inside the memory', () => {
    fc.assert(
      fc.property(tensor, ({ dims, from }) => {
        const offsets = indicesOf(dims).map((index) => offsetOf(from, dims, index));
        expect(new Set(offsets).size).toBe(sizeOf(dims));
        expect(Math.max(...offsets)).toBeLessThan(physicalSize(from, dims));
        expect(sizeOf(physicalDims(from, dims))).toBe(physicalSize(from, dims));
      }),
      { numRuns: 60 },
    );
  });

  it('have strides that place elements', () => {
    fc.assert(
      fc.property(tensor, ({ dims, from }) => {
        const strides = layoutStrides(from, dims);
        for (const [axis, dim] of dims.entries()) {
          const size = from.block?.axis === axis ? from.block.size : 1;
          if (dim <= size) continue;
          const index = dims.map((_, i) => (i === axis ? size : 0));
          expect(offsetOf(from, dims, index)).toBe(strides[axis]);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('convert element by element, leaving padding alone', () => {
    fc.assert(
      fc.property(tensor, ({ dims, from, to }) => {
        const source = filled(dims, from);
        const target = new Float64Array(physicalSize(to, dims)).fill(-1);
        convertLayout(source, target, dims, from, to);
        const expected = new Float64Array(target.length).fill(-1);
        for (const index of indicesOf(dims)) {
          expected[offsetOf(to, dims, index)] = source[offsetOf(from, dims, index)];
        }
        expect(target).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });

  it('are the same placement exactly when no element moves', () => {
    fc.assert(
      fc.property(tensor, ({ dims, from, to }) => {
        const stays = indicesOf(dims).every(
          (index) => offsetOf(from, dims, index) === offsetOf(to, dims, index),
        );
        const same = samePlacement(from, to, dims);
        // Blocks may be at the same places by chance: a transform too many does no harm.
        expect(same || (stays && Boolean(from.block ?? to.block))).toBe(stays);
      }),
      { numRuns: 200 },
    );
  });

  it('convert nothing of an empty tensor, and one element of a scalar', () => {
    const target = [7];
    convertLayout([], target, [2, 0, 3], layoutOf('nchw', 3), layoutOf('nhwc', 3));
    expect(target).toEqual([7]);
    convertLayout([5], target, [], rowMajor(0), rowMajor(0));
    expect(target).toEqual([5]);
  });
});

function view(dims: readonly number[], layout: Layout): TensorView {
  return { dims, layout, type: 'f32' };
}

describe('an alias', () => {
  it('of a reshape holds the same memory', () => {
    const factors = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 });
    const cuts = fc.array(fc.boolean(), { minLength: 5, maxLength: 5 });
    let found = 0;
    fc.assert(
      fc.property(factors, cuts, cuts, kind, kind, (list, xCuts, yCuts, xKind, yKind) => {
        const [xDims, yDims] = [joined(list, xCuts), joined(list, yCuts)];
        const movement = reshapeMovement(xDims, yDims);
        const x = view(xDims, layoutOf(xKind, xDims.length));
        const y = view(yDims, layoutOf(yKind, yDims.length));
        const same = sameMemory(filled(xDims, x.layout), filled(yDims, y.layout));
        const alias = movement !== undefined && isAlias(movement, x, y);
        found += alias ? 1 : 0;
        const chance = same && (!movement || Boolean(x.layout.block ?? y.layout.block));
        expect(alias || chance).toBe(same);
      }),
      { numRuns: 400 },
    );
    expect(found).toBeGreaterThan(50);
  });

  it('of a transpose holds the same memory', () => {
    const cases = fc
      .integer({ min: 2, max: 5 })
      .chain((rank) => fc.record({ dims: dimsOf(rank), perm: permutation(rank), xKind: kind, yKind: kind }));
    fc.assert(
      fc.property(cases, ({ dims, perm, xKind, yKind }) => {
        const x = view(dims, layoutOf(xKind, dims.length));
        const yDims = perm.map((axis) => dims[axis]);
        const y = view(yDims, layoutOf(yKind, dims.length));
        // The transposed elements, row-major: x in the layout that has the axes in that order.
        const order = permutedLayout('perm', perm);
        const row = filled(dims, order);
        const moved = new Float64Array(physicalSize(y.layout, yDims));
        convertLayout(row, moved, yDims, rowMajor(dims.length), y.layout);
        const same = sameMemory(filled(dims, x.layout), moved);
        const alias = isAlias(transposeMovement(dims, perm), x, y);
        expect(alias || (same && Boolean(x.layout.block ?? y.layout.block))).toBe(same);
      }),
      { numRuns: 300 },
    );
  });

  it('is not made of another type or of a part', () => {
    const dims = [2, 8, 3, 3];
    const movement = transposeMovement(dims, [0, 1, 2, 3]);
    const x = view(dims, layoutOf('nchw', 4));
    expect(isAlias(movement, x, x)).toBe(true);
    expect(isAlias(movement, x, { ...x, type: 'f16' })).toBe(false);
    expect(isAlias(movement, x, { ...x, within: { dims: [2, 16, 3, 3], origin: [0, 8, 0, 0] } })).toBe(false);
  });
});

/** Neighbouring factors multiplied together except where a cut is. */
function joined(factors: readonly number[], cuts: readonly boolean[]): number[] {
  const dims: number[] = [];
  for (const [i, factor] of factors.entries()) {
    if (i === 0 || cuts[i]) dims.push(factor);
    else dims[dims.length - 1] *= factor;
  }
  return dims;
}

function sameMemory(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
