import { describe, expect, it } from 'vitest';
import { isCandidate, type CandidateContext } from '../../src/candidates/candidate.js';
import { fusionsFor } from '../../src/candidates/index.js';
import { AveragePool } from '../../src/ops/average-pool.js';
import { Conv, type ConvOptions } from '../../src/ops/conv.js';
import { LpPool } from '../../src/ops/lp-pool.js';
import { MaxPool, type MaxPoolOptions } from '../../src/ops/max-pool.js';
import type { Op } from '../../src/ops/op.js';
import type { TensorType } from '../../src/tensor/index.js';
import { convPoolCases, thoroughConvPoolCases } from './cases/conv-pool.js';
import { contextOf } from './harness.js';
import { describeCases, useSoftwareDevice } from './run-cases.js';

// LANEWISE_THOROUGH=1 adds random shapes and more edges; the default set keeps a test run short.
const thorough = process.env['LANEWISE_THOROUGH'] ? thoroughConvPoolCases : [];

describeCases('convolutions with the pooling behind them', [...convPoolCases, ...thorough]);

const f32 = (...dims: number[]): TensorType => ({ dtype: 'f32', dims });

/** The fusions of a convolution of `x` and a pooling. */
function fusions(
  conv: Conv,
  pool: Op,
  context: CandidateContext,
  inputs: readonly TensorType[],
): ReturnType<typeof fusionsFor> {
  const [middle] = conv.infer(inputs);
  return fusionsFor(conv, pool, { inputs, middle, others: [], outputs: pool.infer([middle]) }, context);
}

describe('candidates of a convolution and the pooling behind it', () => {
  const device = useSoftwareDevice();
  const context = (): CandidateContext => contextOf(device(), 'f32');
  const x = f32(2, 16, 8, 8);
  const w = f32(64, 16, 3, 3);
  const conv = new Conv({ strides: [1, 1] });
  const halving = { kernel: [2, 2], strides: [2, 2] };

  it('read what the convolution reads and write what the pooling writes, in each layout', () => {
    const found = fusions(conv, new MaxPool(halving), context(), [x, w, f32(64)]).filter(isCandidate);
    expect(new Set(found.map(({ outputs }) => outputs[0].name))).toEqual(
      new Set(['NHWC', 'NCHW', 'CHWN', 'NCHW4c']),
    );
    for (const { id, inputs, outputs } of found) {
      const [layout] = outputs;
      expect(inputs.map((input) => input?.name)).toEqual([layout.name, 'HWIO', 'row']);
      expect(id).toMatch(
        new RegExp(
          `^conv_${layout.name.toLowerCase()}_implicit_maxpool2x2_t\\d+x\\d+x\\d+r\\d+(x\\d+)?(_split\\d+)?_f32$`,
        ),
      );
    }
  });

  it('count the operations of both and only the bytes that still move', () => {
    const pool = new AveragePool(halving);
    const candidate = fusions(conv, pool, context(), [x, w]).find(isCandidate);
    if (!candidate) throw new Error('every candidate refuses');
    const [layout, weights] = candidate.inputs;
    if (!layout || !weights) throw new Error('it has two inputs');
    const [step] = candidate.build({
      inputs: [
        { dims: x.dims, layout, type: 'f32' },
        { dims: w.dims, layout: weights, type: 'f32' },
      ],
      outputs: [{ dims: [2, 64, 3, 3], layout, type: 'f32' }],
    });
    expect(step.source.flops).toBe(2 * (2 * 64 * 36) * (16 * 9) + 2 * 64 * 9 * 4);
    expect(step.source.bytes).toBe(4 * (2 * 16 * 64 + 64 * 16 * 9 + 2 * 64 * 9));
  });

  const pool = (options: Partial<MaxPoolOptions>): MaxPool => new MaxPool({ ...halving, ...options });
  it.each<[string, Partial<ConvOptions>, Op]>([
    ['windows overlap', {}, pool({ kernel: [3, 3] })],
    ['windows leave gaps', {}, pool({ strides: [2, 3] })],
    ['the pooling is padded', {}, pool({ padsEnd: [1, 0] })],
    ['the pooling is dilated', {}, pool({ dilations: [1, 2] })],
    ['the indices of the maxima are wanted', {}, pool({ indices: 'row-major' })],
    ['the convolution has groups', { group: 2 }, pool({})],
  ])('refuse where %s', (reason, options, consumer) => {
    const group = options.group ?? 1;
    const grouped = new Conv({ strides: [1, 1], ...options });
    const found = fusions(grouped, consumer, context(), [x, f32(64, 16 / group, 3, 3)]);
    expect(found).toEqual([
      { id: expect.stringMatching(/^conv_maxpool/), refused: expect.stringContaining(reason) },
    ]);
  });

  it('refuse a residual and other numbers of axes', () => {
    const added = fusions(conv, new MaxPool(halving), context(), [x, w, f32(64), f32(2, 64, 6, 6)]);
    expect(added).toMatchObject([{ refused: 'the convolution adds a residual' }]);
    const line = new Conv({ strides: [1] });
    const pooled = fusions(line, new MaxPool({ kernel: [2], strides: [2] }), context(), [
      f32(1, 3, 8),
      f32(4, 3, 3),
    ]);
    expect(pooled).toMatchObject([{ refused: 'the convolution has 1 spatial axes, not 2' }]);
  });

  const squares = (size: number): ReturnType<typeof fusionsFor> => {
    const sizes = [size, size];
    return fusions(conv, new MaxPool({ kernel: sizes, strides: sizes }), context(), [x, w]);
  };

  it('are those of the direct kernel for other windows, while their pixels fit into registers', () => {
    const ids = squares(3)
      .filter(isCandidate)
      .map(({ id }) => id);
    expect(ids).toHaveLength(4);
    for (const id of ids) expect(id).toMatch(/_direct_maxpool3x3_9x4_f32$/);
    expect(squares(3)).toContainEqual({
      id: 'conv_nhwc_implicit_maxpool3x3_f32',
      refused: 'the window has 9 pixels, not 4',
    });
    expect(squares(6).filter(isCandidate)).toEqual([]);
  });

  it('are none for other pairs', () => {
    const pool = new LpPool({ ...halving, p: 2 });
    expect(fusions(conv, pool, context(), [x, w])).toEqual([]);
    const middle = f32(2, 16, 4, 4);
    const types = { inputs: [x], middle, others: [], outputs: [f32(2, 16, 2, 2)] };
    expect(fusionsFor(new MaxPool(halving), new MaxPool(halving), types, context())).toEqual([]);
  });
});
