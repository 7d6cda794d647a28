import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ShapeError, UnsupportedError } from '../../src/errors.js';
import { Pad } from '../../src/ops/pad.js';
import { Tensor } from '../../src/tensor/index.js';
import { runNode1 } from '../support/run-node.js';
import { ints, ramp } from './ramps.js';

/** Pads a list by adding one element at a time. */
function padList(list: readonly number[], mode: string, begin: number, end: number): number[] {
  const kept = list.slice(Math.max(0, -begin), list.length - Math.max(0, -end));
  // The border's elements in the order in which they are met, walking away from the list's end.
  const outwards = (from: readonly number[], count: number): number[] => {
    const met: number[] = [];
    let place = from.length - 1;
    let direction = from.length > 1 ? -1 : 0;
    for (let i = 0; i < count; i++) {
      if (mode === 'wrap') met.push(from[i % from.length]);
      else if (mode === 'edge') met.push(from[from.length - 1]);
      else if (mode === 'constant') met.push(-1);
      else {
        place += direction;
        met.push(from[place]);
        if (place === 0 || place === from.length - 1) direction = -direction;
      }
    }
    return met;
  };
  const after = outwards(kept, Math.max(0, end));
  const before = outwards(kept.slice().reverse(), Math.max(0, begin)).slice().reverse();
  return [...before, ...kept, ...after];
}

describe('Pad', () => {
  test('each mode against adding elements one by one', async () => {
    const modes = fc.constantFrom('constant', 'edge', 'reflect', 'wrap');
    const pads = fc.integer({ min: -2, max: 9 });
    await fc.assert(
      fc.asyncProperty(
        modes,
        fc.integer({ min: 5, max: 7 }),
        pads,
        pads,
        async (mode, length, begin, end) => {
          const list = Array.from({ length }, (_, i) => i);
          const inputs = [Tensor.from('i32', [length], list), ints(begin, end), Tensor.scalar('i32', -1)];
          const y = await runNode1('Pad', inputs, { attributes: { mode }, opset: 19 });
          expect(y.toNumbers()).toEqual(padList(list, mode, begin, end));
        },
      ),
      { numRuns: 200 },
    );
  });

  test('several axes at once are padded like one after the other', async () => {
    const pads = fc.array(fc.integer({ min: -1, max: 3 }), { minLength: 4, maxLength: 4 });
    const modes = fc.constantFrom('constant', 'edge', 'reflect', 'wrap');
    await fc.assert(
      fc.asyncProperty(modes, pads, async (mode, [top, left, bottom, right]) => {
        const attributes = { mode };
        const both = await runNode1('Pad', [ramp(3, 4), ints(top, left, bottom, right)], { attributes });
        const rows = await runNode1('Pad', [ramp(3, 4), ints(top, 0, bottom, 0)], { attributes });
        const then = await runNode1('Pad', [rows, ints(left, right), undefined, ints(-1)], { attributes });
        expect(both).toEqual(then);
      }),
      { numRuns: 50 },
    );
  });

  test('attributes before operator set 11', async () => {
    const attributes = { pads: [1, 0, 0, 1], value: { float: 5 } };
    const y = await runNode1('Pad', [ramp(1, 2)], { opset: 7, attributes });
    expect(y.dims).toEqual([2, 3]);
    expect(y.toNumbers()).toEqual([5, 5, 5, 0, 1, 5]);
  });

  test('a lone element reflects as itself', async () => {
    const y = await runNode1('Pad', [ramp(1), ints(2, 1)], { attributes: { mode: 'reflect' } });
    expect(y.toNumbers()).toEqual([0, 0, 0, 0]);
  });

  test.each([
    ['pads for too few axes', [ints(1, 1)], {}],
    ['pads that do not match the axes', [ints(1, 1), undefined, ints(0, 1)], {}],
    ['an axis named twice', [ints(1, 1, 1, 1), undefined, ints(0, 0)], {}],
    ['an axis out of range', [ints(1, 1), undefined, ints(2)], {}],
    ['negative pads that remove more than there is', [ints(-3, 0, 1, 0)], {}],
    ['a value of another type', [ints(1, 1, 1, 1), Tensor.scalar('i32', 1)], {}],
    ['a value that is a list', [ints(1, 1, 1, 1), ramp(2)], {}],
    ['endless pads', [ints(0, 0, 0, 2n ** 63n - 1n)], {}],
    ['no pads', [], {}],
    ['reflection of what was cut to nothing', [ints(-2, 0, 1, 0)], { mode: 'reflect' }],
  ])('refuses %s', async (_, inputs, attributes) => {
    await expect(runNode1('Pad', [ramp(2, 2), ...inputs], { attributes })).rejects.toThrow(ShapeError);
  });

  test('wrap is refused before operator set 19', async () => {
    const old = runNode1('Pad', [ramp(2), ints(1, 1)], { opset: 18, attributes: { mode: 'wrap' } });
    await expect(old).rejects.toThrow(UnsupportedError);
  });

  test('a huge empty result needs no memory', () => {
    const x = new Tensor('f32', [0, 1]);
    expect(new Pad('constant', [0, 0], [0, 2 ** 40]).reference([x])[0].dims).toEqual([0, 2 ** 40 + 1]);
  });
});

describe('CenterCropPad', () => {
  test.each([
    [[5], [2], [1, 2]],
    [[5], [4], [0, 1, 2, 3]],
    [[2], [5], [0, 0, 1, 0, 0]],
    [[3], [3], [0, 1, 2]],
    [
      [2, 3],
      [3, 1],
      [1, 4, 0],
    ],
  ])('%j to %j', async (dims, shape, expected) => {
    const y = await runNode1('CenterCropPad', [ramp(...dims), ints(...shape)]);
    expect(y.dims).toEqual(shape);
    expect(y.toNumbers()).toEqual(expected);
  });

  test('only the axes that are named', async () => {
    const y = await runNode1('CenterCropPad', [ramp(2, 3), ints(1)], { attributes: { axes: [-1] } });
    expect(y.toNumbers()).toEqual([1, 4]);
    const bad = runNode1('CenterCropPad', [ramp(2, 3), ints(1)], { attributes: { axes: [0, 1] } });
    await expect(bad).rejects.toThrow(ShapeError);
    await expect(runNode1('CenterCropPad', [ramp(2), ints(-1)])).rejects.toThrow(ShapeError);
  });
});

/** Reshape, transpose, reshape: the formulas of ONNX's specification. */
async function byTransposing(x: Tensor, middle: number[], perm: number[], last: number[]): Promise<Tensor> {
  const split = await runNode1('Transpose', [x.reshape(middle)], { attributes: { perm } });
  return split.reshape(last);
}

describe('DepthToSpace and SpaceToDepth', () => {
  test.each(['DCR', 'CRD'])('mode %s is a transpose, and each undoes the other', async (mode) => {
    const sizes = fc.tuple(fc.nat(2), fc.nat(3), fc.nat(3), fc.nat(3), fc.integer({ min: 1, max: 3 }));
    await fc.assert(
      fc.asyncProperty(sizes, async ([n, c, h, w, b]) => {
        const deep = ramp(n, c * b * b, h, w);
        const attributes = { blocksize: b, mode };
        const wide = await runNode1('DepthToSpace', [deep], { attributes });
        const expected =
          mode === 'DCR'
            ? await byTransposing(deep, [n, b, b, c, h, w], [0, 3, 4, 1, 5, 2], [n, c, h * b, w * b])
            : await byTransposing(deep, [n, c, b, b, h, w], [0, 1, 4, 2, 5, 3], [n, c, h * b, w * b]);
        expect(wide).toEqual(expected);
        expect(await runNode1('SpaceToDepth', [wide], { attributes, opset: 28 })).toEqual(deep);
      }),
      { numRuns: 40 },
    );
  });

  test('DCR is the default', async () => {
    const x = ramp(1, 8, 1, 1);
    const y = await runNode1('DepthToSpace', [x], { attributes: { blocksize: 2 }, opset: 9 });
    expect(y.toNumbers()).toEqual([0, 2, 4, 6, 1, 3, 5, 7]);
    const back = await runNode1('SpaceToDepth', [y], { attributes: { blocksize: 2 }, opset: 9 });
    expect(back).toEqual(x);
  });

  test.each([
    ['DepthToSpace', [1, 6, 2, 2], { blocksize: 2 }],
    ['DepthToSpace', [1, 4, 2], { blocksize: 2 }],
    ['DepthToSpace', [1, 4, 2, 2], { blocksize: 0 }],
    ['DepthToSpace', [1, 4, 2, 2], { blocksize: -2 }],
    ['DepthToSpace', [1, 4, 2, 2], {}],
    ['SpaceToDepth', [1, 1, 3, 2], { blocksize: 2 }],
    ['SpaceToDepth', [1, 1, 2, 2], { blocksize: 2n ** 62n }],
    ['SpaceToDepth', [1, 1, 2, 2], {}],
  ])('%s of %j is refused with %o', async (op, dims, attributes) => {
    await expect(runNode1(op, [ramp(...dims)], { attributes })).rejects.toThrow(ShapeError);
  });

  test('a mode that ONNX does not have is refused', async () => {
    const attributes = { blocksize: 2, mode: 'DRC' };
    await expect(runNode1('DepthToSpace', [ramp(1, 4, 1, 1)], { attributes })).rejects.toThrow(
      UnsupportedError,
    );
  });
});
