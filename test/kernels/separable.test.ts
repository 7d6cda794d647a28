import { describe, expect, it } from 'vitest';
import { isCandidate, type CandidateContext } from '../../src/candidates/candidate.js';
import { fusionsFor } from '../../src/candidates/index.js';
import { Conv, type ConvOptions } from '../../src/ops/conv.js';
import type { TensorType } from '../../src/tensor/index.js';
import { separableCases, thoroughSeparableCases } from './cases/separable.js';
import { contextOf } from './harness.js';
import { describeCases, useSoftwareDevice } from './run-cases.js';

// LANEWISE_THOROUGH=1 adds random shapes and more edges; the default set keeps a test run short.
const thorough = process.env['LANEWISE_THOROUGH'] ? thoroughSeparableCases : [];

describeCases('depthwise separable convolutions', [...separableCases, ...thorough]);

const f32 = (...dims: number[]): TensorType => ({ dtype: 'f32', dims });

describe('candidates of a depthwise convolution and the pointwise one behind it', () => {
  const device = useSoftwareDevice();
  const context = (): CandidateContext => contextOf(device(), 'f32');
  const padded: Partial<ConvOptions> = { strides: [1, 1], padsBegin: [1, 1], padsEnd: [1, 1] };
  const inputs = [f32(4, 16, 8, 8), f32(16, 1, 3, 3), f32(16)];

  /** Those of the convolutions. @param w the second one's weights */
  function found(
    first: Partial<ConvOptions>,
    second: Partial<ConvOptions> = {},
    w = f32(24, 16, 1, 1),
    given: readonly TensorType[] = inputs,
  ): ReturnType<typeof fusionsFor> {
    const depthwise = new Conv({ strides: [1, 1], group: 16, ...first });
    const pointwise = new Conv({ strides: [1, 1], ...second });
    const [middle] = depthwise.infer(given);
    const outputs = pointwise.infer([middle, w]);
    const types = { inputs: given, middle, others: [w, f32(24), outputs[0]], outputs };
    return fusionsFor(depthwise, pointwise, types, context());
  }

  it('read what the first reads and what else the second reads, in each layout', () => {
    const candidates = found(padded).filter(isCandidate);
    expect(new Set(candidates.map(({ outputs }) => outputs[0].name))).toEqual(
      new Set(['NHWC', 'NCHW', 'CHWN', 'NCHW4c']),
    );
    for (const { id, inputs: read, outputs } of candidates) {
      const layout = outputs[0].name;
      expect(read.map((input) => input?.name)).toEqual([layout, 'HWIO', 'row', 'HWIO', 'row', layout]);
      expect(id).toMatch(new RegExp(`^conv_${layout.toLowerCase()}_separable(?:-slim)?_.*_f32$`));
    }
    expect(candidates.some(({ id }) => id.includes('separable-slim'))).toBe(true);
  });

  it('count the operations of both and only the bytes that still move', () => {
    const candidate = found(padded).find(isCandidate);
    if (!candidate) throw new Error('every candidate refuses');
    const types = [...inputs, f32(24, 16, 1, 1), f32(24), f32(4, 24, 8, 8)];
    const [preparation, step] = candidate.build({
      inputs: types.map(({ dims }, i) => {
        const layout = candidate.inputs[i];
        return layout && { dims, layout, type: 'f32' as const };
      }),
      outputs: [{ dims: [4, 24, 8, 8], layout: candidate.outputs[0], type: 'f32' }],
    });
    expect(preparation.source.flops).toBe(0);
    // Products and windows of every pixel, biases and the residual.
    expect(step.source.flops).toBe(2 * 256 * 16 * (24 + 9) + 256 * 16 + 2 * 256 * 24);
    expect(step.source.bytes).toBe(4 * (4 * 16 * 64 + 16 * 9 + 16 + 24 * 16 + 24 + 2 * 4 * 24 * 64));
  });

  it.each<[string, Partial<ConvOptions>, Partial<ConvOptions>, TensorType?]>([
    ['the second is in groups', padded, { group: 2 }, f32(24, 8, 1, 1)],
    ['the second is not pointwise', padded, padded, f32(24, 16, 3, 3)],
    ['the second skips pixels', padded, { strides: [2, 2] }],
  ])('are none where %s', (_, first, second, w) => {
    expect(found(first, second, w).filter(isCandidate)).toEqual([]);
  });

  it('are none where the first makes several channels of one, or mixes them', () => {
    const twice = [f32(4, 8, 8, 8), f32(16, 1, 3, 3)];
    expect(found({ ...padded, group: 8 }, {}, undefined, twice).filter(isCandidate)).toEqual([]);
    const dense = [f32(4, 16, 8, 8), f32(16, 16, 3, 3)];
    expect(found({ ...padded, group: 1 }, {}, undefined, dense).filter(isCandidate)).toEqual([]);
  });

  it('refuse layouts in which windows are no vectors', () => {
    const odd = [f32(3, 16, 7, 7), f32(16, 1, 3, 3), f32(16)];
    const ids = found(padded, {}, undefined, odd);
    expect(ids).toContainEqual({ id: 'conv_nchw_separable_f32', refused: 'windows are no vectors in NCHW' });
    expect(ids).toContainEqual({ id: 'conv_chwn_separable_f32', refused: 'windows are no vectors in CHWN' });
    expect(ids.filter(isCandidate).every(({ outputs }) => /^NHWC|4c$/.test(outputs[0].name))).toBe(true);
  });
});
