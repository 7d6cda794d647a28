/** Conversion between element types. */
import {
  DTYPES,
  Tensor,
  isBigInteger,
  isFloat,
  isInteger,
  type DType,
  type Dims,
  type TensorType,
} from '../tensor/index.js';
import { encodeE8M0, encodeFloat, type ScaleRounding } from '../tensor/floats.js';
import { Op, tensorAt, typeAt, type AttributeValue, type InputTensors, type InputTypes } from './op.js';

/** How numbers become 8-bit floats; other types know one way only. */
export interface NarrowFloatRounding {
  /** Whether overflow gives the largest number, rather than infinity or NaN. */
  readonly saturate: boolean;
  /** Rounding to a power of two, for f8e8m0. */
  readonly scaleRounding: ScaleRounding;
}

/** ONNX's defaults. */
export const SATURATING: NarrowFloatRounding = { saturate: true, scaleRounding: 'up' };

/**
 * y = x as another element type. Inputs: x, of any shape and type. Output: the same shape.
 *
 * Floats become the nearest float (ties to even), or their integer part; integers that are too large lose their
 * high bits; all that is not zero is true. A float beyond the range of an integer type is undefined in ONNX: it
 * becomes what C, and so NumPy and ONNX's own reference, give on x86 (see `integerPart`).
 */
export class Cast extends Op {
  readonly type = 'Cast';
  readonly to: DType;
  readonly rounding: NarrowFloatRounding;

  constructor(to: DType, rounding = SATURATING) {
    super();
    this.to = to;
    this.rounding = rounding;
  }

  override get attributes(): Readonly<Record<string, AttributeValue>> {
    const { saturate, scaleRounding } = this.rounding;
    return {
      to: this.to,
      saturate: this.to.startsWith('f8') ? saturate : undefined,
      round_mode: this.to === 'f8e8m0' ? scaleRounding : undefined,
    };
  }

  infer(inputs: InputTypes): TensorType[] {
    return [{ dtype: this.to, dims: typeAt(inputs, 0, 'input').dims }];
  }

  override flops(): number {
    return 0;
  }

  reference(inputs: InputTensors): Tensor[] {
    const x = tensorAt(inputs, 0, 'input');
    const { to } = this;
    if (x.dtype === to) return [x];
    if (isFloat(to)) return [floatsFrom(to, x.dims, x.toFloat64(), this.rounding)];
    if (isBigInteger(x.dtype)) return [Tensor.from(to, x.dims, x.toBigInts())];
    if (isFloat(x.dtype) && isInteger(to)) {
      return [
        Tensor.from(
          to,
          x.dims,
          x.toFloat64().map((value) => integerPart(value, to)),
        ),
      ];
    }
    return [Tensor.from(to, x.dims, x.toFloat64())];
  }
}

/** A tensor of floats from doubles, each rounded once. Like `Tensor.from`, but 8-bit floats are rounded as told. */
export function floatsFrom(
  dtype: DType,
  dims: Dims,
  values: Float64Array,
  { saturate, scaleRounding }: NarrowFloatRounding,
): Tensor {
  const { format, bits } = DTYPES[dtype];
  if (dtype === 'f8e8m0') {
    return new Tensor(
      dtype,
      dims,
      Uint8Array.from(values, (x) => encodeE8M0(x, saturate, scaleRounding)),
    );
  }
  if (format && bits <= 8) {
    return new Tensor(
      dtype,
      dims,
      Uint8Array.from(values, (x) => encodeFloat(format, x, saturate)),
    );
  }
  return Tensor.from(dtype, dims, values);
}

/**
 * x without its fraction. x86 converts to a signed integer of 32 bits, or of 64 for u32 and wider, whose smallest
 * number stands for all that does not fit (NaN too); its low bits are the result for a narrower type.
 */
function integerPart(x: number, to: DType): number {
  const whole = Math.trunc(x);
  const half = isBigInteger(to) || to === 'u32' ? 2 ** 63 : 2 ** 31;
  const end = to === 'u64' ? 2 * half : half;
  return whole >= -half && whole < end ? whole : -half;
}
