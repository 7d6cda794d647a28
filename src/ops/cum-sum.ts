/** Cumulative sums along an axis. */
import { Tensor, isInteger, sizeOf, type Dims, type TensorType } from '../tensor/index.js';
import { FLOATS, INTEGERS, expectElementType } from './element-types.js';
import { Op, tensorAt, typeAt, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
import { checkAxes, rowsOf } from './rows.js';

export interface CumSumAttributes {
  /** Non-negative. */
  readonly axis: number;
  /** Whether an element is left out of its own sum. */
  readonly exclusive: boolean;
  /** Whether sums run from the end of the axis to its start. */
  readonly reverse: boolean;
}

/**
 * y[i] = x[0] + ... + x[i] along the axis; without x[i] where `exclusive`, and from the other end where `reverse`.
 * Inputs: x, of any shape but a scalar's. Output: the same type; integers wrap as fixed-width arithmetic does.
 */
export class CumSum extends Op {
  readonly type = 'CumSum';
  readonly axis: number;
  readonly exclusive: boolean;
  readonly reverse: boolean;

  constructor({ axis, exclusive, reverse }: CumSumAttributes) {
    super();
    this.axis = axis;
    this.exclusive = exclusive;
    this.reverse = reverse;
  }

  override get attributes(): Readonly<Record<string, AttributeValue>> {
    return { axis: this.axis, exclusive: this.exclusive, reverse: this.reverse };
  }

  infer(inputs: InputTypes): TensorType[] {
    const x = typeAt(inputs, 0, 'x');
    expectElementType(this.type, x.dtype, [...FLOATS, ...INTEGERS]);
    checkAxes([this.axis], x.dims);
    return [{ dtype: x.dtype, dims: x.dims }];
  }

  /** One addition per element. */
  override flops(_inputs: InputTypes, outputs: readonly TensorType[]): number {
    return sizeOf(outputs[0].dims);
  }

  reference(inputs: InputTensors): Tensor[] {
    const x = tensorAt(inputs, 0, 'x');
    if (isInteger(x.dtype)) {
      const sums = this.#sums(x.toBigInts(), x.dims, 0n, (a, b) => a + b);
      return [Tensor.from(x.dtype, x.dims, sums)];
    }
    const sums = this.#sums(x.toNumbers(), x.dims, 0, (a, b) => a + b);
    return [Tensor.from(x.dtype, x.dims, sums)];
  }

  #sums<T>(x: readonly T[], dims: Dims, zero: T, add: (a: T, b: T) => T): T[] {
    const y = [...x];
    if (y.length === 0) return y;
    const { starts, steps } = rowsOf(dims, [this.axis]);
    const walked = this.reverse ? [...steps].reverse() : [...steps];
    for (const start of starts) {
      let before = zero;
      for (const step of walked) {
        const sum = add(before, x[start + step]);
        y[start + step] = this.exclusive ? before : sum;
        before = sum;
      }
    }
    return y;
  }
}
