/** A tensor in host memory: an element type, dims, and a dense row-major typed array. */
import { LimitError, ShapeError } from '../errors.js';
import {
  DTYPES,
  byteLength,
  createStorage,
  isBigInteger,
  isInteger,
  type DType,
  type Storage,
  type StorageByDType,
} from './dtype.js';
import { decodeE8M0, decodeTable, encodeE8M0, encodeFloat } from './floats.js';
import { formatDims, sizeOf, type Dims } from './shape.js';

/** Element type and shape of a tensor. */
export interface TensorType {
  readonly dtype: DType;
  readonly dims: Dims;
}

/** Bytes of a tensor of this type, packed. */
export function bytesOf(type: TensorType): number {
  return byteLength(type.dtype, sizeOf(type.dims));
}

/** A type as people read it: `f32 1x3x224x224`. */
export function formatType(type: TensorType): string {
  return `${type.dtype} ${formatDims(type.dims)}`;
}

/**
 * A dense tensor in row-major order. The array is kept, not copied; treat it as read-only once it is shared.
 * float16 and bfloat16 elements are kept as their bits in a Uint16Array: see `Tensor.from` and `toFloat32`.
 */
export class Tensor<D extends DType = DType> implements TensorType {
  readonly dtype: D;
  readonly dims: Dims;
  readonly data: StorageByDType[D];

  /**
   * @param data typed array of the type's storage, of length product(dims); zeros when left out
   * @throws ShapeError when dims are not non-negative integers or do not match the array
   */
  constructor(dtype: D, dims: Dims, data?: StorageByDType[D]) {
    checkDType(dtype);
    checkDims(dims);
    const size = sizeOf(dims);
    this.dtype = dtype;
    this.dims = [...dims];
    this.data = data ?? allocate(dtype, size, dims);
    const expected = createStorage(dtype, 0);
    if (this.data.constructor !== expected.constructor || this.data.length !== size) {
      throw new ShapeError(
        `a tensor of type ${formatType(this)} got ${this.data.constructor.name} data of length ${this.data.length}`,
        { remedy: `Pass a ${expected.constructor.name} of length ${size}.` },
      );
    }
  }

  /**
   * A tensor from plain numbers, each rounded to the nearest value of the element type (ties to even; integers
   * are truncated and wrapped, as typed arrays do; booleans are `value !== 0`).
   */
  static from<D extends DType>(
    dtype: D,
    dims: Dims,
    values: ArrayLike<number> | ArrayLike<bigint> | ArrayLike<boolean>,
  ): Tensor<D> {
    checkDType(dtype);
    checkDims(dims);
    if (values?.length !== sizeOf(dims)) {
      throw new ShapeError(`a tensor of ${formatDims(dims)} was given ${values?.length ?? 'no'} values`, {
        remedy: `Pass ${sizeOf(dims)} values.`,
      });
    }
    return new Tensor(dtype, dims, encodeElements(dtype, values));
  }

  /** A tensor of rank 0. */
  static scalar<D extends DType>(dtype: D, value: number | bigint | boolean): Tensor<D> {
    return Tensor.from(dtype, [], [value] as readonly number[] | readonly bigint[] | readonly boolean[]);
  }

  /** Number of elements. */
  get size(): number {
    return this.data.length;
  }

  /** Bytes of the elements, packed. */
  get bytes(): number {
    return bytesOf(this);
  }

  /** Elements as doubles: exact but for 64-bit integers beyond 2^53. Always a copy. */
  toFloat64(): Float64Array {
    return decodeElements(this.dtype, this.data, Float64Array);
  }

  /** Elements as single-precision floats, rounded. A copy, unless the tensor is f32 already. */
  toFloat32(): Float32Array {
    return this.data instanceof Float32Array
      ? this.data
      : decodeElements(this.dtype, this.data, Float32Array);
  }

  /** Elements as plain numbers (64-bit integers beyond 2^53 lose bits). */
  toNumbers(): number[] {
    return Array.from(this.toFloat64());
  }

  /** Elements as bigints, for integer and bool tensors. */
  toBigInts(): bigint[] {
    return Array.from(this.data as ArrayLike<number | bigint>, (value) => BigInt(value));
  }

  /** The same elements under other dims; shares the array. @throws ShapeError when the sizes differ */
  reshape(dims: Dims): Tensor<D> {
    return new Tensor(this.dtype, dims, this.data);
  }

  /** Narrows the element type: `if (t.is('f32')) t.data // Float32Array`. */
  is<T extends DType>(dtype: T): this is Tensor<T> {
    const own: DType = this.dtype;
    return own === dtype;
  }

  toString(): string {
    return `Tensor(${formatType(this)})`;
  }
}

function checkDType(dtype: DType): void {
  if (Object.hasOwn(DTYPES, dtype)) return;
  throw new ShapeError(`"${dtype as string}" is not an element type`, {
    remedy: `Use one of ${Object.keys(DTYPES).join(', ')}.`,
  });
}

/** Zeroed storage. @throws LimitError when the engine cannot give that much */
function allocate<D extends DType>(dtype: D, size: number, dims: Dims): StorageByDType[D] {
  try {
    return createStorage(dtype, size);
  } catch (cause) {
    throw new LimitError(
      `${byteLength(dtype, size)} bytes for ${dtype} ${formatDims(dims)} are not to be had`,
      {
        remedy: 'Use smaller dims.',
        cause,
      },
    );
  }
}

/** @throws ShapeError unless every dim is a non-negative integer and their product is exactly representable */
export function checkDims(dims: Dims): void {
  const valid = Array.isArray(dims) && dims.every((dim) => Number.isSafeInteger(dim) && dim >= 0);
  if (!valid || !Number.isSafeInteger(sizeOf(dims))) {
    throw new ShapeError(`[${String(dims)}] is not a shape`, {
      remedy: 'Dimensions are non-negative integers whose product is below 2^53.',
    });
  }
}

function decodeElements<T extends Float64Array | Float32Array>(
  dtype: DType,
  data: Storage,
  Target: new (length: number) => T,
): T {
  const out = new Target(data.length);
  const { format } = DTYPES[dtype];
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    for (let i = 0; i < data.length; i++) out[i] = Number(data[i]);
  } else if (format) {
    const table = decodeTable(format);
    for (let i = 0; i < data.length; i++) out[i] = table[data[i]];
  } else if (dtype === 'f8e8m0') {
    for (let i = 0; i < data.length; i++) out[i] = decodeE8M0(data[i]);
  } else {
    out.set(data);
  }
  return out;
}

function encodeElements<D extends DType>(
  dtype: D,
  values: ArrayLike<number> | ArrayLike<bigint> | ArrayLike<boolean>,
): StorageByDType[D] {
  const out = createStorage(dtype, values.length);
  const { format, kind, bits } = DTYPES[dtype];
  if (isBigInteger(dtype)) {
    const target = out as BigInt64Array | BigUint64Array;
    for (let i = 0; i < values.length; i++) target[i] = toBigInt(values[i]);
    return out;
  }
  const target = out as Exclude<Storage, BigInt64Array | BigUint64Array>;
  for (let i = 0; i < values.length; i++) {
    const exact = values[i];
    // Wrapped before the conversion to double, which would round the low bits away.
    const wraps = typeof exact === 'bigint' && isInteger(dtype);
    const value = Number(wraps ? BigInt.asIntN(32, exact) : exact);
    if (format) target[i] = encodeFloat(format, value, false);
    else if (dtype === 'f8e8m0') target[i] = encodeE8M0(value, true);
    else if (kind === 'bool') target[i] = value !== 0 ? 1 : 0;
    else if (kind === 'int' && bits < 8) target[i] = (value << (32 - bits)) >> (32 - bits);
    else if (kind === 'uint' && bits < 8) target[i] = value & (2 ** bits - 1);
    else target[i] = value;
  }
  return out;
}

function toBigInt(value: number | bigint | boolean): bigint {
  if (typeof value !== 'number') return BigInt(value);
  return Number.isFinite(value) ? BigInt(Math.trunc(value)) : 0n;
}
