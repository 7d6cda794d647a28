import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ShapeError, UnsupportedError } from '../../src/errors.js';
import { ValueNeeded } from '../../src/graph/index.js';
import { OnnxModel } from '../../src/onnx/index.js';
import { ArgReduce } from '../../src/ops/arg-reduce.js';
import { reduceL1, reduceMax, reduceSum } from '../../src/ops/reduce-functions.js';
import { Reduce } from '../../src/ops/reduce.js';
import { TopK } from '../../src/ops/top-k.js';
import { Tensor, sizeOf, type DType } from '../../src/tensor/index.js';
import { makeModel, makeNode, port } from '../support/onnx-builder.js';
import { runNode, runNode1 } from '../support/run-node.js';

const f64 = (dims: readonly number[], values: readonly number[]): Tensor => Tensor.from('f64', dims, values);
const i64 = (...values: number[]): Tensor => Tensor.from('i64', [values.length], values);

/** The numbers 1 to 12 as 3x2x2. */
const data = f64([3, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);

const REDUCTIONS = [
  'ReduceSum',
  'ReduceMean',
  'ReduceMax',
  'ReduceMin',
  'ReduceProd',
  'ReduceL1',
  'ReduceL2',
  'ReduceSumSquare',
  'ReduceLogSum',
  'ReduceLogSumExp',
] as const;
type Reduction = (typeof REDUCTIONS)[number];

/** Each reduction of a row as its definition in the ONNX specification says. */
const DEFINITIONS: Readonly<Record<Reduction, (row: readonly number[]) => number>> = {
  ReduceSum: (row) => row.reduce((a, b) => a + b, 0),
  ReduceMean: (row) => row.reduce((a, b) => a + b, 0) / row.length,
  ReduceMax: (row) => Math.max(...row),
  ReduceMin: (row) => Math.min(...row),
  ReduceProd: (row) => row.reduce((a, b) => a * b, 1),
  ReduceL1: (row) => row.map(Math.abs).reduce((a, b) => a + b, 0),
  ReduceL2: (row) => Math.hypot(...row),
  ReduceSumSquare: (row) => Math.hypot(...row) ** 2,
  ReduceLogSum: (row) => Math.log(row.reduce((a, b) => a + b, 0)),
  ReduceLogSumExp: (row) => Math.log(row.map(Math.exp).reduce((a, b) => a + b, 0)),
};

/** A row reduced by an ONNX node. */
async function reduce(
  name: string,
  dtype: DType,
  values: readonly number[] | readonly bigint[],
): Promise<number | bigint> {
  const y = await runNode1(name, [Tensor.from(dtype, [values.length], values)]);
  return y.data[0];
}

describe('reductions', () => {
  test.each(REDUCTIONS)('%s of 1 to 4, and of nothing', async (name) => {
    const whole = await runNode1(name, [f64([4], [1, 2, 3, 4])]);
    expect(whole.dims).toEqual([1]);
    expect(whole.data[0]).toBeCloseTo(DEFINITIONS[name]([1, 2, 3, 4]), 10);
    const empty = await runNode1(name, [new Tensor('f32', [2, 0, 4]), i64(1)]);
    expect(empty).toEqual(Tensor.from('f32', [2, 1, 4], new Array<number>(8).fill(DEFINITIONS[name]([]))));
  });

  test.each(REDUCTIONS)('%s over any axes follows its definition', async (name) => {
    const axesOf3 = fc.uniqueArray(fc.integer({ min: -3, max: 2 }), {
      minLength: 1,
      maxLength: 3,
      selector: (axis) => (axis + 3) % 3,
    });
    const dims = [2, 3, 2];
    const values = fc.array(fc.double({ min: 0.25, max: 4, noNaN: true }), { minLength: 12, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(axesOf3, values, fc.boolean(), async (axes, numbers, keepdims) => {
        const y = await runNode1(name, [f64(dims, numbers), i64(...axes)], {
          attributes: { keepdims: Number(keepdims) },
        });
        const reduced = dims.map((_, axis) => axes.includes(axis) || axes.includes(axis - 3));
        const rows = new Map<string, number[]>();
        for (const [i, x] of numbers.entries()) {
          const index = [Math.floor(i / 6), Math.floor(i / 2) % 3, i % 2];
          const key = String(index.filter((_, axis) => !reduced[axis]));
          rows.set(key, [...(rows.get(key) ?? []), x]);
        }
        const expectedDims = dims.flatMap((dim, axis) => (reduced[axis] ? (keepdims ? [1] : []) : [dim]));
        expect(y.dims).toEqual(expectedDims);
        expect(y.toNumbers()).toEqual(
          [...rows.values()].map((row) => expect.closeTo(DEFINITIONS[name](row), 9)),
        );
      }),
      { numRuns: 30 },
    );
  });

  test('axes as an attribute, as an input, and left out', async () => {
    const sums = [
      await runNode1('ReduceSum', [data], { attributes: { axes: [1], keepdims: 0 }, opset: 11 }),
      await runNode1('ReduceSum', [data, i64(1)], { attributes: { keepdims: 0 }, opset: 13 }),
      await runNode1('ReduceSum', [data, i64(-2)], { attributes: { keepdims: 0 }, opset: 21 }),
    ];
    for (const sum of sums) expect(sum).toEqual(f64([3, 2], [4, 6, 12, 14, 20, 22]));
    const mean = await runNode1('ReduceMean', [data], { attributes: { axes: [2, 0] }, opset: 17 });
    expect(mean).toEqual(f64([1, 2, 1], [5.5, 7.5]));
    expect(await runNode1('ReduceSum', [data])).toEqual(f64([1, 1, 1], [78]));
    expect(await runNode1('ReduceSum', [data, i64()])).toEqual(f64([1, 1, 1], [78]));
    expect(await runNode1('ReduceSum', [f64([], [3])])).toEqual(f64([], [3]));
  });

  test('an empty list of axes can mean none: then only the steps per element are left', async () => {
    const run = (name: string): Promise<Tensor> =>
      runNode1(name, [f64([3], [-1, 2, 4]), i64()], { attributes: { noop_with_empty_axes: 1 } });
    expect(await run('ReduceSum')).toEqual(f64([3], [-1, 2, 4]));
    expect(await run('ReduceSumSquare')).toEqual(f64([3], [1, 4, 16]));
    expect(await run('ReduceL1')).toEqual(f64([3], [1, 2, 4]));
    expect(await run('ReduceLogSum')).toEqual(f64([3], [NaN, Math.log(2), Math.log(4)]));
  });

  test('NaN and infinity', async () => {
    for (const name of REDUCTIONS) expect(await reduce(name, 'f64', [1, NaN, 2])).toBeNaN();
    expect(await reduce('ReduceMax', 'f64', [-Infinity, 3])).toBe(3);
    expect(await reduce('ReduceSum', 'f64', [-Infinity, Infinity])).toBeNaN();
    expect(await reduce('ReduceLogSumExp', 'f64', [-Infinity, -Infinity])).toBe(-Infinity);
    expect(await reduce('ReduceLogSumExp', 'f64', [Infinity, Infinity, 3])).toBe(Infinity);
    expect(await reduce('ReduceLogSumExp', 'f64', [1000, 1000])).toBeCloseTo(1000 + Math.LN2, 12);
  });

  test('integers: exact, wrapping, truncating', async () => {
    const large = 2n ** 62n;
    expect(await reduce('ReduceSum', 'i64', [large, 1n, -2n])).toBe(large - 1n);
    expect(await reduce('ReduceMax', 'i64', [large, large + 1n])).toBe(large + 1n);
    expect(await reduce('ReduceMin', 'u64', [2n ** 64n - 1n, 2n ** 64n - 2n])).toBe(2n ** 64n - 2n);
    expect(await reduce('ReduceMean', 'i64', [large, large, large + 3n])).toBe(large + 1n);
    expect(await reduce('ReduceMean', 'i32', [-1, -2])).toBe(-1);
    expect(await reduce('ReduceProd', 'i32', [0x7fffffff, 0x7fffffff, 3])).toBe(3);
    expect(await reduce('ReduceProd', 'u64', [2n ** 63n, 2n])).toBe(0n);
    expect(await reduce('ReduceSum', 'u32', [0xffffffff, 2])).toBe(1);
    expect(await reduce('ReduceL1', 'i32', [-3, 4])).toBe(7);
    expect(await reduce('ReduceSumSquare', 'i64', [2n ** 31n, 1n])).toBe(large + 1n);
    expect(await reduce('ReduceL2', 'i32', [3, 4, 1])).toBe(5);
    expect(await reduce('ReduceLogSum', 'i64', [10, 12])).toBe(3n);
    expect(await reduce('ReduceLogSumExp', 'i32', [7, 7])).toBe(7);
  });

  test('integers and booleans of no elements', async () => {
    expect(await reduce('ReduceMax', 'i8', [])).toBe(-128);
    expect(await reduce('ReduceMin', 'i64', [])).toBe(2n ** 63n - 1n);
    expect(await reduce('ReduceMin', 'u64', [])).toBe(2n ** 64n - 1n);
    expect(await reduce('ReduceMax', 'u32', [])).toBe(0);
    expect(await reduce('ReduceMin', 'bool', [])).toBe(1);
    expect(await reduce('ReduceMax', 'bool', [])).toBe(0);
    expect(await reduce('ReduceMean', 'i64', [])).toBe(0n);
    expect(await reduce('ReduceProd', 'i32', [])).toBe(1);
  });

  test('booleans are ordered, not added', async () => {
    const flags = Tensor.from('bool', [2, 2], [true, false, true, true]);
    expect(await runNode1('ReduceMin', [flags, i64(1)])).toEqual(Tensor.from('bool', [2, 1], [false, true]));
    expect(await runNode1('ReduceMax', [flags, i64(0)])).toEqual(Tensor.from('bool', [1, 2], [true, true]));
    await expect(runNode1('ReduceSum', [flags])).rejects.toThrow(
      'element type bool of ReduceSum is not supported',
    );
  });

  test.each<DType>(['f32', 'f16', 'bf16'])('%s rounds once, at the end', async (dtype) => {
    // In f16 or bf16 the partial sum 2048 would swallow every following 1.
    const ones = Tensor.from(dtype, [4096], new Array<number>(4096).fill(1));
    expect((await runNode1('ReduceSum', [ones])).toNumbers()).toEqual([4096]);
    expect((await runNode1('ReduceMean', [ones])).toNumbers()).toEqual([1]);
  });

  test('of no rows, however long, allocate nothing', () => {
    const [none] = new Reduce(reduceSum, [1], false).reference([new Tensor('f32', [0, 2 ** 40])]);
    expect(none.dims).toEqual([0]);
  });

  test('wrong axes', async () => {
    for (const axes of [[3], [-4], [0, 0], [0, -3], [0.5]]) {
      const input = axes.every(Number.isInteger) ? i64(...axes) : Tensor.from('f32', [axes.length], axes);
      await expect(runNode1('ReduceSum', [data, input])).rejects.toThrow(ShapeError);
    }
    expect(() => new Reduce(reduceMax, [1, 0], true).infer([data])).toThrow(ShapeError);
  });

  test('axes that are not known yet are asked for', async () => {
    const bytes = makeModel({
      nodes: [makeNode('ReduceSum', ['x', 'axes'], ['y'])],
      inputs: { x: port('f32', [2]), axes: port('i64', [1]) },
      outputs: { y: port('f32') },
    });
    const model = await OnnxModel.parse(bytes);
    const dims = new Map([
      ['x', [2]],
      ['axes', [1]],
    ]);
    expect(() => model.build({ dims })).toThrow(ValueNeeded);
    const graph = model.build({ dims, values: new Map([['axes', i64(0)]]) });
    expect(graph.outputs[0].value.type.dims).toEqual([1]);
  });

  test('describe themselves', () => {
    const op = new Reduce(reduceL1, [0, 2], false);
    expect([op.type, op.attributes]).toEqual(['ReduceL1', { axes: [0, 2], keepdims: false }]);
    expect(op.flops([data])).toBe(24);
    expect(op.bytes([data], op.infer([data]))).toBe(8 * 14);
  });
});

describe('ArgMax and ArgMin', () => {
  const ties = f64([2, 4], [2, 7, 7, 1, 3, 1, 1, 3]);

  test('the first extreme, or the last', async () => {
    const run = async (name: string, last: number, keepdims: number): Promise<Tensor> =>
      runNode1(name, [ties], { attributes: { axis: -1, keepdims, select_last_index: last } });
    expect(await run('ArgMax', 0, 1)).toEqual(Tensor.from('i64', [2, 1], [1, 0]));
    expect(await run('ArgMax', 1, 1)).toEqual(Tensor.from('i64', [2, 1], [2, 3]));
    expect(await run('ArgMin', 0, 0)).toEqual(i64(3, 1));
    expect(await run('ArgMin', 1, 0)).toEqual(i64(3, 2));
    expect(await runNode1('ArgMax', [ties])).toEqual(Tensor.from('i64', [1, 4], [1, 0, 0, 1]));
  });

  test('point at the extreme of their row', () => {
    const cases = fc.record({
      extreme: fc.constantFrom('max' as const, 'min' as const),
      axis: fc.nat({ max: 2 }),
      last: fc.boolean(),
      values: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 24, maxLength: 24 }),
    });
    fc.assert(
      fc.property(cases, ({ extreme, axis, last, values }) => {
        const dims = [2, 3, 4];
        const op = new ArgReduce(extreme, { axis, keepdims: true, selectLastIndex: last });
        const [indices] = op.reference([f64(dims, values)]);
        const inner = sizeOf(dims.slice(axis + 1));
        indices.toNumbers().forEach((index, flat) => {
          const start = Math.floor(flat / inner) * inner * dims[axis] + (flat % inner);
          const row = Array.from({ length: dims[axis] }, (_, k) => values[start + k * inner]);
          const wanted = extreme === 'max' ? Math.max(...row) : Math.min(...row);
          expect(index).toBe(last ? row.lastIndexOf(wanted) : row.indexOf(wanted));
        });
      }),
    );
  });

  test('NaN is the extreme, as in NumPy', async () => {
    const x = f64([4], [1, NaN, 5, NaN]);
    const run = async (name: string, last: number): Promise<unknown> =>
      (await runNode1(name, [x], { attributes: { select_last_index: last } })).data[0];
    expect([await run('ArgMax', 0), await run('ArgMin', 0)]).toEqual([1n, 1n]);
    expect([await run('ArgMax', 1), await run('ArgMin', 1)]).toEqual([3n, 3n]);
  });

  test('64-bit integers that doubles cannot tell apart', async () => {
    const x = Tensor.from('i64', [2], [2n ** 60n, 2n ** 60n + 1n]);
    expect((await runNode1('ArgMax', [x])).data[0]).toBe(1n);
  });

  test('wrong inputs', async () => {
    await expect(runNode1('ArgMax', [f64([], [1])])).rejects.toThrow(ShapeError);
    await expect(runNode1('ArgMax', [ties], { attributes: { axis: 2 } })).rejects.toThrow(ShapeError);
    await expect(
      runNode1('ArgMin', [new Tensor('f32', [2, 0])], { attributes: { axis: 1 } }),
    ).rejects.toThrow(ShapeError);
    await expect(runNode1('ArgMax', [Tensor.from('bool', [1], [1])])).rejects.toThrow(UnsupportedError);
  });

  test('describe themselves', () => {
    const op = new ArgReduce('min', { axis: 1, keepdims: false, selectLastIndex: true });
    expect([op.type, op.attributes, op.flops([ties])]).toEqual([
      'ArgMin',
      { axis: 1, keepdims: false, selectLastIndex: true },
      8,
    ]);
  });
});

describe('TopK', () => {
  const x = f64([3, 4], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);

  test("the specification's example", async () => {
    const [values, indices] = await runNode('TopK', [x, i64(3)], { outputs: 2 });
    expect(values).toEqual(f64([3, 3], [3, 2, 1, 7, 6, 5, 11, 10, 9]));
    expect(indices).toEqual(Tensor.from('i64', [3, 3], [3, 2, 1, 3, 2, 1, 3, 2, 1]));
  });

  test('k as an attribute; the smallest; another axis', async () => {
    const [values] = await runNode('TopK', [x], { attributes: { k: 1, axis: 0 }, opset: 9, outputs: 2 });
    expect(values).toEqual(f64([1, 4], [8, 9, 10, 11]));
    const [small, where] = await runNode('TopK', [x, i64(2)], {
      attributes: { largest: 0, sorted: 0, axis: -1 },
      outputs: 2,
    });
    expect(small).toEqual(f64([3, 2], [0, 1, 4, 5, 8, 9]));
    expect(where).toEqual(Tensor.from('i64', [3, 2], [0, 1, 0, 1, 0, 1]));
  });

  test('all of a row is the row sorted, equal elements by index', () => {
    const cases = fc.record({
      largest: fc.boolean(),
      values: fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 12 }),
      dtype: fc.constantFrom<DType>('f32', 'f16', 'bf16', 'i8', 'i64'),
    });
    fc.assert(
      fc.property(cases, ({ largest, values, dtype }) => {
        const n = values.length;
        const op = new TopK({ k: n, axis: 0, largest });
        const [top, indices] = op.reference([Tensor.from(dtype, [n, 1], values)]);
        const sign = largest ? -1 : 1;
        const pairs = values.map((value, i) => [value, i] as const);
        pairs.sort(([a, i], [b, j]) => sign * (a - b) || i - j);
        expect(top).toEqual(
          Tensor.from(
            dtype,
            [n, 1],
            pairs.map(([value]) => value),
          ),
        );
        expect(indices.toNumbers()).toEqual(pairs.map(([, i]) => i));
      }),
    );
  });

  test('NaN is above all numbers', () => {
    const odd = f64([4], [1, NaN, Infinity, -Infinity]);
    const order = (largest: boolean): number[] =>
      new TopK({ k: 4, axis: 0, largest }).reference([odd])[1].toNumbers();
    expect(order(true)).toEqual([1, 2, 0, 3]);
    expect(order(false)).toEqual([3, 0, 2, 1]);
  });

  test('64-bit integers exactly', () => {
    const large = Tensor.from('u64', [3], [2n ** 63n, 2n ** 63n + 1n, 2n ** 63n - 1n]);
    const [values] = new TopK({ k: 2, axis: 0, largest: true }).reference([large]);
    expect(values.data).toEqual(BigUint64Array.of(2n ** 63n + 1n, 2n ** 63n));
  });

  test('of none', () => {
    const op = new TopK({ k: 0, axis: 1, largest: true });
    expect(op.reference([x]).map(({ dims }) => dims)).toEqual([
      [3, 0],
      [3, 0],
    ]);
    expect(op.reference([new Tensor('f32', [2 ** 40, 0])])[0].size).toBe(0);
  });

  test('wrong k', async () => {
    for (const k of [i64(5), i64(-1), i64(), i64(1, 2), Tensor.from('f32', [1], [0.5])]) {
      await expect(runNode('TopK', [x, k], { outputs: 2 })).rejects.toThrow(ShapeError);
    }
    await expect(runNode('TopK', [x], { attributes: { k: 2n ** 63n - 1n }, opset: 9 })).rejects.toThrow(
      ShapeError,
    );
    await expect(runNode('TopK', [x, i64(1)], { attributes: { axis: 2 } })).rejects.toThrow(ShapeError);
    expect(() => new TopK({ k: 1, axis: -1, largest: true }).infer([x])).toThrow(ShapeError);
    expect(() => new TopK({ k: 1, axis: 0, largest: true }).infer([new Tensor('f8e5m2', [2])])).toThrow(
      UnsupportedError,
    );
  });

  test('describes itself', () => {
    const op = new TopK({ k: 3, axis: 1, largest: true });
    expect([op.type, op.attributes, op.flops([x])]).toEqual(['TopK', { k: 3, axis: 1, largest: true }, 24]);
  });
});
