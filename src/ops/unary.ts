/** Element-wise functions of one tensor. */
import { Tensor, isBigInteger, sizeOf, type DType, type TensorType } from '../tensor/index.js';
import { Op, tensorAt, typeAt, type AttributeValue, type InputTensors, type InputTypes } from './op.js';

/** A function of one number, with its parameters. */
export interface UnaryFunction {
  /** The ONNX operator's name. */
  readonly name: string;
  readonly parameters?: Readonly<Record<string, number | string>>;
  readonly apply: (x: number) => number;
  /** For 64-bit integers, where the function has a meaning on them. */
  readonly applyBig?: (x: bigint) => bigint;
  /** Element type of the result; the input's when left out. */
  readonly result?: DType;
  /** Operations per element, transcendental functions counting as one. */
  readonly flops?: number;
}

/** y[i] = f(x[i]). */
export class Unary extends Op {
  readonly fn: UnaryFunction;

  constructor(fn: UnaryFunction) {
    super();
    this.fn = fn;
  }

  get type(): string {
    return this.fn.name;
  }

  override get attributes(): Readonly<Record<string, AttributeValue>> {
    return this.fn.parameters ?? {};
  }

  infer(inputs: InputTypes): TensorType[] {
    const x = typeAt(inputs, 0, 'x');
    return [{ dtype: this.fn.result ?? x.dtype, dims: x.dims }];
  }

  override flops(_inputs: InputTypes, outputs: readonly TensorType[]): number {
    return (this.fn.flops ?? 1) * sizeOf(outputs[0].dims);
  }

  reference(inputs: InputTensors): Tensor[] {
    const x = tensorAt(inputs, 0, 'x');
    const dtype = this.fn.result ?? x.dtype;
    const { applyBig } = this.fn;
    if (applyBig && isBigInteger(x.dtype)) return [Tensor.from(dtype, x.dims, x.toBigInts().map(applyBig))];
    return [Tensor.from(dtype, x.dims, x.toFloat64().map(this.fn.apply))];
  }
}

export const relu: UnaryFunction = {
  name: 'Relu',
  // Not Math.max: that would turn -0 into 0; NaN passes through the comparison.
  apply: (x) => (x < 0 ? 0 : x),
  applyBig: (x) => (x < 0n ? 0n : x),
};
