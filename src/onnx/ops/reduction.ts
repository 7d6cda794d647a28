/** Reductions, arg-reductions, TopK and CumSum. */
import { ShapeError } from '../../errors.js';
import { ArgReduce, type Extreme } from '../../ops/arg-reduce.js';
import { CumSum as CumSumOp } from '../../ops/cum-sum.js';
import { Reduce, type ReduceFunction } from '../../ops/reduce.js';
import {
  reduceL1,
  reduceL2,
  reduceLogSum,
  reduceLogSumExp,
  reduceMax,
  reduceMean,
  reduceMin,
  reduceProd,
  reduceSum,
  reduceSumSquare,
} from '../../ops/reduce-functions.js';
import { TopK as TopKOp } from '../../ops/top-k.js';
import { normaliseAxes, normaliseAxis } from '../../tensor/index.js';
import { expectLength, integerInput, required } from '../integer-inputs.js';
import type { NodeImport, NodeImporter } from '../node-importer.js';

export const ReduceSum = importReduce(reduceSum);
export const ReduceMean = importReduce(reduceMean);
export const ReduceMax = importReduce(reduceMax);
export const ReduceMin = importReduce(reduceMin);
export const ReduceProd = importReduce(reduceProd);
export const ReduceL1 = importReduce(reduceL1);
export const ReduceL2 = importReduce(reduceL2);
export const ReduceSumSquare = importReduce(reduceSumSquare);
export const ReduceLogSum = importReduce(reduceLogSum);
export const ReduceLogSumExp = importReduce(reduceLogSumExp);

export const ArgMax = importArgReduce('max');
export const ArgMin = importArgReduce('min');

export const TopK: NodeImport = (node) => {
  const { attributes } = node;
  const x = node.input(0, 'X');
  // Any order will do where none is asked for: TopK's is one.
  attributes.ignore('sorted');
  const op = new TopKOp({
    k: countOf(node),
    axis: normaliseAxis(attributes.int('axis', -1), x.type.dims.length),
    largest: attributes.flag('largest', true),
  });
  return node.emit(op, [x]);
};

export const CumSum: NodeImport = (node) => {
  const { attributes } = node;
  const x = node.input(0, 'x');
  const axis = required(integerInput(node, 1, 'axis'), 'axis');
  expectLength(axis, 1, 'axis');
  const op = new CumSumOp({
    axis: normaliseAxis(axis[0], x.type.dims.length),
    exclusive: attributes.flag('exclusive'),
    reverse: attributes.flag('reverse'),
  });
  return node.emit1(op, [x]);
};

/** TopK's k: an attribute before operator set 10, since then an input of one element. */
function countOf(node: NodeImporter): number {
  const attribute = node.attributes.int('k');
  if (attribute !== undefined) return attribute;
  const values = node.known(node.input(1, 'K'), 'K').toNumbers();
  if (values.length !== 1) {
    throw new ShapeError(`K has ${values.length} elements`, { remedy: 'Give one number.' });
  }
  return values[0];
}

function importReduce(fn: ReduceFunction): NodeImport {
  return (node) => {
    const { attributes } = node;
    const data = node.input(0, 'data');
    const rank = data.type.dims.length;
    // An input since operator set 18 (13 for ReduceSum), an attribute before.
    const given = attributes.ints('axes') ?? node.knownNumbers(1, 'axes') ?? [];
    const noop = attributes.flag('noop_with_empty_axes');
    const all = given.length === 0 && !noop;
    const axes = all ? data.type.dims.map((_, axis) => axis) : normaliseAxes(given, rank);
    const op = new Reduce(
      fn,
      axes.sort((a, b) => a - b),
      attributes.flag('keepdims', true),
    );
    return node.emit1(op, [data]);
  };
}

function importArgReduce(extreme: Extreme): NodeImport {
  return (node) => {
    const { attributes } = node;
    const data = node.input(0, 'data');
    const op = new ArgReduce(extreme, {
      axis: normaliseAxis(attributes.int('axis', 0), data.type.dims.length),
      keepdims: attributes.flag('keepdims', true),
      selectLastIndex: attributes.flag('select_last_index'),
    });
    return node.emit1(op, [data]);
  };
}
