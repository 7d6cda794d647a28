import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.js';
import {
  outputDims,
  outputExtent,
  paddedTapCount,
  placedWindows,
  samePadding,
  tapRange,
  transposedDims,
  transposedExtent,
  transposedPadding,
  windowExtent,
  windowSteps,
  type WindowAxis,
} from '../../src/ops/window.js';

const range = (count: number): number[] => Array.from({ length: Math.max(0, count) }, (_, i) => i);

const windowAxes: fc.Arbitrary<WindowAxis> = fc.record({
  kernel: fc.integer({ min: 1, max: 5 }),
  stride: fc.integer({ min: 1, max: 4 }),
  dilation: fc.integer({ min: 1, max: 3 }),
  padBegin: fc.integer({ min: 0, max: 6 }),
  padEnd: fc.integer({ min: 0, max: 6 }),
});
const inputs = fc.integer({ min: 1, max: 20 });

/** Padded positions of the taps of the window that starts at `start`. */
const taps = ({ kernel, dilation }: WindowAxis, start: number): number[] =>
  range(kernel).map((tap) => start + tap * dilation);

describe('output extent', () => {
  test('counts the windows that fit the padded input', () => {
    fc.assert(
      fc.property(inputs, windowAxes, (input, axis) => {
        const padded = input + axis.padBegin + axis.padEnd;
        const fitting = range(padded).filter(
          (start) => start % axis.stride === 0 && taps(axis, start).every((tap) => tap < padded),
        );
        expect(Math.max(0, outputExtent(input, axis))).toBe(fitting.length);
      }),
    );
  });

  test('in ceil mode goes on until the padded input is covered, from inside the input or its front padding', () => {
    fc.assert(
      fc.property(inputs, windowAxes, (input, axis) => {
        fc.pre(axis.padEnd < windowExtent(axis.kernel, axis.dilation));
        const padded = input + axis.padBegin + axis.padEnd;
        const starts = range(input + axis.padBegin).filter((start) => start % axis.stride === 0);
        const needed = starts.filter((start) => Math.max(...taps(axis, start - axis.stride)) < padded - 1);
        expect(Math.max(0, outputExtent(input, axis, true))).toBe(needed.length);
      }),
    );
  });

  test("drops a last window that starts on padding, as ONNX's averagepool_2d_ceil_last_window_starts_on_pad", () => {
    const axis = { kernel: 3, stride: 3, dilation: 1, padBegin: 1, padEnd: 1 };
    expect(outputExtent(2, axis, true)).toBe(1);
    expect(outputExtent(3, axis, true)).toBe(2);
  });

  test('a window larger than the padded input does not fit', () => {
    const window = { ...windowSteps(2, { padsEnd: [0, 1] }), kernel: [3, 3] };
    expect(outputDims([3, 2], window)).toEqual([1, 1]);
    expect(() => outputDims([3, 1], window)).toThrow(ShapeError);
    expect(() => outputDims([3, 1], window)).toThrow(/axis 1: a window of 3 does not fit an input of 1 \(2/);
    // In ceil mode one stride of it may stand out.
    expect(outputDims([3, 1], { ...window, strides: [1, 2] }, true)).toEqual([1, 1]);
  });
});

describe('auto_pad SAME', () => {
  const sides = fc.constantFrom('begin' as const, 'end' as const);
  const extents = fc.integer({ min: 1, max: 9 });
  const strides = fc.integer({ min: 1, max: 5 });

  test('gives ceil(input / stride) outputs with the least padding, halved', () => {
    fc.assert(
      fc.property(inputs, extents, strides, sides, (input, extent, stride, larger) => {
        const { begin, end } = samePadding(input, extent, stride, larger);
        const outputs = (padding: number): number =>
          outputExtent(input, { kernel: extent, stride, dilation: 1, padBegin: padding, padEnd: 0 });
        expect(outputs(begin + end)).toBe(Math.ceil(input / stride));
        expect(begin + end === 0 || outputs(begin + end - 1) < Math.ceil(input / stride)).toBe(true);
        expect(larger === 'end' ? end - begin : begin - end).toBe((begin + end) % 2);
      }),
    );
  });
});

describe('transposed windows', () => {
  test('are the inverse of windows, up to what a stride skips', () => {
    fc.assert(
      fc.property(inputs, windowAxes, fc.nat(3), (input, axis, outputPadding) => {
        fc.pre(outputPadding < axis.stride);
        expect(outputExtent(transposedExtent(input, axis, outputPadding), axis)).toBe(input);
      }),
    );
  });

  test('the padding for a wanted output gives that output', () => {
    const sides = fc.constantFrom('begin' as const, 'end' as const);
    fc.assert(
      fc.property(
        inputs,
        windowAxes,
        fc.nat(3),
        fc.integer({ min: 1, max: 99 }),
        sides,
        (input, axis, extra, ...rest) => {
          const [target, larger] = rest;
          const { padBegin, padEnd, outputPadding } = transposedPadding(input, axis, extra, target, larger);
          expect(transposedExtent(input, { ...axis, padBegin, padEnd }, outputPadding)).toBe(target);
          expect(Math.min(padBegin, padEnd)).toBeGreaterThanOrEqual(0);
          expect(larger === 'end' ? padEnd - padBegin : padBegin - padEnd).toBe((padBegin + padEnd) % 2);
          expect(outputPadding === extra || padBegin + padEnd === 0).toBe(true);
        },
      ),
    );
  });

  test('padding that cuts all output away is refused', () => {
    const window = { ...windowSteps(1, { padsBegin: [2], padsEnd: [1] }), kernel: [2] };
    expect(transposedDims([3], window, [0])).toEqual([1]);
    expect(() => transposedDims([2], window, [0])).toThrow(ShapeError);
  });
});

describe('taps', () => {
  test('inside the input, and inside input and padding', () => {
    fc.assert(
      fc.property(inputs, windowAxes, fc.nat(20), (input, axis, output) => {
        const positions = taps(axis, output * axis.stride - axis.padBegin);
        const inside = range(axis.kernel).filter((tap) => positions[tap] >= 0 && positions[tap] < input);
        const { start, from, to } = tapRange(input, axis, output);
        expect(start).toBe(positions[0]);
        expect(range(to - from).map((tap) => from + tap)).toEqual(inside);
        const counted = positions.filter((at) => at >= -axis.padBegin && at < input + axis.padEnd);
        expect(paddedTapCount(input, axis, output)).toBe(counted.length);
      }),
    );
  });

  test('over two axes, in row-major order', () => {
    const window = { ...windowSteps(2, { dilations: [1, 2], padsBegin: [1, 0] }), kernel: [2, 2] };
    // Input 2x3 with one row of padding above; outputs 2x1.
    const placed = [...placedWindows([2, 3], window, [2, 1])].map(({ output, input, kernel }) => [
      output,
      input,
      kernel,
    ]);
    expect(placed).toEqual([
      [0, [0, 2], [2, 3]],
      [1, [0, 2, 3, 5], [0, 1, 2, 3]],
    ]);
  });
});

describe('steps', () => {
  test('default to stride and dilation 1 without padding', () => {
    expect(windowSteps(2, {})).toEqual({
      strides: [1, 1],
      dilations: [1, 1],
      padsBegin: [0, 0],
      padsEnd: [0, 0],
    });
  });

  test.each([
    ['no axis', 0, {}],
    ['a list of another length', 2, { strides: [1] }],
    ['stride 0', 1, { strides: [0] }],
    ['dilation 0', 1, { dilations: [0] }],
    ['a negative pad', 2, { padsBegin: [0, -1] }],
    ['a fraction', 1, { padsEnd: [0.5] }],
    ['2^53', 1, { padsEnd: [2 ** 53] }],
    ['NaN', 1, { strides: [NaN] }],
  ])('refuse %s', (_, rank, options) => {
    expect(() => windowSteps(rank, options)).toThrow(ShapeError);
  });
});
