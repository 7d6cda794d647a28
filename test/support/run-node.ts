/** Runs single ONNX nodes through their importers and references, for tests. */
import type { Node } from '../../src/graph/index.js';
import { OnnxModel } from '../../src/onnx/index.js';
import type { Tensor } from '../../src/tensor/index.js';
import { makeModel, makeNode, port, type AttributeInput } from './onnx-builder.js';

export interface NodeCase {
  readonly attributes?: Readonly<Record<string, AttributeInput>>;
  /** Version of the operator set; 21 when left out. */
  readonly opset?: number;
  /** How many outputs the model asks for; 1 when left out. */
  readonly outputs?: number;
}

/**
 * Imports a node and evaluates it by its ops' references. Inputs are constants, so that importing evaluates it.
 * @param inputs undefined leaves an optional input out
 */
export async function runNode(
  opType: string,
  inputs: readonly (Tensor | undefined)[],
  { attributes = {}, opset = 21, outputs = 1 }: NodeCase = {},
): Promise<Tensor[]> {
  const inputNames = inputs.map((tensor, i) => (tensor ? `x${i}` : ''));
  const outputNames = Array.from({ length: outputs }, (_, i) => `y${i}`);
  const bytes = makeModel({
    nodes: [makeNode(opType, inputNames, outputNames, attributes)],
    outputs: Object.fromEntries(outputNames.map((name) => [name, port('f32')])),
    initializers: Object.fromEntries(inputs.flatMap((tensor, i) => (tensor ? [[`x${i}`, tensor]] : []))),
    opset,
  });
  const graph = (await OnnxModel.parse(bytes)).build({ dims: new Map() });
  return graph.outputs.map(({ name, value }) => {
    if (!value.constant) throw new Error(`${name} of ${opType} was not evaluated while importing`);
    return value.constant.tensor;
  });
}

/** `runNode` for nodes of which the first output alone is wanted. */
export async function runNode1(
  opType: string,
  inputs: readonly (Tensor | undefined)[],
  options: NodeCase = {},
): Promise<Tensor> {
  return (await runNode(opType, inputs, options))[0];
}

/** The graph nodes that an ONNX node with one f32 graph input becomes. */
export async function importNode(
  opType: string,
  dims: readonly number[],
  { attributes = {}, opset = 21 }: NodeCase = {},
): Promise<Node[]> {
  const bytes = makeModel({
    nodes: [makeNode(opType, ['x'], ['y'], attributes)],
    inputs: { x: port('f32', dims) },
    outputs: { y: port('f32') },
    opset,
  });
  const graph = (await OnnxModel.parse(bytes)).build({ dims: new Map([['x', dims]]) });
  return [...graph.nodes];
}
