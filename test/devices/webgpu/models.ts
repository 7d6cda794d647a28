/** Small models for sessions on WebGPU. */
import type { OnnxModel } from '../../../src/onnx/index.js';
import { loadModel } from '../../../src/node.js';
import { Tensor } from '../../../src/tensor/index.js';
import { makeModel, makeNode, port } from '../../support/onnx-builder.js';

/**
 * y = sigmoid(batch norm(leaky relu(x))) over [N, 8], in several launches and with weights: kernels that a software
 * GPU compiles in no time.
 */
export function small(): Promise<OnnxModel> {
  return loadModel(smallBytes());
}

/** The file of `small`. */
export function smallBytes(): Uint8Array<ArrayBuffer> {
  return makeModel({
    nodes: [
      makeNode('LeakyRelu', ['x'], ['h'], { alpha: 0.5 }),
      makeNode('BatchNormalization', ['h', 'scale', 'bias', 'mean', 'variance'], ['g']),
      makeNode('Sigmoid', ['g'], ['y']),
    ],
    inputs: { x: port('f32', ['N', 8]) },
    outputs: { y: port('f32', ['N', 8]) },
    initializers: {
      scale: weights(0.2, -0.9),
      bias: weights(-0.1, 0.5),
      mean: weights(0.1, -0.5),
      variance: weights(0.3, 0.2),
    },
  });
}

function weights(scale: number, shift: number): Tensor {
  const values = Array.from({ length: 8 }, (_, i) => scale * ((i * 7) % 11) + shift);
  return Tensor.from('f32', [8], values);
}

/** An input of `small`. */
export function rows(n: number, scale = 1): Tensor<'f32'> {
  const values = Array.from({ length: 8 * n }, (_, i) => (scale * (((i * 5) % 13) - 6)) / 10);
  return Tensor.from('f32', [n, 8], values);
}
