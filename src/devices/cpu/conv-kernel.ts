/** Convolution in f32 by the blocked kernels: 1-D and 2-D, any group. */
import type { Node } from '../../graph/index.js';
import { Conv } from '../../ops/conv.js';
import { tensorAt, type InputTensors, type InputTypes } from '../../ops/op.js';
import type { UnaryFunction } from '../../ops/unary.js';
import { relu } from '../../ops/unary-functions.js';
import { windowExtent } from '../../ops/window.js';
import { Tensor, type Dims } from '../../tensor/index.js';
import { activateRest, kernelActivation } from './activation.js';
import { conv2d, type Conv2dShape } from './fast/index.js';
import { allF32, type CpuKernel } from './kernel.js';

export const convKernel: CpuKernel = {
  id: 'conv_blocked_f32',
  accepts: (node) =>
    node.op instanceof Conv &&
    node.op.strides.length <= 2 &&
    allF32(node) &&
    node.op.strides.every((_, axis) => isOrdinary(node.op as Conv, node.inputTypes, axis)),
  run: (node: Node, inputs: InputTensors): Tensor[] => {
    const { op } = node;
    if (!(op instanceof Conv)) throw new TypeError(`${node.label} is no convolution`);
    const x = tensorAt(inputs, 0, 'x');
    const w = tensorAt(inputs, 1, 'w');
    const y = new Tensor('f32', node.outputs[0].type.dims);
    const residual = inputs[3]?.toFloat32();
    conv2d({
      shape: shapeOf(op, x.dims, w.dims),
      x: x.toFloat32(),
      weights: w.toFloat32(),
      ...(inputs[2] && { bias: inputs[2].toFloat32() }),
      out: y.data,
      ...(residual ? {} : kernelActivation(op.activation)),
    });
    if (residual) addAndActivate(y.data, residual, op.activation);
    else activateRest(y.data, op.activation);
    return [y];
  },
};

/** y = activation(y + residual), in place. */
function addAndActivate(
  y: Float32Array,
  residual: Float32Array,
  activation: UnaryFunction | undefined,
): void {
  if (activation === relu) {
    // The one that residual networks have: a call per element would take longer than the sum.
    for (let i = 0; i < y.length; i++) {
      const sum = y[i] + residual[i];
      y[i] = sum < 0 ? 0 : sum;
    }
    return;
  }
  for (let i = 0; i < y.length; i++) {
    const sum = y[i] + residual[i];
    y[i] = activation ? activation.apply(sum) : sum;
  }
}

/** Largest distance between the first and the last input of a row of outputs: see `isOrdinary`. */
const MAX_SPAN = 1 << 16;

/**
 * Whether what windows span along an axis is of the order of the image. The kernels copy that much, border included,
 * and dilations, strides and pads of millions, which cost the reference nothing, would take gigabytes.
 */
function isOrdinary(op: Conv, [x, w]: InputTypes, axis: number): boolean {
  const input = x?.dims[axis + 2] ?? 0;
  const extent = windowExtent(w?.dims[axis + 2] ?? 0, op.dilations[axis]);
  const padded = input + op.padsBegin[axis] + op.padsEnd[axis];
  return Math.max(extent, op.strides[axis], padded) <= Math.max(MAX_SPAN, 4 * input);
}

/** A number for height and one for width; one spatial axis is the width. */
function along(list: readonly number[], height: number): [number, number] {
  return list.length === 2 ? [list[0], list[1]] : [height, list[0]];
}

/** The 2-D shape; one spatial axis becomes the width of height 1. */
function shapeOf(op: Conv, x: Dims, w: Dims): Conv2dShape {
  const [inHeight, inWidth] = along(x.slice(2), 1);
  const [kernelHeight, kernelWidth] = along(w.slice(2), 1);
  const [strideHeight, strideWidth] = along(op.strides, 1);
  const [dilationHeight, dilationWidth] = along(op.dilations, 1);
  const [padTop, padLeft] = along(op.padsBegin, 0);
  const [padBottom, padRight] = along(op.padsEnd, 0);
  return {
    batch: x[0],
    inChannels: x[1],
    inHeight,
    inWidth,
    outChannels: w[0],
    kernelHeight,
    kernelWidth,
    strideHeight,
    strideWidth,
    dilationHeight,
    dilationWidth,
    padTop,
    padLeft,
    padBottom,
    padRight,
    groups: op.group,
  };
}
