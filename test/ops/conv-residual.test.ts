import { describe, expect, it } from 'vitest';
import { ShapeError } from '../../src/errors.js';
import { Conv } from '../../src/ops/conv.js';
import { relu } from '../../src/ops/unary-functions.js';
import { Tensor } from '../../src/tensor/index.js';

describe('the residual of a convolution', () => {
  const x = Tensor.from('f32', [1, 1, 1, 3], [1, 2, 3]);
  const w = Tensor.from('f32', [1, 1, 1, 2], [1, -2]);

  it('is added before the activation', () => {
    const op = new Conv({ strides: [1, 1], activation: relu });
    const residual = Tensor.from('f32', [1, 1, 1, 2], [10, 3]);
    // 1 - 4 + 10 and 2 - 6 + 3.
    expect(op.reference([x, w, undefined, residual])[0].toNumbers()).toEqual([7, 0]);
  });

  it('is added to the bias', () => {
    const op = new Conv({ strides: [1, 1] });
    const bias = Tensor.from('f32', [1], [0.5]);
    const residual = Tensor.from('f32', [1, 1, 1, 2], [10, 3]);
    expect(op.reference([x, w, bias, residual])[0].toNumbers()).toEqual([7.5, -0.5]);
  });

  it('counts one operation per output', () => {
    const op = new Conv({ strides: [1, 1] });
    const y = { dtype: 'f32', dims: [1, 1, 1, 2] } as const;
    expect(op.flops([x, w, undefined, y], [y])).toBe(op.flops([x, w], [y]) + 2);
  });

  it('must have the shape of the output', () => {
    const op = new Conv({ strides: [1, 1] });
    expect(() => op.infer([x, w, undefined, x])).toThrow(ShapeError);
    expect(() => op.infer([x, w, undefined, x])).toThrow(/residual is f32 1x1x1x3.*1x1x1x2/);
  });
});
