/** Reductions: every row of a tensor becomes one number. */
import { DTYPES, Tensor, isFloat, sizeOf, type DType, type TensorType } from '../tensor/index.js';
import { expectElementType } from './element-types.js';
import { Op, tensorAt, typeAt, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
import { checkAxes, reduceRows, reducedDims } from './rows.js';

/** How a row becomes one number: finish(combine(... combine(identity, map(x0)) ..., map(xn)), n). */
export interface Fold<T extends number | bigint> {
  /** The neutral element of `combine`, which an empty row comes to. */
  readonly identity: (dtype: DType) => T;
  /** Applied to every element first; nothing when left out. */
  readonly map?: (x: T) => T;
  /** Associative and commutative, so that a row may be split among threads. */
  readonly combine: (a: T, b: T) => T;
  /** Applied to the result last, given the row's length; nothing when left out. */
  readonly finish?: (result: T, count: number) => T;
}

/** A reduction. */
export interface ReduceFunction {
  /** The ONNX operator's name. */
  readonly name: string;
  /** Element types that it takes. */
  readonly dtypes: readonly DType[];
  /** In double precision. */
  readonly float: Fold<number>;
  /** Exact, for integers and bool; where it is left out, they go through `float` and are truncated. */
  readonly integer?: Fold<bigint>;
  /** Operations per element, transcendental functions counting as one. */
  readonly flops: number;
}

/** y = function over the axes of x. An empty list of axes applies `map` and `finish` to every element. */
export class Reduce extends Op {
  readonly fn: ReduceFunction;
  /** Ascending, non-negative. */
  readonly axes: readonly number[];
  /** Whether the axes stay, with size 1. */
  readonly keepdims: boolean;

  constructor(fn: ReduceFunction, axes: readonly number[], keepdims: boolean) {
    super();
    this.fn = fn;
    this.axes = axes;
    this.keepdims = keepdims;
  }

  get type(): string {
    return this.fn.name;
  }

  override get attributes(): Readonly<Record<string, AttributeValue>> {
    return { axes: this.axes, keepdims: this.keepdims };
  }

  infer(inputs: InputTypes): TensorType[] {
    const x = typeAt(inputs, 0, 'data');
    expectElementType(this.type, x.dtype, this.fn.dtypes);
    checkAxes(this.axes, x.dims);
    return [{ dtype: x.dtype, dims: reducedDims(x.dims, this.axes, this.keepdims) }];
  }

  override flops(inputs: InputTypes): number {
    return this.fn.flops * sizeOf(typeAt(inputs, 0, 'data').dims);
  }

  reference(inputs: InputTensors): Tensor[] {
    const x = tensorAt(inputs, 0, 'data');
    const dims = reducedDims(x.dims, this.axes, this.keepdims);
    const { float, integer } = this.fn;
    if (isFloat(x.dtype) || !integer) {
      const results = reduceRows(x.toFloat64(), x.dims, this.axes, (row) => fold(float, row, x.dtype));
      return [Tensor.from(x.dtype, dims, results)];
    }
    const results = reduceRows(x.toBigInts(), x.dims, this.axes, (row) =>
      wrap(fold(integer, row, x.dtype), x.dtype),
    );
    return [Tensor.from(x.dtype, dims, results)];
  }
}

function fold<T extends number | bigint>(
  { identity, map, combine, finish }: Fold<T>,
  row: readonly T[],
  dtype: DType,
): T {
  let result = identity(dtype);
  for (const x of row) result = combine(result, map ? map(x) : x);
  return finish ? finish(result, row.length) : result;
}

/** The integer modulo 2^bits, as fixed-width arithmetic overflows. */
function wrap(x: bigint, dtype: DType): bigint {
  const { kind, bits } = DTYPES[dtype];
  return kind === 'int' ? BigInt.asIntN(bits, x) : BigInt.asUintN(bits, x);
}
