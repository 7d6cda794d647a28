/** Resampling to another size: nearest, linear and cubic, with ONNX's choices of coordinates. */
import { ShapeError, UnsupportedError } from '../errors.js';
import {
  Tensor,
  formatType,
  integerRange,
  isBigInteger,
  isFloat,
  isInteger,
  sizeOf,
  type DType,
  type TensorType,
} from '../tensor/index.js';
import { OUTSIDE, copyByTables, expectPerAxis, forEachIndex, withExtent } from './movement.js';
import { Op, tensorAt, typeAt, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
import {
  isExtrapolated,
  kernelRadius,
  nearestIndex,
  resizeTaps,
  type Interpolation,
  type ResizeAxis,
  type Taps,
} from './resample.js';

/** What a resize does apart from its axes. */
export interface ResizeOptions extends Interpolation {
  /** The value outside the input under `tf_crop_and_resize`. */
  readonly extrapolation: number;
}

const NO_TAPS: Taps = { indices: [], weights: [] };

/** y[i...] = sum over taps of weights * x: resampled along each axis separately, see `resizeTaps`. */
export class Resize extends Op {
  readonly type = 'Resize';
  readonly axes: readonly ResizeAxis[];
  readonly options: ResizeOptions;

  /** @param axes one for each axis of x */
  constructor(axes: readonly ResizeAxis[], options: ResizeOptions) {
    super();
    this.axes = [...axes];
    this.options = options;
  }

  override get attributes(): Readonly<Record<string, AttributeValue>> {
    const { mode, cubicCoefficient, excludeOutside, antialias } = this.options;
    const resized = this.axes.find((axis) => !isCopied(axis)) ?? this.axes[0];
    const cropped = resized?.coordinates === 'tf_crop_and_resize';
    return {
      mode,
      coordinates: resized?.coordinates,
      scales: this.axes.map((axis) => axis.scale),
      nearest: mode === 'nearest' ? resized?.nearest : undefined,
      cubicCoefficient: mode === 'cubic' ? cubicCoefficient : undefined,
      excludeOutside: excludeOutside || undefined,
      antialias: antialias || undefined,
      roi: cropped ? this.axes.flatMap((axis) => axis.roi) : undefined,
      extrapolation: cropped ? this.options.extrapolation : undefined,
    };
  }

  infer(inputs: InputTypes): TensorType[] {
    const x = typeAt(inputs, 0, 'X');
    expectPerAxis(this.axes, 'resized axes', x);
    checkType(x.dtype, this.options.mode);
    for (const [index, axis] of this.axes.entries()) checkAxis(axis, index, x);
    return [{ dtype: x.dtype, dims: this.axes.map((axis) => axis.output) }];
  }

  /** A multiply-add for each tap of a direct (not separated) evaluation. */
  override flops(_inputs: InputTypes, outputs: readonly TensorType[]): number {
    // Of nothing, an axis may have infinitely many taps.
    if (this.options.mode === 'nearest' || sizeOf(outputs[0].dims) === 0) return 0;
    const resized = this.axes.filter((axis) => !isCopied(axis));
    const taps = resized.reduce((product, axis) => product * 2 * kernelRadius(axis, this.options), 1);
    return Math.ceil(2 * taps * sizeOf(outputs[0].dims));
  }

  reference(inputs: InputTensors): Tensor[] {
    const x = tensorAt(inputs, 0, 'X');
    const dims = this.axes.map((axis) => axis.output);
    // An empty output may have other axes too long for a table.
    if (sizeOf(dims) === 0) return [new Tensor(x.dtype, dims)];
    return [this.options.mode === 'nearest' ? this.#copyNearest(x) : this.#interpolate(x)];
  }

  #copyNearest(x: Tensor): Tensor {
    const tables = this.axes.map((axis) =>
      positionsOf(axis).map((position) =>
        isExtrapolated(axis, position) ? OUTSIDE : nearestIndex(axis, position),
      ),
    );
    return copyByTables(x, tables, Tensor.scalar(x.dtype, this.options.extrapolation));
  }

  #interpolate(x: Tensor): Tensor {
    let values = x.toFloat64();
    let dims = x.dims;
    for (const [index, axis] of this.axes.entries()) {
      const taps = positionsOf(axis).map((position) =>
        isExtrapolated(axis, position) ? NO_TAPS : resizeTaps(axis, this.options, position),
      );
      if (taps.length === axis.input && taps.every(isSame)) continue;
      values = resampleAxis(values, dims, index, taps);
      dims = withExtent(dims, index, axis.output);
    }
    this.#extrapolate(values);
    return Tensor.from(x.dtype, dims, isFloat(x.dtype) ? values : values.map(saturateTo(x.dtype)));
  }

  #extrapolate(values: Float64Array): void {
    const outside = this.axes.map((axis) =>
      positionsOf(axis).map((position) => isExtrapolated(axis, position)),
    );
    if (!outside.some((flags) => flags.includes(true))) return;
    forEachIndex(
      this.axes.map((axis) => axis.output),
      (index, flat) => {
        if (outside.some((flags, axis) => flags[index[axis]])) values[flat] = this.options.extrapolation;
      },
    );
  }
}

/** Whether an axis is not resized: each output is the input of the same index. */
function isCopied(axis: ResizeAxis): boolean {
  return axis.input === axis.output && axis.scale === 1 && axis.coordinates !== 'tf_crop_and_resize';
}

function isSame(taps: Taps, position: number): boolean {
  return taps.indices.length === 1 && taps.indices[0] === position;
}

function positionsOf(axis: ResizeAxis): number[] {
  return Array.from({ length: axis.output }, (_, position) => position);
}

/** Weighted sums along one axis. */
function resampleAxis(
  values: Float64Array,
  dims: readonly number[],
  axis: number,
  taps: readonly Taps[],
): Float64Array<ArrayBuffer> {
  const outer = sizeOf(dims.slice(0, axis));
  const inner = sizeOf(dims.slice(axis + 1));
  const out = new Float64Array(outer * taps.length * inner);
  for (let a = 0; a < outer; a++) {
    for (const [position, { indices, weights }] of taps.entries()) {
      const target = (a * taps.length + position) * inner;
      for (const [k, index] of indices.entries()) {
        const source = (a * dims[axis] + index) * inner;
        for (let b = 0; b < inner; b++) out[target + b] += weights[k] * values[source + b];
      }
    }
  }
  return out;
}

/** Integers are truncated, as in ONNX's reference, and saturate where cubic interpolation overshoots. */
function saturateTo(dtype: DType): (value: number) => number {
  const { min, max } = integerRange(dtype);
  return (value) => Math.min(Math.max(Math.trunc(value), min), max);
}

function checkType(dtype: DType, mode: Interpolation['mode']): void {
  if (mode === 'nearest' || isFloat(dtype) || (isInteger(dtype) && !isBigInteger(dtype))) return;
  throw new UnsupportedError(`element type ${dtype} in Resize with mode ${mode}`, {
    remedy: 'Cast to a floating-point type before it.',
  });
}

function checkAxis({ input, output, scale, roi }: ResizeAxis, index: number, x: TensorType): void {
  const place = `axis ${index} of ${formatType(x)}`;
  if (input !== x.dims[index] || (input === 0 && output > 0)) {
    throw new ShapeError(`${place} cannot be resized from ${input} to ${output}`, {
      remedy: 'Give the extent that the axis has, which must not be zero.',
    });
  }
  // The length is rounded down or to the nearest, with float32's precision. A scale that did not fit would let
  // coordinates and antialiasing kernels grow without bound.
  const excess = input * scale - output;
  const agrees = scale > 0 && excess > -0.75 && excess < 1.25;
  if (!Number.isSafeInteger(output) || output < 0 || (output > 0 && !agrees)) {
    throw new ShapeError(`${place} cannot be resized to ${output} with scale ${scale}`, {
      remedy: 'The scale must be positive, and the new extent the old one times the scale.',
    });
  }
  if (!roi.every(Number.isFinite)) {
    throw new ShapeError(`${place} has the region of interest [${roi.join(', ')}]`, {
      remedy: 'Its ends must be finite.',
    });
  }
}
