/** Repetition of a whole tensor along its axes. */
import { ShapeError } from '../errors.js';
import { stridesOf, type Tensor, type TensorType } from '../tensor/index.js';
import { copyView, expectPerAxis } from './movement.js';
import { Op, tensorAt, typeAt, type AttributeValue, type InputTensors, type InputTypes } from './op.js';

/** y[i] = x[i mod dims of x], with dims(y) = dims(x) * repeats. */
export class Tile extends Op {
  readonly type = 'Tile';
  readonly repeats: readonly number[];

  /** @param repeats how often x is laid out along each of its axes */
  constructor(repeats: readonly number[]) {
    super();
    this.repeats = [...repeats];
  }

  override get attributes(): Readonly<Record<string, AttributeValue>> {
    return { repeats: this.repeats };
  }

  infer(inputs: InputTypes): TensorType[] {
    const x = typeAt(inputs, 0, 'input');
    expectPerAxis(this.repeats, 'repeats', x);
    if (this.repeats.some((repeat) => !Number.isInteger(repeat) || repeat < 0)) {
      throw new ShapeError(`repeats are [${this.repeats.join(', ')}]`, {
        remedy: 'They must be non-negative integers.',
      });
    }
    return [{ dtype: x.dtype, dims: this.#outputDims(x) }];
  }

  reference(inputs: InputTensors): Tensor[] {
    const x = tensorAt(inputs, 0, 'input');
    const strides = stridesOf(x.dims);
    // Each axis is walked as two: which repetition (which moves nothing), then where in x.
    const view = {
      dims: x.dims.flatMap((dim, axis) => [this.repeats[axis], dim]),
      strides: strides.flatMap((stride) => [0, stride]),
    };
    return [copyView(x, view, this.#outputDims(x))];
  }

  #outputDims(x: TensorType): number[] {
    return x.dims.map((dim, axis) => dim * this.repeats[axis]);
  }
}
