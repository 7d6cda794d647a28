import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GraphError, ShapeError } from '../../src/errors.js';
import { Slice } from '../../src/ops/slice.js';
import { DTYPES, Tensor, type DType } from '../../src/tensor/index.js';
import { runNode, runNode1 } from '../support/run-node.js';
import { ints, ramp, rearranged } from './ramps.js';

function concat(axis: number | undefined, ...inputs: (Tensor | undefined)[]): Promise<Tensor> {
  return runNode1('Concat', inputs, { attributes: axis === undefined ? {} : { axis } });
}

const shapes = fc.array(fc.nat(4), { minLength: 1, maxLength: 4 });
const filled = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
const runs = { numRuns: 60 };

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

describe('every element type is moved as it is', () => {
  const dtypes = Object.keys(DTYPES) as DType[];

  test.each(dtypes)('%s', async (dtype) => {
    const x = Tensor.from(dtype, [2, 2], [1, 0, 1, 1]);
    const elements = [...x.data];
    const [a, b, c, d] = elements;
    const moved = async (op: string, inputs: Tensor[] = [], attributes = {}): Promise<unknown[]> => [
      ...(await runNode1(op, [x, ...inputs], { opset: 25, attributes })).data,
    ];
    const zero = new Tensor(dtype, []).data[0];
    expect(await moved('Transpose')).toEqual([a, c, b, d]);
    expect(await moved('Identity')).toEqual(elements);
    expect(await moved('Reshape', [ints(4)])).toEqual(elements);
    expect(await moved('Expand', [ints(2, 1, 1)])).toEqual([...elements, ...elements]);
    expect(await moved('Tile', [ints(1, 2)])).toEqual([a, b, a, b, c, d, c, d]);
    expect(await moved('Concat', [x], { axis: 1 })).toEqual([a, b, a, b, c, d, c, d]);
    expect(await moved('Split', [ints(2)])).toEqual(elements);
    expect(await moved('Slice', [ints(-1), ints(-3), ints(0), ints(-1)])).toEqual([c, d, a, b]);
    expect(await moved('Gather', [ints(1)])).toEqual([c, d]);
    // An exponent alone has no zero: its padding is its smallest number, whose code is 0.
    expect(await moved('Pad', [ints(0, 0, 0, 1)])).toEqual([a, b, zero, c, d, zero]);
  });

  test('bits of a NaN and 64-bit integers survive', async () => {
    const half = new Tensor('f16', [2], Uint16Array.of(0x7e01, 0xfe02));
    expect([...(await runNode1('Slice', [half, ints(1), ints(-3), ints(0), ints(-1)])).data]).toEqual([
      0xfe02, 0x7e01,
    ]);
    const big = Tensor.from('i64', [2], [2n ** 62n + 1n, -(2n ** 63n)]);
    expect((await runNode1('Gather', [big, ints(-1, 0)])).toBigInts()).toEqual([
      -(2n ** 63n),
      2n ** 62n + 1n,
    ]);
    expect(
      (await runNode1('Pad', [big, ints(1, 0), Tensor.scalar('i64', 2n ** 60n + 1n)])).toBigInts()[0],
    ).toBe(2n ** 60n + 1n);
  });
});

describe('Transpose', () => {
  test('axis i of the output is axis perm[i] of the input', async () => {
    const cases = shapes.chain((dims) =>
      fc.tuple(fc.constant(dims), fc.shuffledSubarray([...dims.keys()], { minLength: dims.length })),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ([dims, perm]) => {
        const x = ramp(...dims);
        const y = await runNode1('Transpose', [x], { attributes: { perm } });
        const expected = perm.map((axis) => dims[axis]);
        expect(y).toEqual(
          rearranged(expected, x, (index) => dims.map((_, axis) => index[perm.indexOf(axis)])),
        );
      }),
      runs,
    );
  });

  test('reverses the axes by default', async () => {
    expect((await runNode1('Transpose', [ramp(2, 3, 4)])).dims).toEqual([4, 3, 2]);
  });

  test.each([[[0, 0]], [[0]], [[0, 2]], [[-1, 0]], [[0, 1, 2]]])(
    'perm %j of a matrix is refused',
    async (perm) => {
      await expect(runNode1('Transpose', [ramp(2, 3)], { attributes: { perm } })).rejects.toThrow(ShapeError);
    },
  );
});

describe('Expand and Tile', () => {
  test('Expand repeats what has extent 1', async () => {
    const y = await runNode1('Expand', [ramp(3, 1), ints(2, 1, 2)]);
    expect(y.dims).toEqual([2, 3, 2]);
    expect(y.toNumbers()).toEqual([0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2]);
    await expect(runNode1('Expand', [ramp(3), ints(2)])).rejects.toThrow(ShapeError);
    await expect(runNode1('Expand', [ramp(1), ints(-1)])).rejects.toThrow(ShapeError);
  });

  test('Expand may keep the larger of both shapes and may be empty', async () => {
    expect((await runNode1('Expand', [ramp(3, 4), ints(1, 1)])).dims).toEqual([3, 4]);
    expect((await runNode1('Expand', [ramp(1), ints(0)])).dims).toEqual([0]);
  });

  test('Tile repeats the whole', async () => {
    const cases = shapes.chain((dims) =>
      fc.tuple(fc.constant(dims), fc.array(fc.nat(3), { minLength: dims.length, maxLength: dims.length })),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ([dims, repeats]) => {
        const x = ramp(...dims);
        const y = await runNode1('Tile', [x, ints(...repeats)]);
        const expected = dims.map((dim, axis) => dim * repeats[axis]);
        expect(y).toEqual(rearranged(expected, x, (index) => index.map((i, axis) => i % dims[axis])));
      }),
      runs,
    );
  });

  test.each([[[2]], [[2, -1]], [[1, 1, 1]]])('repeats %j of a matrix are refused', async (repeats) => {
    await expect(runNode1('Tile', [ramp(2, 2), ints(...repeats)])).rejects.toThrow(ShapeError);
  });
});

describe('Concat and Split', () => {
  test('Concat joins what Split cuts', async () => {
    const cases = filled.chain((dims) =>
      fc.tuple(
        fc.constant(dims),
        fc.nat(dims.length - 1),
        fc.array(fc.nat(3), { minLength: 1, maxLength: 4 }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ([dims, axis, sizes]) => {
        const whole = dims.map((dim, i) => (i === axis ? sum(sizes) : dim));
        const x = ramp(...whole);
        const parts = await runNode('Split', [x, ints(...sizes)], {
          attributes: { axis: axis - dims.length },
          outputs: sizes.length,
        });
        for (const [i, part] of parts.entries()) {
          const before = sum(sizes.slice(0, i));
          const expected = dims.map((dim, a) => (a === axis ? sizes[i] : dim));
          expect(part).toEqual(
            rearranged(expected, x, (index) => index.map((k, a) => (a === axis ? k + before : k))),
          );
        }
        const y = await runNode1('Concat', parts, { attributes: { axis } });
        expect(y.dims).toEqual(whole);
        expect(y.data).toEqual(x.data);
      }),
      runs,
    );
  });

  test.each([
    [7, {}, undefined, 2, [3, 3]],
    [11, { split: [1, 5] }, undefined, 2, [1, 5]],
    [13, {}, ints(4, 2), 2, [4, 2]],
    [18, { num_outputs: 3 }, undefined, 3, [2, 2, 2]],
    [18, { num_outputs: 4 }, undefined, 4, [2, 2, 2, 0]],
    [18, { num_outputs: 2 }, undefined, 2, [3, 3]],
    [18, {}, undefined, 3, [2, 2, 2]],
  ])('Split of 6 in operator set %i with %j', async (opset, attributes, split, outputs, sizes) => {
    const parts = await runNode('Split', [ramp(6), split], { opset, attributes, outputs });
    expect(parts.map((part) => part.dims[0])).toEqual(sizes);
  });

  test('the last of uneven parts is smaller', async () => {
    const parts = await runNode('Split', [ramp(7)], { attributes: { num_outputs: 4 }, outputs: 4 });
    expect(parts.map((part) => part.toNumbers())).toEqual([[0, 1], [2, 3], [4, 5], [6]]);
  });

  test.each([
    ['sizes that do not add up', 21, {}, ints(2, 2), 2],
    ['negative sizes', 21, {}, ints(6, -1), 2],
    ['another number of sizes than outputs', 21, {}, ints(2, 3), 3],
    ['another number of parts than outputs', 21, { num_outputs: 3 }, undefined, 2],
    ['a huge number of parts', 21, { num_outputs: 2n ** 62n }, undefined, 1],
    ['uneven parts without num_outputs', 13, {}, undefined, 2],
    ['more parts than elements can fill', 21, { num_outputs: 4 }, undefined, 4],
    ['an axis out of range', 21, { axis: 1 }, ints(5), 1],
  ])('Split of 5 refuses %s', async (_, opset, attributes, split, outputs) => {
    await expect(runNode('Split', [ramp(5), split], { opset, attributes, outputs })).rejects.toThrow(
      ShapeError,
    );
  });

  test('Concat refuses what does not fit', async () => {
    await expect(concat(0, ramp(2, 3), ramp(2, 2))).rejects.toThrow(ShapeError);
    await expect(concat(0, ramp(2), ramp(2, 1))).rejects.toThrow(ShapeError);
    await expect(concat(0, ramp(2), ints(2))).rejects.toThrow(ShapeError);
    await expect(concat(2, ramp(2, 3))).rejects.toThrow(ShapeError);
    await expect(concat(0, ramp(2), undefined)).rejects.toThrow(ShapeError);
    await expect(concat(undefined, ramp(2))).rejects.toThrow(ShapeError);
    await expect(concat(0)).rejects.toThrow(GraphError);
  });
});

/** Python's slice along one axis, walked element by element. */
function pythonSlice(extent: number, start: number, end: number, step: number): number[] {
  const from = start < 0 ? start + extent : start;
  const to = end < 0 ? end + extent : end;
  const taken: number[] = [];
  if (step > 0) for (let i = Math.max(from, 0); i < Math.min(to, extent); i += step) taken.push(i);
  else for (let i = Math.min(from, extent - 1); i > Math.max(to, -1); i += step) taken.push(i);
  return taken;
}

describe('Slice', () => {
  const bound = fc.oneof(
    fc.bigInt({ min: -8n, max: 8n }),
    fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n), 2n ** 31n - 1n),
  );
  const step = fc.integer({ min: -4, max: 4 }).filter((value) => value !== 0);

  test('is Python slicing', async () => {
    const cases = filled.chain((dims) =>
      fc.tuple(
        fc.constant(dims),
        fc.shuffledSubarray([...dims.keys()], { minLength: 1 }),
        fc.array(fc.tuple(bound, bound, step), { minLength: dims.length, maxLength: dims.length }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ([dims, axes, slices]) => {
        const x = ramp(...dims);
        const used = slices.slice(0, axes.length);
        const inputs = [used.map((s) => s[0]), used.map((s) => s[1]), axes, used.map((s) => s[2])];
        const y = await runNode1('Slice', [x, ...inputs.map((list) => ints(...list))]);
        const taken = dims.map((extent, axis) => {
          const i = axes.indexOf(axis);
          const [from, to, by] = i < 0 ? [0n, BigInt(extent), 1] : used[i];
          return pythonSlice(extent, Number(from), Number(to), by);
        });
        const expected = taken.map((list) => list.length);
        expect(y).toEqual(rearranged(expected, x, (index) => index.map((k, axis) => taken[axis][k])));
      }),
      { numRuns: 150 },
    );
  });

  test('has attributes before operator set 10, and axes from the first by default', async () => {
    const attributes = { starts: [1, -1], ends: [3, 9] };
    const y = await runNode1('Slice', [ramp(3, 3)], { opset: 9, attributes });
    expect(y.toNumbers()).toEqual([5, 8]);
    const only = { ...attributes, starts: [0], ends: [1], axes: [1] };
    expect((await runNode1('Slice', [ramp(3, 3)], { opset: 7, attributes: only })).toNumbers()).toEqual([
      0, 3, 6,
    ]);
  });

  test.each([
    ['step 0', [ints(0), ints(1), ints(0), ints(0)]],
    ['lists of different lengths', [ints(0), ints(1, 2)]],
    ['lists that do not match the axes', [ints(0, 0), ints(1, 1), ints(0)]],
    ['steps that do not match the axes', [ints(0), ints(1), ints(0), ints(1, 1)]],
    ['an axis named twice', [ints(0, 0), ints(1, 1), ints(0, -2)]],
    ['an axis out of range', [ints(0), ints(1), ints(2)]],
    ['more entries than axes', [ints(0, 0, 0), ints(1, 1, 1)]],
    ['missing ends', [ints(0)]],
  ])('refuses %s', async (_, inputs) => {
    await expect(runNode1('Slice', [ramp(2, 2), ...inputs])).rejects.toThrow(ShapeError);
  });

  test('the op refuses what leaves its input, and counts only what it reads', () => {
    const x = { dtype: 'f32', dims: [4] } as const;
    expect(() => new Slice([2], [1], [3]).infer([x])).toThrow(ShapeError);
    expect(() => new Slice([2], [-1], [4]).infer([x])).toThrow(ShapeError);
    expect(() => new Slice([0, 0], [1], [3]).infer([x])).toThrow(ShapeError);
    const slice = new Slice([3], [-2], [2]);
    expect(slice.bytes([x], slice.infer([x]))).toBe(16);
  });
});
