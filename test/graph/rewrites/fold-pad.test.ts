/* oxlint-disable vitest/expect-expect -- the assertions are in expectSameResults */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Graph } from '../../../src/graph/index.js';
import { foldPad } from '../../../src/graph/rewrites/fold-pad.js';
import { AveragePool } from '../../../src/ops/average-pool.js';
import { Conv } from '../../../src/ops/conv.js';
import { ConvTranspose } from '../../../src/ops/conv-transpose.js';
import { LpPool } from '../../../src/ops/lp-pool.js';
import { MaxPool } from '../../../src/ops/max-pool.js';
import type { Op } from '../../../src/ops/op.js';
import { Pad } from '../../../src/ops/pad.js';
import { Unary } from '../../../src/ops/unary.js';
import { abs } from '../../../src/ops/unary-functions.js';
import type { DType } from '../../../src/tensor/index.js';
import {
  evaluate,
  expectSameResults,
  opTypes,
  randomNumbers,
  randomTensor,
  type Build,
} from '../evaluate.js';

/** Rounding alone may differ where sums are taken in the same order of the same numbers. */
const EXACT = { relative: 1e-7, absolute: 0 };

/** x, a Pad, then an op that takes the padded x and, for convolutions, weights. */
function padded(pad: Pad, op: Op, dtype: DType = 'f32'): Build {
  return (graph, random) => {
    const x = graph.input('x', { dtype, dims: [2, 3, 7, 6] });
    const [p] = graph.add(pad, [x]);
    const takesWeights = op instanceof Conv || op instanceof ConvTranspose;
    const weights = takesWeights ? [graph.constant('w', randomTensor(random, dtype, [3, 3, 3, 2]))] : [];
    graph.output('y', graph.add(op, [p, ...weights])[0]);
  };
}

const pad = (value: number, mode: Pad['mode'] = 'constant'): Pad =>
  new Pad(mode, [0, 0, 1, 0], [0, 0, 2, 1], value);

const kernel = [3, 2];

test.each<[string, Pad, Op]>([
  ['Conv', pad(0), new Conv({ strides: [2, 1], dilations: [1, 2], padsBegin: [0, 1], padsEnd: [1, 0] })],
  ['LpPool', pad(0), new LpPool({ kernel, strides: [2, 1], padsBegin: [1, 0], p: 3 })],
  ['MaxPool', pad(-Infinity), new MaxPool({ kernel, strides: [2, 1], padsEnd: [1, 0] })],
  ['AveragePool', pad(0), new AveragePool({ kernel, strides: [1, 2] })],
  ['AveragePool', pad(0), new AveragePool({ kernel, countIncludePad: true, padsBegin: [1, 1] })],
])('%s takes the padding over', (type, pad, op) => {
  expectSameResults(padded(pad, op), foldPad, { count: 1, ops: [type], tolerance: EXACT });
});

test.each<[string, Pad, Op]>([
  ['a border that is not zero before Conv', pad(1), new Conv({ strides: [1, 1] })],
  ['a reflected border', pad(0, 'reflect'), new Conv({ strides: [1, 1] })],
  ['a repeated edge', pad(0, 'edge'), new AveragePool({ kernel })],
  ['padded channels', new Pad('constant', [0, 0, 0, 0], [0, 2, 0, 0], 0), new AveragePool({ kernel })],
  ['a padded batch', new Pad('constant', [1, 0, 0, 0], [0, 0, 0, 0], 0), new AveragePool({ kernel })],
  ['a cropped end', new Pad('constant', [0, 0, 2, 0], [0, 0, -1, 0], 0), new AveragePool({ kernel })],
  ['a border of zeros before MaxPool, where all may be negative', pad(0), new MaxPool({ kernel })],
  ['a large negative border that is finite', pad(-3e38), new MaxPool({ kernel })],
  ['MaxPool with indices', pad(-Infinity), new MaxPool({ kernel, indices: 'row-major' })],
  [
    'AveragePool with padding of its own that does not count',
    pad(0),
    new AveragePool({ kernel, padsEnd: [1, 1] }),
  ],
  ['AveragePool of a border that is not zero', pad(1), new AveragePool({ kernel })],
  ['ConvTranspose', pad(0), new ConvTranspose({ strides: [1, 1] })],
])('%s stays', (_, pad, op) => {
  expectSameResults(padded(pad, op), foldPad, { count: 0, ops: ['Pad', op.type], tolerance: EXACT });
});

test('the lowest value of an integer type is the border that MaxPool leaves out', () => {
  const op = new MaxPool({ kernel });
  expectSameResults(padded(pad(-128), op, 'i8'), foldPad, { count: 1, ops: ['MaxPool'], tolerance: EXACT });
  expectSameResults(padded(pad(0), op, 'u8'), foldPad, { count: 1, ops: ['MaxPool'], tolerance: EXACT });
  expectSameResults(padded(pad(0), op, 'i8'), foldPad, { count: 0, tolerance: EXACT });
});

const shared =
  (reader: (graph: Graph, value: ReturnType<Graph['input']>) => void): Build =>
  (graph) => {
    const x = graph.input('x', { dtype: 'f32', dims: [1, 2, 5, 5] });
    const [p] = graph.add(pad(0), [x]);
    graph.output('y', graph.add(new AveragePool({ kernel }), [p])[0]);
    reader(graph, p);
  };

test('a padded tensor that others read, or that is an output, stays', () => {
  const output = shared((graph, p) => graph.output('padded', p));
  const reader = shared((graph, p) => graph.output('z', graph.add(new Unary(abs), [p])[0]));
  expectSameResults(output, foldPad, { count: 0, ops: ['Pad', 'AveragePool'] });
  expectSameResults(reader, foldPad, { count: 0, ops: ['Pad', 'AveragePool', 'Abs'] });
});

test('padded weights are not padded input', () => {
  expectSameResults(
    (graph) => {
      const x = graph.input('x', { dtype: 'f32', dims: [1, 1, 5, 5] });
      const w = graph.input('w', { dtype: 'f32', dims: [1, 1, 1, 1] });
      const [p] = graph.add(new Pad('constant', [0, 0, 1, 1], [0, 0, 1, 1], 0), [w]);
      graph.output('y', graph.add(new Conv({ strides: [1, 1] }), [x, p])[0]);
    },
    foldPad,
    { count: 0, ops: ['Pad', 'Conv'] },
  );
});

test('NaN and infinities inside come out the same', () => {
  const build = padded(pad(-Infinity), new MaxPool({ kernel }));
  const [plain, folded] = [new Graph(), new Graph()];
  for (const graph of [plain, folded]) build(graph, randomNumbers(1));
  expect(foldPad.apply(folded)).toBe(1);
  const x = randomTensor(randomNumbers(2), 'f32', [2, 3, 7, 6]);
  x.data.set([NaN, -Infinity, Infinity] as never);
  const inputs = new Map([['x', x]]);
  expect(evaluate(folded, inputs)).toEqual(evaluate(plain, inputs));
});

const smallAxis = fc.record({
  extent: fc.integer({ min: 1, max: 7 }),
  kernel: fc.integer({ min: 1, max: 4 }),
  stride: fc.integer({ min: 1, max: 3 }),
  dilation: fc.integer({ min: 1, max: 2 }),
  own: fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 })),
  pad: fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 })),
});

test('any padding before any pooling, ceil mode included, gives the same before and after', () => {
  let folded = 0;
  fc.assert(
    fc.property(
      fc.array(smallAxis, { minLength: 1, maxLength: 2 }),
      fc.boolean(),
      fc.boolean(),
      fc.constantFrom('max', 'average', 'lp', 'conv'),
      (axes, ceilMode, countIncludePad, kind) => {
        const begins = axes.map((axis) => axis.pad[0]);
        const ends = axes.map((axis) => axis.pad[1]);
        const options = {
          kernel: axes.map((axis) => axis.kernel),
          strides: axes.map((axis) => axis.stride),
          dilations: axes.map((axis) => axis.dilation),
          padsBegin: axes.map((axis) => axis.own[0]),
          padsEnd: axes.map((axis) => axis.own[1]),
        };
        const op = {
          max: () => new MaxPool({ ...options, ceilMode }),
          average: () => new AveragePool({ ...options, ceilMode, countIncludePad }),
          lp: () => new LpPool({ ...options, ceilMode }),
          conv: () => new Conv(options),
        }[kind]();
        const border = new Pad(
          'constant',
          [0, 0, ...begins],
          [0, 0, ...ends],
          kind === 'max' ? -Infinity : 0,
        );
        const [plain, rewritten] = [new Graph(), new Graph()];
        for (const graph of [plain, rewritten]) {
          const x = graph.input('x', { dtype: 'f32', dims: [1, 2, ...axes.map((axis) => axis.extent)] });
          const weights =
            kind === 'conv'
              ? [graph.constant('w', randomTensor(randomNumbers(5), 'f32', [3, 2, ...options.kernel]))]
              : [];
          const [p] = graph.add(border, [x]);
          try {
            graph.output('y', graph.add(op, [p, ...weights])[0]);
          } catch {
            return; // the window does not even fit the padded input
          }
        }
        folded += foldPad.apply(rewritten);
        const x = randomTensor(randomNumbers(6), 'f32', plain.inputs[0].type.dims);
        expect(evaluate(rewritten, new Map([['x', x]]))).toEqual(evaluate(plain, new Map([['x', x]])));
      },
    ),
    { seed: 20_261_123, numRuns: 400 },
  );
  expect(folded).toBeGreaterThan(100);
});

test('in ceil mode a Pad stays where its border decides about the last window', () => {
  // 4 + 3 positions, windows of 2 at every 3rd: the last starts at 6, in the border. As padding it would be dropped.
  const graph = new Graph();
  const x = graph.input('x', { dtype: 'f32', dims: [1, 1, 4] });
  const [p] = graph.add(new Pad('constant', [0, 0, 0], [0, 0, 3], 0), [x]);
  const pool = new AveragePool({ kernel: [2], strides: [3], ceilMode: true });
  graph.output('y', graph.add(pool, [p])[0]);
  expect(foldPad.apply(graph)).toBe(0);
  expect(opTypes(graph)).toEqual(['Pad', 'AveragePool']);
});
