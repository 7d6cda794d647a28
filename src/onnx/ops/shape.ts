/** Operators about shapes: they change or read dims, or make constants of a given shape. */
import { GraphError, LimitError, ShapeError } from '../../errors.js';
import { Constant as ConstantValue, type Value } from '../../graph/index.js';
import { Identity as IdentityOp } from '../../ops/identity.js';
import { Reshape as ReshapeOp } from '../../ops/reshape.js';
import {
  Tensor,
  byteLength,
  formatType,
  isBigInteger,
  normaliseAxes,
  normaliseAxis,
  sizeOf,
  type DType,
  type Dims,
} from '../../tensor/index.js';
import { integerInput, integerList, required } from '../integer-inputs.js';
import type { NodeImport, NodeImporter } from '../node-importer.js';

export const Reshape: NodeImport = (node) => {
  const data = node.input(0, 'data');
  const shape = required(integerInput(node, 1, 'shape'), 'shape');
  const allowZero = node.opset >= 14 && node.attributes.flag('allowzero');
  return node.emit1(new ReshapeOp(resolveShape(shape, data.type.dims, allowZero)), [data]);
};

/** Replaces 0 (the input's dim, unless `allowZero`) and -1 (whatever is left). */
function resolveShape(shape: readonly number[], dims: Dims, allowZero: boolean): number[] {
  const invalid = (remedy: string): ShapeError =>
    new ShapeError(`a tensor of [${dims.join(', ')}] cannot be reshaped to [${shape.join(', ')}]`, {
      remedy,
    });
  if (shape.some((dim) => dim < -1)) throw invalid('Dims are non-negative, or -1 once.');
  const resolved = shape.map((dim, axis) => {
    if (dim !== 0 || allowZero) return dim;
    if (axis >= dims.length) throw invalid('A 0 takes the dim from the input, which has none there.');
    return dims[axis];
  });
  const open = resolved.indexOf(-1);
  if (open === -1) return resolved;
  if (resolved.includes(-1, open + 1)) throw invalid('Only one dim may be -1.');
  resolved[open] = 1;
  const rest = sizeOf(resolved);
  resolved[open] = sizeOf(dims) / rest;
  if (!Number.isInteger(resolved[open]))
    throw invalid('No value for -1 gives as many elements as there are.');
  return resolved;
}

export const Flatten: NodeImport = (node) => {
  const x = node.input(0, 'input');
  const { dims } = x.type;
  const axis = node.attributes.int('axis', 1);
  // The axis may be the rank itself: everything goes before it.
  const at = axis === dims.length ? axis : normaliseAxis(axis, dims.length);
  return node.emit1(new ReshapeOp([sizeOf(dims.slice(0, at)), sizeOf(dims.slice(at))]), [x]);
};

export const Squeeze: NodeImport = (node) => {
  const x = node.input(0, 'data');
  const { dims } = x.type;
  const given = integerList(node, 'axes', 1, 13);
  const axes = new Set(given && normaliseAxes(given, dims.length));
  for (const axis of axes) {
    if (dims[axis] !== 1) {
      throw new ShapeError(`axis ${axis} of ${formatType(x.type)} cannot be squeezed`, {
        remedy: 'Only axes of extent 1 can.',
      });
    }
  }
  const kept = dims.filter((dim, axis) => (given ? !axes.has(axis) : dim !== 1));
  return node.emit1(new ReshapeOp(kept), [x]);
};

export const Unsqueeze: NodeImport = (node) => {
  const x = node.input(0, 'data');
  const given = required(integerList(node, 'axes', 1, 13), 'axes');
  const rank = x.type.dims.length + given.length;
  const axes = new Set(normaliseAxes(given, rank));
  const dims: number[] = [];
  let next = 0;
  for (let axis = 0; axis < rank; axis++) dims.push(axes.has(axis) ? 1 : x.type.dims[next++]);
  return node.emit1(new ReshapeOp(dims), [x]);
};

export const Identity: NodeImport = (node) => node.emit1(new IdentityOp(), [node.input(0, 'input')]);

export const Dropout: NodeImport = (node) => {
  const x = node.input(0, 'data');
  node.attributes.ignore(node.opset < 12 ? 'ratio' : 'seed');
  if (node.opset >= 12) refuseRandomDropout(node);
  const y = node.emit1(new IdentityOp(), [x]);
  if (!node.wants(1)) return y;
  // The mask was of the data's type before operator set 10.
  const one = Tensor.scalar(node.opset < 10 ? x.type.dtype : 'bool', 1);
  return [y, node.graph.constant(node.outputNames[1], ConstantValue.fill(one, x.type.dims))];
};

/** @throws UnsupportedError in training mode, unless nothing is dropped */
function refuseRandomDropout(node: NodeImporter): void {
  const training = node.knownNumbers(2, 'training_mode') ?? [0];
  if (training.every((flag) => flag === 0)) return;
  const [ratio] = node.knownNumbers(1, 'ratio') ?? [0.5];
  if (ratio !== 0) throw node.unsupported(`training_mode with ratio ${ratio} of Dropout (a random output)`);
}

export const Shape: NodeImport = (node) => {
  const { dims } = node.input(0, 'data').type;
  const clamp = (axis: number): number =>
    Math.min(Math.max(axis < 0 ? axis + dims.length : axis, 0), dims.length);
  const start = node.opset < 15 ? 0 : clamp(node.attributes.int('start', 0));
  const end = node.opset < 15 ? dims.length : clamp(node.attributes.int('end', dims.length));
  const part = dims.slice(start, end);
  return result(node, Tensor.from('i64', [part.length], part));
};

export const Size: NodeImport = (node) =>
  result(node, Tensor.scalar('i64', sizeOf(node.input(0, 'data').type.dims)));

export const Constant: NodeImport = (node) => {
  const { attributes } = node;
  for (const name of ['sparse_value', 'value_string', 'value_strings']) {
    if (attributes.has(name)) throw node.unsupported(`attribute ${name} of Constant`);
  }
  const float = attributes.float('value_float');
  const int = attributes.bigInt('value_int');
  const floats = attributes.floats('value_floats');
  const ints = attributes.bigInts('value_ints');
  const tensors = [
    attributes.tensor('value'),
    float === undefined ? undefined : Tensor.scalar('f32', float),
    int === undefined ? undefined : Tensor.scalar('i64', int),
    floats && Tensor.from('f32', [floats.length], floats),
    ints && Tensor.from('i64', [ints.length], ints),
  ].filter((tensor) => tensor !== undefined);
  if (tensors.length !== 1) {
    throw new GraphError(`it has ${tensors.length} values`, { remedy: 'A Constant has exactly one.' });
  }
  return result(node, tensors[0]);
};

export const ConstantOfShape: NodeImport = (node) => {
  const dims = required(integerInput(node, 0, 'input'), 'input');
  const value = node.attributes.tensor('value') ?? Tensor.scalar('f32', 0);
  if (value.size !== 1) {
    throw new ShapeError(`attribute value is ${formatType(value)}`, { remedy: 'It must have one element.' });
  }
  return node.fill(value, dims);
};

export const Range: NodeImport = (node) => {
  const [start, limit, delta] = ['start', 'limit', 'delta'].map((name, i) => scalar(node, i, name));
  const { dtype } = start;
  if (limit.dtype !== dtype || delta.dtype !== dtype) {
    throw new ShapeError(`start, limit and delta are ${dtype}, ${limit.dtype} and ${delta.dtype}`, {
      remedy: 'They must share one element type: insert a Cast.',
    });
  }
  return result(
    node,
    isBigInteger(dtype) ? bigRange(node, start, limit, delta) : range(node, start, limit, delta),
  );
};

/** start + i * delta, in double. */
function range(node: NodeImporter, start: Tensor, limit: Tensor, delta: Tensor): Tensor {
  const [first, end, step] = [start, limit, delta].map((tensor) => tensor.toNumbers()[0]);
  const count = checkedCount(node, start.dtype, Math.ceil((end - first) / step));
  return Tensor.from(
    start.dtype,
    [count],
    Float64Array.from({ length: count }, (_, i) => first + i * step),
  );
}

/** start + i * delta, in 64-bit integers. */
function bigRange(node: NodeImporter, start: Tensor, limit: Tensor, delta: Tensor): Tensor {
  const [first, end, step] = [start, limit, delta].map((tensor) => tensor.toBigInts()[0]);
  if (step === 0n) throw badRange();
  const distance = end - first;
  // Division truncates: one more where a part of a step is left in its direction.
  const partial = distance % step !== 0n && distance > 0n === step > 0n;
  const count = checkedCount(node, start.dtype, Number(distance / step) + (partial ? 1 : 0));
  return Tensor.from(
    start.dtype,
    [count],
    Array.from({ length: count }, (_, i) => first + BigInt(i) * step),
  );
}

/** The length of a range, checked before anything of that size is allocated. */
function checkedCount(node: NodeImporter, dtype: DType, count: number): number {
  if (Number.isNaN(count) || count === Infinity) throw badRange();
  const bytes = byteLength(dtype, count);
  if (bytes > node.graph.limits.maxTensorBytes) {
    throw new LimitError(`a range of ${count} elements takes ${bytes} bytes`, {
      remedy: `The limit is ${node.graph.limits.maxTensorBytes}; raise limits.maxTensorBytes if this is meant.`,
    });
  }
  return Math.max(0, count);
}

function badRange(): ShapeError {
  return new ShapeError('the range has no number of elements', {
    remedy: 'Delta must not be zero, and start and limit must be finite.',
  });
}

/** The known value of a scalar input. Exporters also write one-element vectors. */
function scalar(node: NodeImporter, index: number, name: string): Tensor {
  const tensor = node.known(node.input(index, name), name);
  if (tensor.size !== 1) {
    throw new ShapeError(`${name} is ${formatType(tensor)}`, { remedy: 'It must be a scalar.' });
  }
  return tensor;
}

/** The node's output as a constant. */
function result(node: NodeImporter, tensor: Tensor): Value {
  return node.graph.constant(node.outputNames[0] || node.name, tensor);
}
