/** Normalisations. */
import { GraphError } from '../../errors.js';
import type { Value } from '../../graph/index.js';
import { BatchNormalization as BatchNormalizationOp } from '../../ops/batch-normalization.js';
import { add, mul, sub } from '../../ops/binary-functions.js';
import { Binary } from '../../ops/binary.js';
import { Cast } from '../../ops/cast.js';
import { GroupNormalization as GroupNormalizationOp } from '../../ops/group-normalization.js';
import { InstanceNormalization as InstanceNormalizationOp } from '../../ops/instance-normalization.js';
import {
  LayerNormalization as LayerNormalizationOp,
  RMSNormalization as RMSNormalizationOp,
} from '../../ops/layer-normalization.js';
import { LpNormalization as LpNormalizationOp } from '../../ops/lp-normalization.js';
import { LRN as LRNOp } from '../../ops/lrn.js';
import { MeanVarianceNormalization as MeanVarianceNormalizationOp } from '../../ops/mean-variance-normalization.js';
import { reduceMean } from '../../ops/reduce-functions.js';
import { Reduce } from '../../ops/reduce.js';
import { Reshape } from '../../ops/reshape.js';
import { otherAxes } from '../../ops/rows.js';
import { Tensor, normaliseAxes, normaliseAxis, type DType } from '../../tensor/index.js';
import type { NodeImport, NodeImporter } from '../node-importer.js';

const EPSILON = 1e-5;

export const BatchNormalization: NodeImport = (node) => {
  const { attributes } = node;
  const names = ['X', 'scale', 'B', 'input_mean', 'input_var'];
  const inputs = names.map((name, i) => node.input(i, name));
  const op = new BatchNormalizationOp({ epsilon: attributes.float('epsilon', EPSILON) });
  const momentum = attributes.float('momentum', 0.9);
  // Statistics for every element of a channel instead of every channel, in operator sets 7 and 8.
  if (!attributes.flag('spatial', true)) throw node.unsupported('attribute spatial=0 of BatchNormalization');
  if (attributes.flag('training_mode')) return normalizeByBatch(node, op, inputs, momentum);
  // Before operator set 14, asking for the other outputs is what meant training.
  const trained = [1, 2, 3, 4].find((i) => node.wants(i));
  if (trained !== undefined) {
    throw node.unsupported(`output ${trained} of BatchNormalization without training_mode=1`);
  }
  return node.emit1(op, inputs);
};

export const InstanceNormalization: NodeImport = (node) => {
  const inputs = [node.input(0, 'input'), node.input(1, 'scale'), node.input(2, 'B')];
  return node.emit1(new InstanceNormalizationOp(node.attributes.float('epsilon', EPSILON)), inputs);
};

export const GroupNormalization: NodeImport = (node) => {
  const { attributes } = node;
  ignorePrecision(node);
  const op = new GroupNormalizationOp({
    groups: requiredInt(node, 'num_groups'),
    epsilon: attributes.float('epsilon', EPSILON),
    affine: node.opset < 21 ? 'group' : 'channel',
  });
  return node.emit1(op, [node.input(0, 'X'), node.input(1, 'scale'), node.input(2, 'bias')]);
};

/** Element types that `stash_type` can give LayerNormalization's statistics, by ONNX's numbers. */
const STATISTICS_TYPES: Readonly<Record<number, DType>> = { 1: 'f32', 16: 'bf16' };

export const LayerNormalization: NodeImport = (node) => {
  const { attributes } = node;
  const x = node.input(0, 'X');
  const stashType = attributes.int('stash_type', 1);
  const stash = STATISTICS_TYPES[stashType];
  if (!stash) throw node.unsupported(`attribute stash_type=${stashType} of LayerNormalization`);
  const op = new LayerNormalizationOp({
    axis: normaliseAxis(attributes.int('axis', -1), x.type.dims.length),
    epsilon: attributes.float('epsilon', EPSILON),
    statistics: node.wants(1) || node.wants(2) ? stash : undefined,
  });
  return node.emit(op, [x, node.input(1, 'Scale'), node.optional(2)]);
};

export const RMSNormalization: NodeImport = (node) => {
  const x = node.input(0, 'X');
  ignorePrecision(node);
  const axis = normaliseAxis(node.attributes.int('axis', -1), x.type.dims.length);
  const op = new RMSNormalizationOp(axis, node.attributes.float('epsilon', EPSILON));
  return node.emit1(op, [x, node.input(1, 'scale')]);
};

export const LRN: NodeImport = (node) => {
  const { attributes } = node;
  const op = new LRNOp({
    size: requiredInt(node, 'size'),
    alpha: attributes.float('alpha', 1e-4),
    beta: attributes.float('beta', 0.75),
    bias: attributes.float('bias', 1),
  });
  return node.emit1(op, [node.input(0, 'X')]);
};

export const MeanVarianceNormalization: NodeImport = (node) => {
  const x = node.input(0, 'X');
  // Operator sets 7 and 8 have two flags instead of axes.
  if (node.opset < 9) throw node.unsupported('MeanVarianceNormalization before operator set 9');
  const axes = normaliseAxes(node.attributes.ints('axes', [0, 2, 3]), x.type.dims.length);
  return node.emit1(new MeanVarianceNormalizationOp(axes.sort((a, b) => a - b)), [x]);
};

export const LpNormalization: NodeImport = (node) => {
  const x = node.input(0, 'input');
  const p = node.attributes.int('p', 2);
  if (p !== 1 && p !== 2) throw node.unsupported(`attribute p=${p} of LpNormalization`);
  const axis = normaliseAxis(node.attributes.int('axis', -1), x.type.dims.length);
  return node.emit1(new LpNormalizationOp(axis, p), [x]);
};

/**
 * Normalises by the batch's own statistics. Outputs: y, and the running statistics, input * momentum +
 * batch * (1 - momentum).
 *
 * The variance is the mean square (of all elements, not all but one) of deviations from the mean: the mean of squares
 * less the squared mean would cancel. ONNX has statistics in single precision at least, as sums of float16 overflow.
 */
function normalizeByBatch(
  node: NodeImporter,
  op: BatchNormalizationOp,
  inputs: readonly Value[],
  momentum: number,
): (Value | undefined)[] {
  // Before anything is computed from them.
  op.infer(inputs.map(({ type }) => type));
  const [x, scale, bias, oldMean, oldVariance] = inputs;
  const dtype = [x, oldMean, oldVariance].some(({ type }) => type.dtype === 'f64') ? 'f64' : 'f32';
  const axes = otherAxes([1], x.type.dims.length);
  const wide = cast(node, x, dtype);
  const center = node.emit1(new Reduce(reduceMean, axes, true), [wide]);
  const deviation = node.emit1(new Binary(sub), [wide, center]);
  const square = node.emit1(new Binary(mul), [deviation, deviation]);
  const variance = node.emit1(new Reduce(reduceMean, axes, false), [square]);
  const mean = node.emit1(new Reshape(variance.type.dims), [center]);
  const y = node.emit1(op, [x, scale, bias, mean, variance]);
  const scaled = (value: Value, factor: number): Value =>
    node.emit1(new Binary(mul), [value, node.constant(Tensor.scalar(dtype, factor), 'momentum')]);
  const running = (old: Value, batch: Value): Value => {
    const parts = [scaled(cast(node, old, dtype), momentum), scaled(batch, 1 - momentum)];
    return cast(node, node.emit1(new Binary(add), parts), old.type.dtype);
  };
  return [
    y,
    node.wants(1) ? running(oldMean, mean) : undefined,
    node.wants(2) ? running(oldVariance, variance) : undefined,
  ];
}

/** The value as another element type. */
function cast(node: NodeImporter, value: Value, dtype: DType): Value {
  return value.type.dtype === dtype ? value : node.emit1(new Cast(dtype), [value]);
}

/** @throws GraphError when the attribute is missing */
function requiredInt(node: NodeImporter, name: string): number {
  const value = node.attributes.int(name);
  if (value === undefined) {
    throw new GraphError(`attribute ${name} is missing`, {
      remedy: `${node.opType} needs it: export the model again.`,
    });
  }
  return value;
}

/** `stash_type` asks for a precision of intermediates: Lanewise has at least f32 in any case. */
function ignorePrecision(node: NodeImporter): void {
  node.attributes.ignore('stash_type');
}
