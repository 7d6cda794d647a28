import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ShapeError, UnsupportedError } from '../../src/errors.js';
import { GridSample } from '../../src/ops/grid-sample.js';
import { Tensor, type DType } from '../../src/tensor/index.js';
import type { AttributeInput } from '../support/onnx-builder.js';
import { runNode1 } from '../support/run-node.js';
import { ramp } from './ramps.js';

type Attributes = Readonly<Record<string, AttributeInput>>;

/** Samples one row of doubles (an image of height 1) at normalised places. */
async function sampleRow(
  row: readonly number[],
  places: readonly number[],
  attributes: Attributes,
): Promise<number[]> {
  const x = Tensor.from('f64', [1, 1, 1, row.length], row);
  const grid = Tensor.from(
    'f64',
    [1, 1, places.length, 2],
    places.flatMap((place) => [place, 0]),
  );
  const y = await runNode1('GridSample', [x, grid], { attributes });
  expect(y.dims).toEqual([1, 1, 1, places.length]);
  return y.toNumbers();
}

/** The normalised place of a coordinate. */
function normalised(coordinate: number, extent: number, alignCorners: boolean): number {
  return alignCorners ? (2 * coordinate) / (extent - 1) - 1 : (2 * coordinate + 1) / extent - 1;
}

function triangle(distance: number): number {
  return Math.max(0, 1 - Math.abs(distance));
}

const MODES = ['linear', 'nearest', 'cubic'];
const PADDINGS = ['zeros', 'border', 'reflection'];

describe('GridSample', () => {
  test.each(MODES.flatMap((mode) => PADDINGS.map((padding) => [mode, padding])))(
    '%s with %s gives the input at its own places',
    async (mode, padding_mode) => {
      for (const align_corners of [0, 1]) {
        const x = ramp(2, 2, 3, 4);
        const places = [0, 1, 2].flatMap((i) =>
          [0, 1, 2, 3].flatMap((j) => [
            normalised(j, 4, align_corners === 1),
            normalised(i, 3, align_corners === 1),
          ]),
        );
        const grid = Tensor.from('f64', [2, 3, 4, 2], [...places, ...places]);
        const y = await runNode1('GridSample', [x, grid], {
          attributes: { mode, padding_mode, align_corners },
        });
        expect(y.dims).toEqual(x.dims);
        y.toNumbers().forEach((value, i) => expect(value).toBeCloseTo(i, 4));
      }
    },
  );

  test('linear with zeros is a sum of triangles over all pixels', async () => {
    const place = fc.double({ min: -2, max: 2, noNaN: true });
    await fc.assert(
      fc.asyncProperty(place, place, fc.nat(1), async (u, v, align_corners) => {
        const [height, width] = [3, 4];
        const coordinate = (n: number, extent: number): number =>
          align_corners ? ((n + 1) / 2) * (extent - 1) : ((n + 1) * extent - 1) / 2;
        let expected = 0;
        for (let i = 0; i < height; i++) {
          for (let j = 0; j < width; j++) {
            const weight = triangle(coordinate(v, height) - i) * triangle(coordinate(u, width) - j);
            expected += weight * (i * width + j);
          }
        }
        const grid = Tensor.from('f64', [1, 1, 1, 2], [u, v]);
        const y = await runNode1('GridSample', [ramp(1, 1, height, width), grid], {
          attributes: { align_corners },
        });
        expect(y.toNumbers()[0]).toBeCloseTo(expected, 4);
      }),
    );
  });

  // Coordinates of a row 10, 20, 30, 40, given as they are meant and normalised here.
  test.each([
    ['linear', 'zeros', 0, [-0.5, -2, 3.25, 9], [5, 0, 30, 0]],
    ['linear', 'border', 0, [-0.25, -2, 3.25, 9], [10, 10, 40, 40]],
    ['linear', 'reflection', 0, [-1, -1.5, -2, 4, 4.5, 8], [10, 15, 20, 40, 35, 10]],
    ['linear', 'reflection', 1, [-1, -1.5, 3.5, 6, 7], [20, 25, 35, 10, 20]],
    // Ties go to the even neighbour.
    ['nearest', 'zeros', 0, [0.5, 1.5, 2.5, -0.75, 3.75], [10, 30, 30, 0, 0]],
    ['nearest', 'border', 1, [0.5, 1.5, 2.5, -0.75, 9], [10, 30, 30, 10, 40]],
    ['nearest', 'reflection', 1, [-1, -2, 4, 5], [20, 30, 30, 20]],
    // Half-way weights are -3, 19, 19, -3 thirty-seconds.
    ['cubic', 'zeros', 0, [1.5, 0.5, -0.5, -4], [25, (190 + 380 - 90) / 32, (190 - 60) / 32, 0]],
    ['cubic', 'border', 0, [0.5, -0.5, -5], [(190 + 380 - 90 - 30) / 32, (190 + 190 - 30 - 60) / 32, 10]],
    ['cubic', 'reflection', 1, [0.5], [(190 + 380 - 90 - 60) / 32]],
    ['cubic', 'reflection', 0, [0.5], [(190 + 380 - 90 - 30) / 32]],
  ])('%s, %s, align_corners %i at %j', async (mode, padding_mode, align_corners, coordinates, expected) => {
    const places = coordinates.map((coordinate) => normalised(coordinate, 4, align_corners === 1));
    const attributes = { mode, padding_mode, align_corners };
    const y = await sampleRow([10, 20, 30, 40], places, attributes);
    y.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 9));
  });

  test.each(MODES)('%s at places that are not finite', async (mode) => {
    const places = [NaN, Infinity, -Infinity, 1e300];
    const row = [7, 8, 9];
    const sample = (padding_mode: string): Promise<number[]> =>
      sampleRow(row, places, { mode, padding_mode, align_corners: 1 });
    // NaN counts as -1, as in PyTorch.
    expect(await sample('zeros')).toEqual([7, 0, 0, 0]);
    expect(await sample('border')).toEqual([7, 9, 7, 9]);
    for (const value of await sample('reflection')) expect(row).toContain(value);
  });

  test('a lone element reflects as itself', async () => {
    const attributes = { padding_mode: 'reflection', align_corners: 1 };
    expect(await sampleRow([5], [-3, 0, 2], attributes)).toEqual([5, 5, 5]);
  });

  test('volumes: the centre of a cube is its mean', async () => {
    const grid = new Tensor('f32', [1, 1, 1, 1, 3]);
    const y = await runNode1('GridSample', [ramp(1, 2, 2, 2, 2), grid], { opset: 22 });
    expect(y.dims).toEqual([1, 2, 1, 1, 1]);
    expect(y.toNumbers()).toEqual([3.5, 11.5]);
  });

  test('the last axis of the grid is x, y, z: innermost first', async () => {
    const grid = Tensor.from('f32', [1, 1, 1, 1, 3], [1, -1, -1]);
    const attributes = { mode: 'nearest', align_corners: 1 };
    expect((await runNode1('GridSample', [ramp(1, 1, 2, 2, 2), grid], { attributes })).toNumbers()).toEqual([
      1,
    ]);
  });

  test.each([
    ['bilinear', 'linear'],
    ['bicubic', 'cubic'],
  ])('%s is the old name of %s', async (mode, name) => {
    const places = [-0.9, 0.1, 0.7];
    const [old, now] = [
      await sampleRow([1, 5, 2], places, { mode }),
      await sampleRow([1, 5, 2], places, { mode: name }),
    ];
    expect(old).toEqual(now);
    expect(old).not.toEqual(await sampleRow([1, 5, 2], places, { mode: 'nearest' }));
  });

  test('linear is the default', async () => {
    expect(await sampleRow([1, 3], [0], {})).toEqual([2]);
  });

  test.each(['f16', 'bf16', 'f32'] as DType[])('the result has the type of X: %s', async (dtype) => {
    const grid = Tensor.from('f32', [1, 1, 1, 2], [0.3, -0.2]);
    const x = Tensor.from(dtype, [1, 1, 2, 2], [0.1, 0.7, 5, 3]);
    const exact = await runNode1('GridSample', [Tensor.from('f64', x.dims, x.toFloat64()), grid]);
    const y = await runNode1('GridSample', [x, grid]);
    expect(y.data).toEqual(Tensor.from(dtype, [1, 1, 1, 1], exact.toNumbers()).data);
  });

  test('counts a multiply-add per tap', () => {
    const types = [
      { dtype: 'f32', dims: [1, 2, 4, 4] },
      { dtype: 'f32', dims: [1, 3, 1, 2] },
    ] as const;
    const flops = (mode: 'linear' | 'nearest' | 'cubic'): number => {
      const op = new GridSample({ mode, padding: 'zeros', alignCorners: false });
      return op.flops(types, op.infer(types));
    };
    expect([flops('nearest'), flops('linear'), flops('cubic')]).toEqual([0, 48, 192]);
  });

  test.each([
    ['a grid of too few coordinates', [1, 1, 2, 2], [1, 1, 1, 1], ShapeError],
    ['a grid of another rank', [1, 1, 2, 2], [1, 1, 2], ShapeError],
    ['a grid of another batch size', [2, 1, 2, 2], [1, 1, 1, 2], ShapeError],
    ['an input without space', [1, 1], [1, 0], ShapeError],
    ['an empty input', [1, 1, 0, 2], [1, 1, 1, 2], ShapeError],
    ['more than three dimensions', [1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 4], UnsupportedError],
  ])('refuses %s', async (_, dims, gridDims, error) => {
    const run = runNode1('GridSample', [ramp(...dims), new Tensor('f32', gridDims)]);
    await expect(run).rejects.toThrow(error);
  });

  test('refuses integers and unknown words', async () => {
    const grid = new Tensor('f32', [1, 1, 1, 2]);
    await expect(runNode1('GridSample', [new Tensor('i32', [1, 1, 2, 2]), grid])).rejects.toThrow(ShapeError);
    for (const attributes of [{ mode: 'area' }, { padding_mode: 'wrap' }]) {
      await expect(runNode1('GridSample', [ramp(1, 1, 2, 2), grid], { attributes })).rejects.toThrow(
        UnsupportedError,
      );
    }
  });

  test('nothing comes of no places', async () => {
    const y = await runNode1('GridSample', [ramp(1, 1, 2, 2), new Tensor('f32', [1, 0, 3, 2])]);
    expect(y.dims).toEqual([1, 1, 0, 3]);
  });
});
