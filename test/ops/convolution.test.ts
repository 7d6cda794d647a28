import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FormatError, ShapeError, UnsupportedError } from '../../src/errors.js';
import { ConvTranspose } from '../../src/ops/conv-transpose.js';
import { Conv } from '../../src/ops/conv.js';
import { clip, relu } from '../../src/ops/unary-functions.js';
import { Tensor, sizeOf, type DType, type Dims } from '../../src/tensor/index.js';
import type { AttributeInput } from '../support/onnx-builder.js';
import { importNode, runNode1 } from '../support/run-node.js';

type Attributes = Readonly<Record<string, AttributeInput>>;

const f32 = (dims: Dims, values: readonly number[]): Tensor => Tensor.from('f32', dims, values);
const iota = (dtype: DType, dims: Dims, first = 0): Tensor =>
  Tensor.from(
    dtype,
    dims,
    Array.from({ length: sizeOf(dims) }, (_, i) => first + i),
  );
const ones = (dims: Dims): Tensor => f32(dims, new Array<number>(sizeOf(dims)).fill(1));

async function conv(inputs: Tensor[], attributes: Attributes = {}): Promise<[dims: Dims, values: number[]]> {
  const y = await runNode1('Conv', inputs, { attributes });
  return [y.dims, y.toNumbers()];
}

async function transposed(inputs: Tensor[], attributes: Attributes = {}): Promise<number[]> {
  return (await runNode1('ConvTranspose', inputs, { attributes })).toNumbers();
}

describe('Conv', () => {
  test("of ONNX's example with padding", async () => {
    const y = [
      12, 21, 27, 33, 24, 33, 54, 63, 72, 51, 63, 99, 108, 117, 81, 93, 144, 153, 162, 111, 72, 111, 117, 123,
      84,
    ];
    const inputs = [iota('f32', [1, 1, 5, 5]), ones([1, 1, 3, 3])];
    expect(await conv(inputs, { kernel_shape: [3, 3], pads: [1, 1, 1, 1] })).toEqual([[1, 1, 5, 5], y]);
  });

  test('over one axis, with bias, stride and dilation', async () => {
    // Taps 0 and 2 from positions 0 and 2 of 1..6, by weights 1 and 10, plus 0.5.
    const inputs = [iota('f32', [1, 1, 6], 1), f32([1, 1, 2], [1, 10]), f32([1], [0.5])];
    expect(await conv(inputs, { strides: [2], dilations: [2] })).toEqual([
      [1, 1, 2],
      [31.5, 53.5],
    ]);
  });

  test('over three axes', async () => {
    const [dims, values] = await conv([iota('f32', [2, 1, 2, 2, 2]), ones([1, 1, 2, 2, 2])]);
    expect([dims, values]).toEqual([
      [2, 1, 1, 1, 1],
      [28, 92],
    ]);
  });

  test('in groups', async () => {
    // Two groups of one input channel and two output channels.
    const w = f32([4, 1, 1], [1, 10, 100, 1000]);
    expect(await conv([f32([1, 2, 2], [1, 2, 3, 4]), w], { group: 2 })).toEqual([
      [1, 4, 2],
      [1, 2, 10, 20, 300, 400, 3000, 4000],
    ]);
  });

  test.each([
    ['NOTSET', [3, 5]],
    ['VALID', [3, 5]],
    ['SAME_UPPER', [3, 5, 3]],
    ['SAME_LOWER', [1, 3, 5]],
  ])('auto_pad=%s', async (mode, y) => {
    expect((await conv([f32([1, 1, 3], [1, 2, 3]), ones([1, 1, 2])], { auto_pad: mode }))[1]).toEqual(y);
  });

  test('auto_pad=SAME_UPPER looks at stride and dilation', async () => {
    // ceil(7 / 3) = 3 outputs need (3 - 1) * 3 + 5 - 7 = 4 positions of padding: 2 in front, 2 behind.
    const inputs = [iota('f32', [1, 1, 7], 1), ones([1, 1, 3])];
    expect((await conv(inputs, { auto_pad: 'SAME_UPPER', strides: [3], dilations: [2] }))[1]).toEqual([
      1 + 3,
      2 + 4 + 6,
      5 + 7,
    ]);
  });

  test('an activation comes after the bias', () => {
    const op = new Conv({ strides: [1], activation: relu });
    const [y] = op.reference([f32([1, 1, 3], [-2, 0, 2]), f32([1, 1, 1], [1]), f32([1], [1])]);
    expect(y.toNumbers()).toEqual([0, 1, 3]);
    expect(op.attributes).toEqual({
      strides: [1],
      pads: [0, 0],
      dilations: [1],
      group: 1,
      activation: 'Relu',
    });
  });

  test('an activation with parameters is reported with them', () => {
    expect(new Conv({ strides: [1], activation: clip(0, 6) }).attributes.activation).toBe(
      'Clip(min=0, max=6)',
    );
  });

  test.each(['f16', 'bf16', 'f64'] as const)('rounds once, to %s', async (dtype) => {
    // 1 + 2^-9 + 2^-9 + ...: each addition alone would be lost in bf16.
    const x = Tensor.from(dtype, [1, 1, 9], [1, ...new Array<number>(8).fill(2 ** -9)]);
    const [y] = new Conv({ strides: [1] }).reference([
      x,
      Tensor.from(dtype, [1, 1, 9], new Array<number>(9).fill(1)),
    ]);
    expect(y.dtype).toBe(dtype);
    expect(y.toNumbers()).toEqual([1 + 2 ** -6]);
  });

  test('infinity and NaN pass', async () => {
    const x = f32([1, 1, 4], [1, Infinity, 1, NaN]);
    expect((await conv([x, ones([1, 1, 1])]))[1]).toEqual([1, Infinity, 1, NaN]);
  });

  test('of no images, and to no channels', () => {
    const op = new Conv({ strides: [1] });
    expect(op.reference([ones([0, 2, 3]), ones([4, 2, 1])])[0].dims).toEqual([0, 4, 3]);
    expect(op.reference([ones([1, 2, 3]), ones([0, 2, 1])])[0].dims).toEqual([1, 0, 3]);
  });

  test('counts operations', () => {
    const x = { dtype: 'f32', dims: [2, 4, 8, 8] } as const;
    const w = { dtype: 'f32', dims: [6, 2, 3, 3] } as const;
    const bias = { dtype: 'f32', dims: [6] } as const;
    const op = new Conv({ strides: [1, 1], group: 2, activation: relu });
    const y = op.infer([x, w, bias]);
    expect(y).toEqual([{ dtype: 'f32', dims: [2, 6, 6, 6] }]);
    expect(op.flops([x, w], y)).toBe(2 * 6 * 36 * (2 * 2 * 9 + 1));
    expect(op.flops([x, w, bias], y)).toBe(2 * 6 * 36 * (2 * 2 * 9 + 2));
  });
});

/** A convolution over two axes, small enough to write out. */
const geometries = fc.record({
  batch: fc.integer({ min: 1, max: 2 }),
  group: fc.integer({ min: 1, max: 3 }),
  inPerGroup: fc.integer({ min: 1, max: 2 }),
  outPerGroup: fc.integer({ min: 1, max: 2 }),
  input: fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })),
  kernel: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  dilations: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
  padsBegin: fc.tuple(fc.nat(4), fc.nat(4)),
  padsEnd: fc.tuple(fc.nat(4), fc.nat(4)),
  seed: fc.integer(),
});

type Geometry = typeof geometries extends fc.Arbitrary<infer T> ? T : never;

/** Small integers, so that sums are exact whatever their order. */
function pattern(dims: Dims, seed: number): Tensor {
  return Tensor.from(
    'f64',
    dims,
    Array.from({ length: sizeOf(dims) }, (_, i) => ((i * 7 + seed) % 11) - 5),
  );
}

/** x with its border of zeros, as an array of planes of rows. */
function padded(x: Tensor, begin: readonly number[], end: readonly number[]): number[][][] {
  const [batch, channels, height, width] = x.dims;
  const values = x.toFloat64();
  return Array.from({ length: batch * channels }, (_, plane) =>
    Array.from({ length: begin[0] + height + end[0] }, (__, row) =>
      Array.from({ length: begin[1] + width + end[1] }, (___, column) => {
        const [i, j] = [row - begin[0], column - begin[1]];
        return i >= 0 && i < height && j >= 0 && j < width ? values[(plane * height + i) * width + j] : 0;
      }),
    ),
  );
}

function fits({ input, kernel, dilations, padsBegin, padsEnd }: Geometry): boolean {
  return input.every((extent, i) => extent + padsBegin[i] + padsEnd[i] > (kernel[i] - 1) * dilations[i]);
}

test('Conv is the sum of products over a padded copy', () => {
  fc.assert(
    fc.property(geometries, (g) => {
      fc.pre(fits(g));
      const x = pattern([g.batch, g.group * g.inPerGroup, ...g.input], g.seed % 11);
      const w = pattern([g.group * g.outPerGroup, g.inPerGroup, ...g.kernel], g.seed % 7);
      const [y] = new Conv(g).reference([x, w]);
      const planes = padded(x, g.padsBegin, g.padsEnd);
      const weights = w.toFloat64();
      const [, outChannels, height, width] = y.dims;
      const expected: number[] = [];
      for (let n = 0; n < g.batch; n++) {
        for (let m = 0; m < outChannels; m++) {
          const channels = planes.slice(n * g.group * g.inPerGroup, (n + 1) * g.group * g.inPerGroup);
          const mine = channels.filter(
            (_, c) => Math.trunc(c / g.inPerGroup) === Math.trunc(m / g.outPerGroup),
          );
          for (let i = 0; i < height; i++) {
            for (let j = 0; j < width; j++) {
              let sum = 0;
              let at = m * sizeOf([g.inPerGroup, ...g.kernel]);
              for (const plane of mine) {
                for (let r = 0; r < g.kernel[0]; r++) {
                  const row = plane[i * g.strides[0] + r * g.dilations[0]];
                  for (let s = 0; s < g.kernel[1]; s++)
                    sum += row[j * g.strides[1] + s * g.dilations[1]] * weights[at++];
                }
              }
              expected.push(sum);
            }
          }
        }
      }
      expect(y.toNumbers()).toEqual(expected.map((value) => value + 0));
    }),
  );
});

function dot(a: Tensor, b: Tensor): number {
  const other = b.toFloat64();
  return a.toFloat64().reduce((sum, value, i) => sum + value * other[i], 0);
}

test('ConvTranspose is the adjoint of Conv: <Conv(x), y> = <x, ConvTranspose(y)>', () => {
  fc.assert(
    fc.property(geometries, (g) => {
      fc.pre(fits(g));
      const x = pattern([g.batch, g.group * g.inPerGroup, ...g.input], g.seed % 11);
      const w = pattern([g.group * g.outPerGroup, g.inPerGroup, ...g.kernel], g.seed % 7);
      const [convolved] = new Conv(g).reference([x, w]);
      const y = pattern(convolved.dims, g.seed % 5);
      const outputPadding = g.input.map((extent, i) => {
        const span = (g.kernel[i] - 1) * g.dilations[i] + 1 - g.padsBegin[i] - g.padsEnd[i];
        return extent - ((convolved.dims[i + 2] - 1) * g.strides[i] + span);
      });
      const [back] = new ConvTranspose({ ...g, outputPadding }).reference([y, w]);
      expect(back.dims).toEqual(x.dims);
      expect(dot(x, back)).toBe(dot(convolved, y));
    }),
  );
});

describe('ConvTranspose', () => {
  const x = f32([1, 1, 3], [1, 2, 3]);

  test("of ONNX's one-dimensional example", async () => {
    const y = await transposed([f32([1, 1, 3], [0, 1, 2]), ones([1, 2, 3])]);
    expect(y).toEqual([0, 1, 3, 3, 2, 0, 1, 3, 3, 2]);
  });

  test('with stride, dilation, pads, output padding and bias', async () => {
    // Without pads: 1 . 1+2 . 2+3 . 3 (dilation 2, stride 2); then one is cut in front and one added behind.
    const attributes = { strides: [2], dilations: [2], pads: [1, 0], output_padding: [1] };
    expect(await transposed([x, ones([1, 1, 2]), f32([1], [0.5])], attributes)).toEqual([
      0.5, 3.5, 0.5, 5.5, 0.5, 3.5, 0.5,
    ]);
  });

  // Full result: 1 4 10 16 17 12 (weights 1 2 3 4).
  test.each([
    ['NOTSET', {}, [1, 4, 10, 16, 17, 12]],
    ['VALID', {}, [1, 4, 10, 16, 17, 12]],
    ['SAME_UPPER', {}, [4, 10, 16]],
    ['SAME_LOWER', {}, [10, 16, 17]],
    ['NOTSET', { output_shape: [3] }, [10, 16, 17]],
    ['SAME_UPPER', { output_shape: [3] }, [4, 10, 16]],
    ['NOTSET', { output_shape: [4], pads: [2, 2] }, [4, 10, 16, 17]],
    ['NOTSET', { output_shape: [8] }, [1, 4, 10, 16, 17, 12, 0, 0]],
    ['SAME_UPPER', { output_shape: [5], output_padding: [1] }, [4, 10, 16, 17, 12]],
  ])('auto_pad=%s %j', async (mode, attributes, y) => {
    const inputs = [x, f32([1, 1, 4], [1, 2, 3, 4])];
    expect(await transposed(inputs, { auto_pad: mode, ...attributes })).toEqual(y);
  });

  test('auto_pad=SAME with a kernel smaller than the stride still gives input times stride', async () => {
    expect(await transposed([x, ones([1, 1, 1])], { auto_pad: 'SAME_UPPER', strides: [2] })).toEqual([
      1, 0, 2, 0, 3, 0,
    ]);
  });

  test('in groups', async () => {
    const y = await transposed([f32([1, 2, 1], [1, 2]), f32([2, 2, 1], [1, 10, 100, 1000])], { group: 2 });
    expect(y).toEqual([1, 10, 200, 2000]);
  });

  test('applies an activation after the bias and reports it', () => {
    const op = new ConvTranspose({ strides: [1], activation: relu });
    expect(op.reference([x, ones([1, 1, 1]), f32([1], [-2])])[0].toNumbers()).toEqual([0, 0, 1]);
    expect(op.attributes).toMatchObject({ outputPadding: [0], group: 1, activation: 'Relu' });
    expect(op.flops([x, ones([1, 1, 1]), f32([1], [-2])], [x])).toBe(3 * (2 + 1 + 1));
  });
});

describe('bad convolutions', () => {
  const x = ones([1, 2, 5, 5]);
  const w = ones([4, 2, 3, 3]);
  const int64Max = 2n ** 63n - 1n;

  test.each<[string, Attributes, typeof ShapeError | typeof UnsupportedError | typeof FormatError]>([
    ['pads of the wrong length', { pads: [1, 1] }, ShapeError],
    ['negative pads', { pads: [0, 0, -1, 0] }, ShapeError],
    ['stride 0', { strides: [0, 1] }, ShapeError],
    ['strides of the wrong length', { strides: [1] }, ShapeError],
    ['a negative dilation', { dilations: [1, -1] }, ShapeError],
    ['a dilation that makes the window too large', { dilations: [3, 1] }, ShapeError],
    ['a huge dilation', { dilations: [1, 2 ** 31 - 1] }, ShapeError],
    ['a kernel_shape that is not the weight’s', { kernel_shape: [3, 2] }, ShapeError],
    ['group 0', { group: 0 }, ShapeError],
    ['a negative group', { group: -1 }, ShapeError],
    ['a group that does not divide', { group: 2 }, ShapeError],
    ['a huge group', { group: int64Max }, ShapeError],
    ['an unknown auto_pad', { auto_pad: 'SAME' }, UnsupportedError],
    ['pads and auto_pad', { auto_pad: 'SAME_UPPER', pads: [1, 1, 1, 1] }, UnsupportedError],
    ['an unknown attribute', { padding_mode: 1 }, UnsupportedError],
    ['an attribute of another type', { strides: 'two' }, FormatError],
  ])('%s', async (_, attributes, error) => {
    await expect(runNode1('Conv', [x, w], { attributes })).rejects.toThrow(error);
  });

  test.each<[string, Attributes]>([
    ['pads of the wrong length', { pads: [1, 1] }],
    ['stride 0', { strides: [0, 1] }],
    ['a negative dilation', { dilations: [1, -1] }],
    ['a kernel_shape that is not the weight’s', { kernel_shape: [3, 2] }],
    ['a group that does not divide', { group: 3 }],
    ['an output_shape of the wrong length', { output_shape: [4] }],
    ['an empty output_shape', { output_shape: [0, 4] }],
    ['output_padding of the wrong length', { output_padding: [1] }],
    ['pads that cut everything away', { pads: [3, 3, 4, 4] }],
  ])('ConvTranspose: %s', async (_, attributes) => {
    await expect(runNode1('ConvTranspose', [x, ones([2, 1, 3, 3])], { attributes })).rejects.toThrow(
      ShapeError,
    );
  });

  test('padding of zeros beside auto_pad is no contradiction', async () => {
    const attributes = { auto_pad: 'VALID', pads: [0, 0, 0, 0] };
    expect((await runNode1('Conv', [x, w], { attributes })).dims).toEqual([1, 4, 3, 3]);
  });

  test.each([
    ['no spatial axis', ones([1, 2]), ones([4, 2])],
    ['ranks that differ', ones([1, 2, 5]), w],
    ['channels that differ', ones([1, 3, 5, 5]), w],
    ['an empty kernel', x, ones([4, 2, 0, 3])],
    ['an empty image', ones([1, 2, 0, 5]), ones([4, 2, 1, 1])],
  ])('%s', async (_, input, weight) => {
    await expect(runNode1('Conv', [input, weight])).rejects.toThrow(ShapeError);
    const bytes = [input, weight].map(({ dims }) => new Tensor('u8', dims));
    await expect(runNode1('ConvInteger', bytes)).rejects.toThrow(ShapeError);
  });

  test('a bias of another length or type, mixed and unsupported types', () => {
    const op = new Conv({ strides: [1, 1] });
    expect(() => op.infer([x, w, ones([3])])).toThrow(ShapeError);
    expect(() => op.infer([x, w, Tensor.from('f64', [4], [0, 0, 0, 0])])).toThrow(ShapeError);
    expect(() => op.infer([x, iota('f16', [4, 2, 3, 3])])).toThrow(ShapeError);
    expect(() => op.infer([iota('i32', [1, 2, 5, 5]), iota('i32', [4, 2, 3, 3])])).toThrow(UnsupportedError);
    const back = new ConvTranspose({ strides: [1, 1] });
    expect(() => back.infer([x, ones([2, 3, 1, 1]), ones([4])])).toThrow(ShapeError);
    expect(() => back.infer([x, ones([3, 3, 1, 1])])).toThrow(ShapeError);
    expect(() => back.infer([iota('u8', [1, 1, 1, 1]), iota('u8', [1, 1, 1, 1])])).toThrow(UnsupportedError);
    expect(() => new ConvTranspose({ strides: [1], outputPadding: [-1] })).toThrow(ShapeError);
  });

  test('a missing weight names the input', async () => {
    await expect(importNode('Conv', [1, 1, 3])).rejects.toThrow('input 1 (W) is missing');
  });
});
