/** A network by name as files that network.py reads: layers as PyTorch's functions have them, weights and the image raw. */
import { openSync, writeFileSync, writeSync, closeSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Writes network.json, weights.bin and image.bin.
 * @param graph a graph of f32 tensors whose batch normalisations are folded, without fused activations or residuals
 * @param image a tensor of the input's dims
 * @throws Error for a layer that has no counterpart
 */
export function writeDescription(folder, graph, image) {
  const { plan, weights } = describe(graph);
  writeFileSync(join(folder, 'network.json'), JSON.stringify({ ...plan, dims: image.dims }));
  writeFileSync(join(folder, 'image.bin'), bytesOf(image.data));
  const file = openSync(join(folder, 'weights.bin'), 'w');
  try {
    for (const { data } of weights) writeSync(file, bytesOf(data));
  } finally {
    closeSync(file);
  }
}

/**
 * The network as data: values are numbers, 0 the input; `last` are the values that no later node reads.
 * @returns the plan, and the weights in the order of their offsets, which count elements
 */
export function describe(graph) {
  const nodes = Array.from(graph.nodes);
  const numbers = new Map([[graph.inputs[0], 0]]);
  for (const node of nodes) numbers.set(node.outputs[0], numbers.size);
  const output = graph.outputs[0].value;
  const lastReader = new Map(nodes.flatMap((node) => node.inputs.map((value) => [value, node])));
  const weights = [];
  let offset = 0;
  const place = ({ constant: { tensor } }) => {
    weights.push(tensor);
    offset += tensor.data.length;
    return { offset: offset - tensor.data.length, dims: tensor.dims };
  };
  const described = nodes.map((node) => {
    const given = node.inputs.filter((value) => value);
    const isLast = (value) => value !== output && lastReader.get(value) === node;
    const inputs = given.filter(({ constant }) => !constant);
    // What nobody else reads may be overwritten; the image is read again by the next run.
    const inplace = inputs.length === 1 && isOwn(inputs[0]) && readersOf(inputs[0], nodes) === 1;
    return {
      ...layerOf(node, inplace),
      inputs: inputs.map((value) => numbers.get(value)),
      weights: given.filter(({ constant }) => constant).map(place),
      output: numbers.get(node.outputs[0]),
      last: [...new Set(inputs)].filter((value) => isLast(value)).map((value) => numbers.get(value)),
    };
  });
  return { plan: { output: numbers.get(output), nodes: described }, weights };
}

/** Whether a value has memory of its own: the image is the caller's, and a reshape is its input's memory. */
function isOwn({ producer }) {
  return producer !== undefined && producer.op.type !== 'Reshape';
}

function readersOf(value, nodes) {
  return nodes.filter(({ inputs }) => inputs.includes(value)).length;
}

function layerOf(node, inplace) {
  const make = LAYERS[node.op.type];
  if (!make) throw new Error(`there is no PyTorch for ${node.label}`);
  if (node.op.activation || node.inputs[3])
    throw new Error(`${node.label} is fused: describe the graph before`);
  const { type = node.op.type, ...attributes } = make(node.op, node, inplace);
  return { type, attributes };
}

/** For each of Lanewise's ops PyTorch's layer and its attributes. */
const LAYERS = {
  Conv: ({ strides, dilations, padsBegin, padsEnd, group }) => ({
    strides,
    dilations,
    padsBegin,
    padsEnd,
    group,
  }),
  MaxPool: ({ kernel, strides, dilations, padsBegin, padsEnd, ceilMode }) => ({
    kernel,
    strides,
    dilations,
    padsBegin,
    padsEnd,
    ceilMode,
  }),
  AveragePool: (op, { inputs: [x] }) => {
    const isWholePlane = op.kernel.every((extent, axis) => extent === x.type.dims[axis + 2]);
    if (isWholePlane && op.padsBegin.every((pad) => pad === 0)) return { type: 'GlobalAveragePool' };
    throw new Error('there is no PyTorch here for average pooling of less than a plane');
  },
  Gemm: ({ alpha, beta, transA, transB }, { label }) => {
    if (transB && !transA && alpha === 1 && beta === 1) return { type: 'Linear' };
    throw new Error(`there is no PyTorch here for ${label}`);
  },
  Add: () => ({}),
  Relu: (_, __, inplace) => ({ inplace }),
  Clip: ({ fn: { parameters } }, _, inplace) => ({ min: parameters.min, max: parameters.max, inplace }),
  Concat: ({ axis }) => ({ axis }),
  Reshape: ({ dims }) => ({ dims }),
  Softmax: ({ axes }) => ({ axis: axes[0] }),
};

function bytesOf(data) {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
