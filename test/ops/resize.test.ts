import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ShapeError, UnsupportedError } from '../../src/errors.js';
import { Resize } from '../../src/ops/resize.js';
import { resizeTaps, type Interpolation, type ResizeAxis } from '../../src/ops/resample.js';
import { Tensor, type DType } from '../../src/tensor/index.js';
import type { AttributeInput } from '../support/onnx-builder.js';
import { runNode1 } from '../support/run-node.js';
import { ints, ramp } from './ramps.js';

type Attributes = Readonly<Record<string, AttributeInput>>;

const floats = (...values: number[]): Tensor => Tensor.from('f32', [values.length], values);

/** Resizes a vector of doubles to a number of elements. */
async function resizeTo(size: number, values: readonly number[], attributes: Attributes): Promise<number[]> {
  const x = Tensor.from('f64', [values.length], values);
  const y = await runNode1('Resize', [x, undefined, undefined, ints(size)], { attributes });
  expect(y.dtype).toBe('f64');
  return y.toNumbers();
}

/** Resizes a vector of doubles by a factor. */
async function resizeBy(scale: number, values: readonly number[], attributes: Attributes): Promise<number[]> {
  const x = Tensor.from('f64', [values.length], values);
  return (await runNode1('Resize', [x, undefined, floats(scale)], { attributes })).toNumbers();
}

/** Resizes 1, 2, 3, 4 from a region. */
async function crop(roi: readonly number[], size: number, attributes: Attributes): Promise<number[]> {
  const x = Tensor.from('f64', [4], [1, 2, 3, 4]);
  const all = { ...coordinates('tf_crop_and_resize'), ...attributes };
  return (
    await runNode1('Resize', [x, floats(...roi), undefined, ints(size)], { attributes: all })
  ).toNumbers();
}

/** Dims of a resized 1x1x2x4. @param inputs scales and sizes */
async function dimsOf(
  inputs: (Tensor | undefined)[],
  attributes: Attributes = {},
): Promise<readonly number[]> {
  return (await runNode1('Resize', [ramp(1, 1, 2, 4), undefined, ...inputs], { attributes })).dims;
}

/** The largest difference between two lists of one length. */
function distance(actual: readonly number[], expected: readonly number[]): number {
  if (actual.length !== expected.length) return Infinity;
  return Math.max(0, ...actual.map((value, i) => Math.abs(value - expected[i])));
}

const linear = { mode: 'linear' };
const cubic = { mode: 'cubic' };
const coordinates = (name: string): Attributes => ({ coordinate_transformation_mode: name });

describe('values worked out by hand', () => {
  const x = [1, 2, 3, 4];

  test.each([
    [8, linear, [1, 1.25, 1.75, 2.25, 2.75, 3.25, 3.75, 4]],
    [7, { ...linear, ...coordinates('align_corners') }, [1, 1.5, 2, 2.5, 3, 3.5, 4]],
    [1, { ...linear, ...coordinates('align_corners') }, [1]],
    [8, { ...linear, ...coordinates('asymmetric') }, [1, 1.5, 2, 2.5, 3, 3.5, 4, 4]],
    [1, linear, [2.5]],
    [1, { ...linear, ...coordinates('pytorch_half_pixel') }, [1]],
    [2, { ...linear, ...coordinates('pytorch_half_pixel') }, [1.5, 3.5]],
    [2, coordinates('tf_half_pixel_for_nn'), [2, 4]],
    // Halved: the triangle is 4 wide, its weights 1, 3, 3, 1 eighths, and the edge repeats.
    [2, { ...linear, antialias: 1 }, [13 / 8, 27 / 8]],
    [8, { ...linear, antialias: 1 }, [1, 1.25, 1.75, 2.25, 2.75, 3.25, 3.75, 4]],
    // Half-way, the cubic kernel with a = -0.75 weighs -3, 19, 19, -3 thirty-seconds.
    [8, { ...cubic, ...coordinates('asymmetric') }, [1, 45 / 32, 2, 2.5, 3, 115 / 32, 4, 131 / 32]],
    [
      8,
      { ...cubic, ...coordinates('asymmetric'), exclude_outside: 1 },
      [1, 48 / 35, 2, 2.5, 3, 127 / 35, 4, 67 / 16],
    ],
    // With a = -0.5 it is -1, 9, 9, -1 sixteenths.
    [
      8,
      { ...cubic, ...coordinates('asymmetric'), cubic_coeff_a: -0.5 },
      [1, 23 / 16, 2, 2.5, 3, 57 / 16, 4, 65 / 16],
    ],
  ])('to %i with %o', async (size, attributes, expected) => {
    expect(distance(await resizeTo(size, x, attributes), expected)).toBeLessThan(1e-6);
  });

  test.each([
    // The sampled region is centred: 1 2/3 and 3 1/3 lie as far from 2.5.
    [0.6, { ...linear, ...coordinates('half_pixel_symmetric') }, [5 / 3, 10 / 3]],
    [0.6, linear, [4 / 3, 3]],
    [0.6, {}, [1, 3]],
    // align_corners takes the fractional length 4 * 0.8 = 3.2, as ONNX's tests do.
    [0.8, { ...linear, ...coordinates('align_corners') }, [1, 1 + 3 / 2.2, 1 + 6 / 2.2]],
  ])('by %d with %o', async (scale, attributes, expected) => {
    expect(distance(await resizeBy(scale, x, attributes), expected)).toBeLessThan(1e-6);
  });

  test.each([
    ['round_prefer_floor', [0, 0, 0, 1, 1]],
    ['round_prefer_ceil', [0, 0, 1, 1, 1]],
    ['floor', [0, 0, 0, 0, 1]],
    ['ceil', [0, 1, 1, 1, 1]],
  ])('nearest_mode %s at quarters', async (nearest_mode, expected) => {
    const attributes = { nearest_mode, ...coordinates('align_corners') };
    expect(await resizeTo(5, [0, 1], attributes)).toEqual(expected);
  });

  test('scales are float32: thirds and tenths are what they are meant to be', async () => {
    const attributes = { nearest_mode: 'floor', ...coordinates('asymmetric') };
    expect(await resizeBy(1 / 3, [0, 1, 2, 3, 4, 5, 6, 7, 8], attributes)).toEqual([0, 3, 6]);
    expect(await resizeBy(0.7, ramp(10).toNumbers(), attributes)).toHaveLength(7);
  });
});

describe('tf_crop_and_resize', () => {
  test('takes the region between fractions of the input', async () => {
    expect(distance(await crop([0.5, 1], 3, linear), [2.5, 3.25, 4])).toBeLessThan(1e-6);
    expect(distance(await crop([1, 0], 4, linear), [4, 3, 2, 1])).toBeLessThan(1e-6);
    expect(distance(await crop([0, 0.5], 1, linear), [1.75])).toBeLessThan(1e-6);
  });

  test.each(['nearest', 'linear', 'cubic'])('fills in the extrapolation value, %s', async (mode) => {
    const attributes = { mode, extrapolation_value: { float: 9 } };
    expect(distance(await crop([-1 / 3, 4 / 3], 6, attributes), [9, 1, 2, 3, 4, 9])).toBeLessThan(1e-6);
  });

  test('a corner is outside when any axis is', async () => {
    const attributes = {
      ...linear,
      ...coordinates('tf_crop_and_resize'),
      extrapolation_value: { float: Infinity },
    };
    const y = await runNode1('Resize', [ramp(2, 2), floats(0, 0, 2, 1), undefined, ints(3, 2)], {
      attributes,
    });
    expect(y.toNumbers()).toEqual([0, 1, 2, 3, Infinity, Infinity]);
  });

  test('the last element is inside whatever the rounding', async () => {
    for (const start of [0.1, 0.2, 0.3, 0.6, 0.7]) {
      expect((await crop([start, 1], 3, { ...linear, extrapolation_value: { float: 9 } }))[2]).toBeCloseTo(4);
    }
  });

  test('regions that are missing, short or infinite are refused', async () => {
    await expect(crop([0], 1, {})).rejects.toThrow(ShapeError);
    await expect(crop([0, Infinity], 1, {})).rejects.toThrow(ShapeError);
    const attributes = coordinates('tf_crop_and_resize');
    await expect(resizeTo(2, [1, 2], attributes)).rejects.toThrow(ShapeError);
  });
});

describe('rules', () => {
  const modes = fc.constantFrom('nearest', 'linear', 'cubic');
  const names = fc.constantFrom(
    'half_pixel',
    'half_pixel_symmetric',
    'align_corners',
    'asymmetric',
    'pytorch_half_pixel',
  );
  const vectors = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 6 });

  test('the same size changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(vectors, modes, names, fc.boolean(), async (x, mode, name, antialias) => {
        const attributes = { mode, ...coordinates(name), antialias: Number(antialias && mode !== 'nearest') };
        // One element seen by pytorch_half_pixel has its coordinate set to 0, too.
        expect(distance(await resizeTo(x.length, x, attributes), x)).toBeLessThan(1e-6);
      }),
      { numRuns: 60 },
    );
  });

  test('weights lie inside the input and add up to 1', () => {
    const axes = fc.record({
      input: fc.integer({ min: 1, max: 9 }),
      output: fc.integer({ min: 1, max: 12 }),
      coordinates: fc.constantFrom(
        'half_pixel',
        'half_pixel_symmetric',
        'align_corners',
        'asymmetric',
      ) as fc.Arbitrary<ResizeAxis['coordinates']>,
    });
    const interpolations: fc.Arbitrary<Interpolation> = fc.record({
      mode: modes,
      cubicCoefficient: fc.constantFrom(-0.75, -0.5),
      excludeOutside: fc.boolean(),
      antialias: fc.boolean(),
    });
    fc.assert(
      fc.property(axes, interpolations, fc.nat(11), (fields, interpolation, place) => {
        const scale = fields.output / fields.input;
        const axis: ResizeAxis = { ...fields, scale, nearest: 'round_prefer_floor', roi: [0, 1] };
        const { indices, weights } = resizeTaps(axis, interpolation, place % axis.output);
        expect(indices.every((i) => Number.isInteger(i) && i >= 0 && i < axis.input)).toBe(true);
        expect(weights).toHaveLength(indices.length);
        expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
        expect(weights).not.toContain(0);
      }),
    );
  });

  test.each([linear, { ...cubic, cubic_coeff_a: -0.5 }])(
    'straight lines stay straight away from the edge with %o',
    async (attributes) => {
      const line = Array.from({ length: 8 }, (_, i) => 3 - 2 * i);
      const all = { ...attributes, ...coordinates('align_corners') };
      for (let size = 8; size < 30; size++) {
        const places = Array.from({ length: size }, (_, i) => (i * 7) / (size - 1));
        const y = await resizeTo(size, line, all);
        const wrong = y.filter((value, i) => Math.abs(value - (3 - 2 * places[i])) > 1e-9);
        // Within one element of the ends, the cubic kernel sees the repeated edge.
        const edge = places.filter((place) => (place > 0 && place < 1) || (place > 6 && place < 7));
        expect(wrong).toHaveLength(attributes.mode === 'cubic' ? edge.length : 0);
      }
    },
  );

  test('axes are independent: an outer product becomes the outer product of the resized', async () => {
    await fc.assert(
      fc.asyncProperty(vectors, vectors, modes, fc.boolean(), async (u, v, mode, antialias) => {
        const attributes = { mode, antialias: Number(antialias && mode !== 'nearest') };
        const product = Tensor.from(
          'f64',
          [u.length, 1, v.length],
          u.flatMap((a) => v.map((b) => a * b)),
        );
        const y = await runNode1('Resize', [product, undefined, undefined, ints(5, 1, 3)], { attributes });
        const rows = await resizeTo(5, u, attributes);
        const columns = await resizeTo(3, v, attributes);
        expect(
          distance(
            y.toNumbers(),
            rows.flatMap((a) => columns.map((b) => a * b)),
          ),
        ).toBeLessThan(1e-6);
      }),
      { numRuns: 40 },
    );
  });

  test('infinities stay where they are', async () => {
    expect(await resizeTo(3, [1, Infinity, 3], linear)).toEqual([1, Infinity, 3]);
    const y = await resizeTo(6, [1, 2, 3, 4, NaN], { ...linear, ...coordinates('align_corners') });
    expect(y.slice(0, 4).every(Number.isFinite)).toBe(true);
    expect(y[5]).toBeNaN();
  });
});

describe('sizes, scales and axes', () => {
  test.each([
    ['not_larger', [1, 1, 4, 8]],
    ['not_smaller', [1, 1, 7, 14]],
    ['stretch', [1, 1, 7, 8]],
  ])('keep_aspect_ratio_policy %s', async (keep_aspect_ratio_policy, expected) => {
    const attributes = { keep_aspect_ratio_policy, axes: [2, -1] };
    expect(await dimsOf([undefined, ints(7, 8)], attributes)).toEqual(expected);
  });

  test('lengths are rounded down from scales, and half up to keep a ratio', async () => {
    expect(await dimsOf([floats(1, 1, 1.9, 0.6)])).toEqual([1, 1, 3, 2]);
    const attributes = { keep_aspect_ratio_policy: 'not_larger', axes: [2, 3] };
    expect(await dimsOf([undefined, ints(9, 5)], attributes)).toEqual([1, 1, 3, 5]);
  });

  test('axes may come in any order', async () => {
    expect(await dimsOf([floats(2, 0.5)], { axes: [3, 2] })).toEqual([1, 1, 1, 8]);
  });

  test('an empty tensor stands for what is left out', async () => {
    expect(await dimsOf([floats(), ints(1, 1, 3, 3)])).toEqual([1, 1, 3, 3]);
  });

  test('nothing comes of no size', async () => {
    expect(await dimsOf([undefined, ints(1, 1, 0, 3)])).toEqual([1, 1, 0, 3]);
    expect(await dimsOf([undefined, ints(1, 1, 0, 3)], linear)).toEqual([1, 1, 0, 3]);
  });

  test.each([
    ['neither scales nor sizes', [], {}],
    ['both scales and sizes', [floats(1, 1, 1, 1), ints(1, 1, 2, 4)], {}],
    ['too few scales', [floats(2)], {}],
    ['too few sizes', [undefined, ints(2)], {}],
    ['scales that do not match axes', [floats(2)], { axes: [2, 3] }],
    ['an axis named twice', [floats(2, 2)], { axes: [2, -2] }],
    ['scale 0', [floats(1, 1, 1, 0)], {}],
    ['a negative scale', [floats(1, 1, -1, 1)], {}],
    ['an endless scale', [floats(1, 1, Infinity, 1)], {}],
    ['a scale that is no number', [floats(1, 1, NaN, 1)], {}],
    ['a negative size', [undefined, ints(1, 1, -2, 4)], {}],
    ['scales of integers', [ints(1, 1, 2, 2)], {}],
  ])('refuses %s', async (_, inputs, attributes) => {
    await expect(dimsOf(inputs, attributes)).rejects.toThrow(ShapeError);
  });

  test('an empty input has nothing to show', async () => {
    const grown = runNode1('Resize', [ramp(0), undefined, undefined, ints(2)]);
    await expect(grown).rejects.toThrow(ShapeError);
    expect((await runNode1('Resize', [ramp(0), undefined, floats(2)])).dims).toEqual([0]);
  });

  test('the op refuses a scale that is far from its sizes', () => {
    const axis: ResizeAxis = {
      input: 4,
      output: 1,
      scale: 1e-12,
      coordinates: 'half_pixel',
      nearest: 'floor',
      roi: [0, 1],
    };
    const options = {
      mode: 'linear',
      cubicCoefficient: -0.75,
      excludeOutside: false,
      antialias: true,
      extrapolation: 0,
    } as const;
    const x = { dtype: 'f32', dims: [4] } as const;
    expect(() => new Resize([axis], options).infer([x])).toThrow(ShapeError);
    const halved = new Resize([{ ...axis, output: 2, scale: 0.5 }], options);
    expect(halved.flops([x], halved.infer([x]))).toBe(16);
    expect(halved.attributes).toMatchObject({ mode: 'linear', antialias: true, scales: [0.5] });
  });
});

describe('element types', () => {
  test.each(['u8', 'i64', 'bool', 'f16', 'f32'] as DType[])('nearest copies %s as it is', async (dtype) => {
    const x = Tensor.from(dtype, [2], [1, 0]);
    const y = await runNode1('Resize', [x, undefined, floats(2)]);
    expect([...y.data]).toEqual([x.data[0], x.data[0], x.data[1], x.data[1]]);
  });

  test.each(['f32', 'f16', 'bf16'] as DType[])('results are rounded once to %s', async (dtype) => {
    const x = Tensor.from(dtype, [3], [0.1, 0.7, -3]);
    const exact = await resizeTo(7, x.toNumbers(), cubic);
    const y = await runNode1('Resize', [x, undefined, undefined, ints(7)], { attributes: cubic });
    expect(y.data).toEqual(Tensor.from(dtype, [7], exact).data);
  });

  test('integers are truncated and do not wrap around', async () => {
    const x = Tensor.from('u8', [4], [0, 0, 255, 255]);
    const y = await runNode1('Resize', [x, undefined, floats(2)], { attributes: { ...cubic } });
    const exact = await resizeTo(8, [0, 0, 255, 255], cubic);
    expect(exact.some((value) => value < 0) && exact.some((value) => value > 255)).toBe(true);
    expect(y.toNumbers()).toEqual(exact.map((value) => Math.min(255, Math.max(0, Math.trunc(value)))));
  });

  test.each(['i64', 'bool'] as DType[])('%s is not interpolated', async (dtype) => {
    const x = Tensor.from(dtype, [2], [1, 0]);
    const resized = runNode1('Resize', [x, undefined, floats(2)], { attributes: linear });
    await expect(resized).rejects.toThrow(UnsupportedError);
  });
});

describe('older forms', () => {
  test('Upsample has its scales as attribute, then as input', async () => {
    const scales = { floats: [1, 2] };
    const old = await runNode1('Upsample', [ramp(1, 2)], { opset: 7, attributes: { scales } });
    expect(old.toNumbers()).toEqual([0, 0, 1, 1]);
    const newer = await runNode1('Upsample', [ramp(1, 2), floats(1, 2)], { opset: 9, attributes: linear });
    expect(newer.toNumbers()).toEqual([0, 0.5, 1, 1]);
  });

  test('the first Resize rounds up where it shrinks', async () => {
    // ONNX's own test of operator set 10.
    const x = Tensor.from('f32', [1, 1, 2, 4], [1, 2, 3, 4, 5, 6, 7, 8]);
    const y = await runNode1('Resize', [x, floats(1, 1, 0.6, 0.6)], { opset: 10 });
    expect(y.dims).toEqual([1, 1, 1, 2]);
    expect(y.toNumbers()).toEqual([1, 3]);
  });

  test.each([
    ['Upsample', 7, [ramp(1, 2)], { scales: { floats: [2] } }, ShapeError],
    ['Upsample', 7, [ramp(1, 2)], {}, ShapeError],
    ['Resize', 10, [ramp(1, 2)], {}, ShapeError],
    ['Resize', 10, [ramp(2), floats(2)], { mode: 'cubic' }, UnsupportedError],
    ['Resize', 10, [ramp(2), floats(2)], { axes: [0] }, UnsupportedError],
    ['Resize', 17, [ramp(2), undefined, floats(2)], { ...linear, antialias: 1 }, UnsupportedError],
    ['Resize', 18, [ramp(2), undefined, floats(2)], { antialias: 1 }, UnsupportedError],
    ['Resize', 18, [ramp(2), undefined, floats(2)], coordinates('other'), UnsupportedError],
  ])('%s of operator set %i refuses what it does not have', async (op, opset, inputs, attributes, error) => {
    await expect(runNode1(op, inputs, { opset, attributes })).rejects.toThrow(error);
  });
});
