/** Elements picked by index tensors. Indices count from the end where negative; they are checked when they are read. */
import { ShapeError } from '../errors.js';
import { Tensor, formatType, sameDims, sizeOf, stridesOf, type TensorType } from '../tensor/index.js';
import {
  bytesOfSelection,
  elementsOf,
  expectAxis,
  expectIndices,
  forEachIndex,
  wrapIndex,
} from './movement.js';
import {
  Op,
  expectRank,
  tensorAt,
  typeAt,
  type AttributeValue,
  type InputTensors,
  type InputTypes,
} from './op.js';

/**
 * The type of elements picked from data.
 * @throws ShapeError where there are none to pick: every index is outside an axis without elements
 */
function pickedType(data: TensorType, dims: readonly number[]): TensorType[] {
  if (sizeOf(dims) > 0 && sizeOf(data.dims) === 0) {
    throw new ShapeError(`data (${formatType(data)}) is empty`, {
      remedy: 'There must be something to gather.',
    });
  }
  return [{ dtype: data.dtype, dims }];
}

/** y[a..., i..., b...] = data[a..., indices[i...], b...], with the indices on `axis` of data. */
export class Gather extends Op {
  readonly type = 'Gather';
  readonly axis: number;

  /** @param axis of data, non-negative */
  constructor(axis: number) {
    super();
    this.axis = axis;
  }

  override get attributes(): Readonly<Record<string, AttributeValue>> {
    return { axis: this.axis };
  }

  infer(inputs: InputTypes): TensorType[] {
    const data = typeAt(inputs, 0, 'data');
    const indices = typeAt(inputs, 1, 'indices');
    expectAxis(this.axis, data, 'data');
    expectIndices(indices, 'indices');
    const outer = data.dims.slice(0, this.axis);
    const inner = data.dims.slice(this.axis + 1);
    return pickedType(data, [...outer, ...indices.dims, ...inner]);
  }

  override bytes(inputs: InputTypes, outputs: readonly TensorType[]): number {
    return bytesOfSelection(outputs, [inputs[1]]);
  }

  /** @throws InputError for an index outside the axis */
  reference(inputs: InputTensors): Tensor[] {
    const data = tensorAt(inputs, 0, 'data');
    const indices = tensorAt(inputs, 1, 'indices');
    const [type] = this.infer(inputs);
    const out = new Tensor(data.dtype, type.dims);
    const extent = data.dims[this.axis];
    const inner = sizeOf(data.dims.slice(this.axis + 1));
    const outer = sizeOf(data.dims.slice(0, this.axis));
    const picked = indices.toFloat64().map((index) => wrapIndex(index, extent, this.axis));
    if (out.size === 0) return [out];
    const from = elementsOf(data);
    const to = elementsOf(out);
    let flat = 0;
    for (let a = 0; a < outer; a++) {
      for (const index of picked) {
        const start = (a * extent + index) * inner;
        for (let b = 0; b < inner; b++) to[flat++] = from[start + b];
      }
    }
    return [out];
  }
}

/** y[i] = data[i with i[axis] replaced by indices[i]]; y has the dims of indices. */
export class GatherElements extends Op {
  readonly type = 'GatherElements';
  readonly axis: number;

  /** @param axis non-negative */
  constructor(axis: number) {
    super();
    this.axis = axis;
  }

  override get attributes(): Readonly<Record<string, AttributeValue>> {
    return { axis: this.axis };
  }

  infer(inputs: InputTypes): TensorType[] {
    const data = typeAt(inputs, 0, 'data');
    const indices = typeAt(inputs, 1, 'indices');
    expectAxis(this.axis, data, 'data');
    expectIndices(indices, 'indices');
    const fits =
      indices.dims.length === data.dims.length &&
      indices.dims.every((dim, axis) => axis === this.axis || dim <= data.dims[axis]);
    if (!fits) {
      throw new ShapeError(`indices (${formatType(indices)}) do not fit data (${formatType(data)})`, {
        remedy: `They need data's rank, and no larger dims but on axis ${this.axis}.`,
      });
    }
    return pickedType(data, indices.dims);
  }

  override bytes(inputs: InputTypes, outputs: readonly TensorType[]): number {
    return bytesOfSelection(outputs, [inputs[1]]);
  }

  /** @throws InputError for an index outside the axis */
  reference(inputs: InputTensors): Tensor[] {
    const data = tensorAt(inputs, 0, 'data');
    const indices = tensorAt(inputs, 1, 'indices');
    const out = new Tensor(data.dtype, indices.dims);
    const strides = stridesOf(data.dims);
    const picked = indices.toFloat64();
    const from = elementsOf(data);
    const to = elementsOf(out);
    forEachIndex(indices.dims, (index, flat) => {
      const source = wrapIndex(picked[flat], data.dims[this.axis], this.axis);
      let offset = 0;
      for (const [axis, i] of index.entries()) offset += (axis === this.axis ? source : i) * strides[axis];
      to[flat] = from[offset];
    });
    return [out];
  }
}

/**
 * y[b..., i..., rest...] = data[b..., indices[b..., i...], rest...], where the last axis of indices holds one
 * index for each of the axes of data after the `batchDims` first.
 */
export class GatherND extends Op {
  readonly type = 'GatherND';
  readonly batchDims: number;

  /** @param batchDims how many leading axes data and indices share */
  constructor(batchDims: number) {
    super();
    this.batchDims = batchDims;
  }

  override get attributes(): Readonly<Record<string, AttributeValue>> {
    return { batchDims: this.batchDims };
  }

  infer(inputs: InputTypes): TensorType[] {
    const data = typeAt(inputs, 0, 'data');
    const indices = typeAt(inputs, 1, 'indices');
    const batch = this.batchDims;
    expectIndices(indices, 'indices');
    expectRank(data, 'data', 1, Infinity);
    expectRank(indices, 'indices', 1, Infinity);
    const depth = indices.dims[indices.dims.length - 1];
    const fits =
      Number.isInteger(batch) &&
      batch >= 0 &&
      batch < Math.min(data.dims.length, indices.dims.length) &&
      depth >= 1 &&
      batch + depth <= data.dims.length &&
      sameDims(data.dims.slice(0, batch), indices.dims.slice(0, batch));
    if (!fits) {
      throw new ShapeError(
        `indices (${formatType(indices)}) with batch_dims ${batch} do not fit data (${formatType(data)})`,
        { remedy: 'Batch dims must agree; the last axis of indices addresses at most the remaining ones.' },
      );
    }
    return pickedType(data, [...indices.dims.slice(0, -1), ...data.dims.slice(batch + depth)]);
  }

  override bytes(inputs: InputTypes, outputs: readonly TensorType[]): number {
    return bytesOfSelection(outputs, [inputs[1]]);
  }

  /** @throws InputError for an index outside its axis */
  reference(inputs: InputTensors): Tensor[] {
    const data = tensorAt(inputs, 0, 'data');
    const indices = tensorAt(inputs, 1, 'indices');
    const [type] = this.infer(inputs);
    const out = new Tensor(data.dtype, type.dims);
    const strides = stridesOf(data.dims);
    const batch = this.batchDims;
    const depth = indices.dims[indices.dims.length - 1];
    const block = sizeOf(data.dims.slice(batch + depth));
    const picked = indices.toFloat64();
    const from = elementsOf(data);
    const to = elementsOf(out);
    forEachIndex(indices.dims.slice(0, -1), (index, tuple) => {
      let start = 0;
      for (let axis = 0; axis < batch; axis++) start += index[axis] * strides[axis];
      for (let k = 0; k < depth; k++) {
        const axis = batch + k;
        start += wrapIndex(picked[tuple * depth + k], data.dims[axis], axis) * strides[axis];
      }
      for (let b = 0; b < block; b++) to[tuple * block + b] = from[start + b];
    });
    return [out];
  }
}
