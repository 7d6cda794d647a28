/** Accuracy of the functions' WGSL, element by element, over the ranges in which they change. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GpuDevice } from '../../src/devices/gpu.js';
import { openSoftware } from '../../src/host/webgpu.js';
import { binaryWgsl } from '../../src/kernels/elementwise/binary-functions.js';
import { typedUnaryWgsl, unaryWgsl } from '../../src/kernels/elementwise/functions.js';
import { itemsFor, mapKernel } from '../../src/kernels/elementwise/map.js';
import type { Lane } from '../../src/kernels/elementwise/values.js';
import { max, min, mod, pow } from '../../src/ops/binary-functions.js';
import type { UnaryFunction } from '../../src/ops/unary.js';
import * as functions from '../../src/ops/unary-functions.js';
import { rowMajor } from '../../src/tensor/index.js';

let device: GpuDevice;
beforeAll(async () => {
  device = await openSoftware();
});
afterAll(() => {
  device.destroy();
});

/** f of lists of numbers of one length, on the device. */
async function evaluate(
  fn: string,
  inputs: readonly Float32Array[],
  lane: Lane = 'f32',
  items?: number,
): Promise<number[]> {
  const view = { dims: [inputs[0].length], layout: rowMajor(1), type: 'f32' } as const;
  const source = mapKernel({
    name: 'test',
    fn,
    inputs: inputs.map(() => ({ view, lane: 'f32' })),
    output: { ...view, type: lane },
    lane,
    flops: 0,
    maxGrid: device.limits.maxGrid,
    items,
  });
  const [kernel] = await device.compile([source]);
  const bytes = inputs[0].byteLength;
  const buffers = await Promise.all([...inputs, inputs[0]].map((_, i) => device.allocate(bytes, `x${i}`)));
  for (const [i, data] of inputs.entries()) device.write(buffers[i], 0, data);
  const slices = buffers.map((buffer) => ({ buffer, offset: 0, bytes }));
  const recording = await device.record([{ kernel, slices }], slices.slice(-1));
  const [raw] = await device.submit(recording);
  device.release(recording);
  for (const buffer of buffers) buffer.destroy();
  return Array.from(lane === 'f32' ? new Float32Array(raw.buffer) : new Uint32Array(raw.buffer));
}

/** Numbers spread evenly over a range, and around 0 by their exponents too. */
function spread([low, high]: readonly [number, number], count = 4096): Float32Array {
  const even = Array.from({ length: count }, (_, i) => low + ((high - low) * (i + 0.5)) / count);
  const tiny = Array.from({ length: count }, (_, i) => (i % 2 ? -1 : 1) * 2 ** ((-24 * i) / count));
  return Float32Array.from([...even, ...tiny.filter((x) => x >= low && x <= high)]);
}

/** The largest error, relative to numbers above `floor`, and where it is. */
function worst(
  actual: readonly number[],
  wanted: readonly number[],
  floor: number,
): { error: number; at: number } {
  let [error, at] = [0, -1];
  for (const [i, value] of wanted.entries()) {
    const same = actual[i] === value || (Number.isNaN(actual[i]) && Number.isNaN(value));
    const own = same ? 0 : Math.abs(actual[i] - value) / Math.max(Math.abs(value), floor);
    if (!(own <= error)) [error, at] = [own, i];
  }
  return { error, at };
}

/** A function, the range it is tried over, and the largest error; relative, but absolute below a thousandth. */
interface Accuracy {
  readonly fn: UnaryFunction;
  readonly range?: readonly [number, number];
  readonly error?: number;
}

const EXACT = ['Relu', 'Clip', 'Abs', 'Neg', 'Sign', 'Round', 'Ceil', 'Floor', 'ThresholdedRelu'];

/** The device's own exp and log: their error grows with the argument, and towards ln 1. */
const SPECIAL: readonly Accuracy[] = [
  { fn: functions.exp, range: [-80, 80], error: 8e-6 },
  { fn: functions.sinh, range: [-85, 85], error: 8e-6 },
  { fn: functions.cosh, range: [-85, 85], error: 8e-6 },
  { fn: functions.log, range: [1e-6, 100], error: 8e-6 },
  { fn: functions.sqrt, range: [0, 100] },
  { fn: functions.asin, range: [-1, 1] },
  { fn: functions.acos, range: [-1, 1] },
  { fn: functions.acosh, range: [1, 50] },
  { fn: functions.atanh, range: [-1, 1] },
  { fn: functions.sin, range: [-8000, 8000] },
  { fn: functions.cos, range: [-8000, 8000] },
];

const others = functions.UNARY_FUNCTIONS.filter(
  (fn) => fn.dtypes.includes('f32') && !fn.result && !SPECIAL.some((special) => special.fn === fn),
);

describe('functions of one number', () => {
  const rows: readonly Accuracy[] = [...SPECIAL, ...others.map((fn) => ({ fn }))];
  it.each(
    rows.map((row) => [`${row.fn.name} ${Object.values(row.fn.parameters ?? {}).join()}`, row] as const),
  )('%s is accurate', async (_, { fn, range = [-30, 30], error = 1e-6 }) => {
    const x = spread(range);
    const actual = await evaluate(unaryWgsl('f', fn), [x]);
    const found = worst(actual, Array.from(x, fn.apply), 1e-3);
    expect(found.error, `at ${x[found.at]}`).toBeLessThanOrEqual(EXACT.includes(fn.name) ? 0 : error);
  });

  it('none overflows on its way to a finite result', async () => {
    const x = Float32Array.from([1e4, 1e10, 3e38, -1e4, -1e10, -3e38]);
    const limits: readonly (readonly [UnaryFunction, readonly number[]])[] = [
      [functions.sigmoid, [1, 1, 1, 0, 0, 0]],
      [functions.tanh, [1, 1, 1, -1, -1, -1]],
      [functions.erf, [1, 1, 1, -1, -1, -1]],
      [functions.softsign, Array.from(x, functions.softsign.apply)],
      [functions.softplus, [1e4, 1e10, 3e38, 0, 0, 0]],
      [functions.mish, [1e4, 1e10, 3e38, 0, 0, 0]],
      [functions.gelu(), [1e4, 1e10, 3e38, 0, 0, 0]],
      [functions.elu(), [1e4, 1e10, 3e38, -1, -1, -1]],
      [functions.atan, Array.from(x, Math.atan)],
      [functions.asinh, Array.from(x, Math.asinh)],
    ];
    for (const [fn, wanted] of limits) {
      const found = worst(await evaluate(unaryWgsl('f', fn), [x]), wanted, 1e-30);
      expect(found.error, `${fn.name} at ${x[found.at]}`).toBeLessThan(2e-7);
    }
  });

  it('ties round to even', async () => {
    const x = Float32Array.from([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5, 1e7]);
    expect(await evaluate(unaryWgsl('f', functions.round), [x])).toEqual([-2, -2, -0, 0, 2, 2, 4, 1e7]);
  });

  it('NaN passes through comparisons', async () => {
    const x = Float32Array.from([Number.NaN, 1, Number.NaN]);
    // Not those that go through exp: what a device's exp makes of NaN is its own business.
    const passing = ['Relu', 'HardSwish', 'LeakyRelu', 'Elu', 'Selu'];
    for (const fn of [...others.filter(({ name }) => passing.includes(name)), functions.clip(0, 6)]) {
      const [first, second] = await evaluate(unaryWgsl('f', fn), [x]);
      expect([fn.name, first, Number.isNaN(second)]).toEqual([fn.name, Number.NaN, false]);
    }
  });

  it('infinities and NaN are told apart', async () => {
    const x = Float32Array.from([Number.NaN, Infinity, -Infinity, 3e38, 0]);
    const of = async (fn: UnaryFunction): Promise<number[]> =>
      evaluate(typedUnaryWgsl('f', fn, 'f32'), [x], 'u32');
    expect(await of(functions.isNaN)).toEqual([1, 0, 0, 0, 0]);
    expect(await of(functions.isInf())).toEqual([0, 1, 1, 0, 0]);
    expect(await of(functions.isInf(false, true))).toEqual([0, 1, 0, 0, 0]);
  });

  it('no function is the identity', async () => {
    const x = Float32Array.from([1.5, -2, 0]);
    expect(await evaluate(unaryWgsl('f', undefined), [x])).toEqual([1.5, -2, 0]);
  });

  it('two functions go into one module, whatever they are named', async () => {
    const both = `${unaryWgsl('first', functions.elu(2))}${unaryWgsl('second', functions.selu())}`;
    const x = Float32Array.from([-1, 2]);
    const actual = await evaluate(`${both}fn f(x: f32) -> f32 { return first(x) + second(x); }\n`, [x]);
    const wanted = Array.from(x, (v) => functions.elu(2).apply(v) + functions.selu().apply(v));
    expect(worst(actual, wanted, 1e-3).error).toBeLessThan(1e-6);
  });

  it('a function or type without WGSL is refused by name', () => {
    const unknown = { name: 'Bessel', dtypes: ['f32'], apply: (x: number) => x } as const;
    expect(() => unaryWgsl('f', unknown)).toThrow('operator Bessel of f32 on a GPU');
    expect(() => typedUnaryWgsl('f', functions.tanh, 'i8')).toThrow('operator Tanh of i8 on a GPU');
    expect(() => binaryWgsl('f', { ...mod(true), parameters: { fmod: 2 } }, 'f32')).toThrow('operator Mod');
  });
});

describe('functions of two numbers', () => {
  it('powers are accurate', async () => {
    const a = spread([0.01, 20], 512).filter((x) => x > 0.01);
    for (const exponent of [-3, -0.5, 0, 0.5, 0.75, 1.7, 2, 9]) {
      const b = new Float32Array(a.length).fill(exponent);
      const wanted = Array.from(a, (x) => x ** Math.fround(exponent));
      const found = worst(await evaluate(binaryWgsl('f', pow, 'f32'), [a, b]), wanted, 1e-30);
      expect(found.error, `${a[found.at]} ** ${exponent}`).toBeLessThan(4e-6);
    }
  });

  it('of larger and smaller, NaN wins', async () => {
    const a = Float32Array.from([Number.NaN, 1, 2, -1]);
    const b = Float32Array.from([1, Number.NaN, -3, 4]);
    expect(await evaluate(binaryWgsl('f', max, 'f32'), [a, b])).toEqual([Number.NaN, Number.NaN, 2, 4]);
    expect(await evaluate(binaryWgsl('f', min, 'f32'), [a, b])).toEqual([Number.NaN, Number.NaN, -3, -1]);
  });
});

describe('work per invocation', () => {
  it.each([1, 2, 3, 4])('%i groups', async (items) => {
    // One group and one element more than fill a workgroup, and a size that has no groups of four.
    for (const count of [4 * 256 * items + 4, 4 * 256 * items + 5, 3]) {
      const x = Float32Array.from({ length: count }, (_, i) => i - 7);
      expect(await evaluate(unaryWgsl('f', functions.abs), [x], 'f32', items)).toEqual(
        Array.from(x, Math.abs),
      );
    }
  });

  it('grows with the tensor, once the device is full', () => {
    expect([1, 2 ** 18, 2 ** 19, 2 ** 20, 2 ** 25].map(itemsFor)).toEqual([1, 1, 2, 4, 4]);
  });
});
