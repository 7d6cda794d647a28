/** Element-wise operators of two tensors with broadcasting; the functions are the table in `binary-functions.ts`. */
import { ShapeError } from '../errors.js';
import {
  Tensor,
  broadcastDims,
  broadcastStrides,
  formatType,
  isInteger,
  sameDims,
  sizeOf,
  walk,
  type DType,
  type Dims,
  type TensorType,
} from '../tensor/index.js';
import { expectElementType } from './element-types.js';
import {
  Op,
  expectSameDType,
  tensorAt,
  typeAt,
  type AttributeValue,
  type InputTensors,
  type InputTypes,
} from './op.js';

/** A function of two numbers. */
export interface BinaryFunction {
  /** The ONNX operator's name. Together with the parameters it says all about the function. */
  readonly name: string;
  /** The operator's attributes, by ONNX's names. */
  readonly parameters?: Readonly<Record<string, number | string>>;
  /** Element types that it takes. */
  readonly dtypes: readonly DType[];
  /** Element type of the result; the first input's when left out. */
  readonly result?: 'bool';
  /** Whether the inputs may differ in element type. */
  readonly mixed?: boolean;
  /** Whether only the second input may be broadcast. */
  readonly unidirectional?: boolean;
  /** Operations per element; 1 when left out. */
  readonly flops?: number;
  /** The function in doubles; booleans are 0 and 1. The result is rounded once, to the element type. */
  readonly apply: (a: number, b: number) => number;
  /** The function on integers of any width, exact; the result is wrapped to the type, as in C. */
  readonly applyInteger?: (a: bigint, b: bigint) => bigint;
}

/**
 * y = f(a, b), element by element.
 * Inputs: a and b, whose shapes broadcast as in NumPy. Output: the common shape.
 */
export class Binary extends Op {
  readonly fn: BinaryFunction;

  constructor(fn: BinaryFunction) {
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
    const a = typeAt(inputs, 0, 'a');
    const b = typeAt(inputs, 1, 'b');
    expectElementType(this.type, a.dtype, this.fn.dtypes);
    expectElementType(this.type, b.dtype, this.fn.dtypes);
    if (!this.fn.mixed) expectSameDType([a, b]);
    const dims = broadcastDims(a.dims, b.dims);
    if (this.fn.unidirectional && !sameDims(dims, a.dims)) {
      throw new ShapeError(`${formatType(b)} does not broadcast to ${formatType(a)}`, {
        remedy: `The second input of ${this.type} must have dimensions that equal the first's or 1.`,
      });
    }
    return [{ dtype: this.fn.result ?? a.dtype, dims }];
  }

  override flops(_inputs: InputTypes, outputs: readonly TensorType[]): number {
    return (this.fn.flops ?? 1) * sizeOf(outputs[0].dims);
  }

  reference(inputs: InputTensors): Tensor[] {
    const a = tensorAt(inputs, 0, 'a');
    const b = tensorAt(inputs, 1, 'b');
    const [{ dtype, dims }] = this.infer(inputs);
    const { apply, applyInteger } = this.fn;
    const values =
      applyInteger && isInteger(a.dtype) && isInteger(b.dtype)
        ? zip(applyInteger, [a.toBigInts(), a.dims], [b.toBigInts(), b.dims], dims)
        : zip(apply, [a.toFloat64(), a.dims], [b.toFloat64(), b.dims], dims);
    return [Tensor.from(dtype, dims, values)];
  }
}

/** f of two arrays whose dims broadcast to `dims`. */
function zip<T>(
  f: (a: T, b: T) => T,
  [a, aDims]: readonly [ArrayLike<T>, Dims],
  [b, bDims]: readonly [ArrayLike<T>, Dims],
  dims: Dims,
): T[] {
  const result = new Array<T>(sizeOf(dims));
  walk(dims, [broadcastStrides(aDims, dims), broadcastStrides(bDims, dims)], ([i, j], flat) => {
    result[flat] = f(a[i], b[j]);
  });
  return result;
}
