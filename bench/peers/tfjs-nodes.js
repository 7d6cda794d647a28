/** Lanewise's nodes as calls of TensorFlow.js in NHWC. Weights are uploaded once, in the order that it wants. */

/**
 * A function per node, in the order of the graph.
 * @param tf the library, on the backend that will run
 * @param graph a graph after Lanewise's rewrites: activations and residuals fused, batch normalisations folded
 * @returns {{output: object, compute: (values: Map) => object}[]}
 */
export function prepareNodes(tf, graph) {
  return Array.from(graph.nodes, (node) => {
    const make = MAKERS[node.op.type];
    if (!make) throw new Error(`there is no TensorFlow.js for ${node.label}`);
    return { output: node.outputs[0], compute: make(tf, node) };
  });
}

const MAKERS = {
  Conv: makeConv,
  MaxPool: (tf, { op, inputs: [x] }) => {
    const rounding = op.ceilMode ? 'ceil' : 'floor';
    const pad = padOf(op);
    return (values) => tf.maxPool(values.get(x), op.kernel, op.strides, pad, rounding);
  },
  AveragePool: (tf, { op, inputs: [x] }) => {
    if (op.kernel.some((extent, axis) => extent !== x.type.dims[axis + 2])) {
      throw new Error('there is no TensorFlow.js for average pooling of less than a plane');
    }
    return (values) => tf.mean(values.get(x), [1, 2], true);
  },
  Gemm: makeGemm,
  Add:
    (tf, { inputs: [a, b] }) =>
    (values) =>
      tf.add(values.get(a), values.get(b)),
  Relu:
    (tf, { inputs: [x] }) =>
    (values) =>
      tf.relu(values.get(x)),
  Concat:
    (tf, { inputs }) =>
    (values) =>
      tf.concat(
        inputs.map((value) => values.get(value)),
        3,
      ),
  Reshape:
    (tf, { op, inputs: [x] }) =>
    (values) =>
      tf.reshape(values.get(x), op.dims),
  Softmax:
    (tf, { inputs: [x] }) =>
    (values) =>
      tf.softmax(values.get(x)),
};

/** Weights are [M, C, H, W] here and [H, W, C, M] there, or [H, W, C, 1] where every channel is its own group. */
function makeConv(tf, { op, inputs: [x, w, b, residual] }) {
  const depthwise = op.group > 1;
  if (depthwise && (op.group !== x.type.dims[1] || w.type.dims[0] !== op.group)) {
    throw new Error('there is no TensorFlow.js for grouped convolutions that are not depthwise');
  }
  const call = depthwise ? tf.fused.depthwiseConv2d : tf.fused.conv2d;
  const fixed = {
    filter: upload(tf, w, depthwise ? [2, 3, 0, 1] : [2, 3, 1, 0]),
    bias: b && upload(tf, b),
    strides: op.strides,
    pad: padOf(op),
    dimRoundingMode: 'floor',
    activation: residual ? 'linear' : activationOf(op),
  };
  if (!residual) return (values) => call({ ...fixed, x: values.get(x) });
  const activate = op.activation ? tf[activationOf(op)] : (y) => y;
  return (values) => activate(tf.add(call({ ...fixed, x: values.get(x) }), values.get(residual)));
}

/** Weights are [units, inputs] here and [inputs, units] there; behind a flattening, inputs are in the order of NHWC. */
function makeGemm(tf, { op, inputs: [x, w, b] }) {
  if (!op.transB || op.transA || op.alpha !== 1 || op.beta !== 1) {
    throw new Error('there is no TensorFlow.js for this Gemm');
  }
  const flattened = x.producer?.op.type === 'Reshape' ? x.producer.inputs[0].type.dims : undefined;
  const weights = flattened ? uploadFlattened(tf, w, flattened.slice(1)) : upload(tf, w, [1, 0]);
  const fixed = { b: weights, bias: b && upload(tf, b), activation: activationOf(op) };
  return (values) => tf.fused.matMul({ ...fixed, a: values.get(x) });
}

function upload(tf, { constant }, order) {
  const { data, dims } = constant.tensor;
  const tensor = tf.tensor(data, dims);
  if (!order) return tensor;
  const transposed = tf.transpose(tensor, order);
  tensor.dispose();
  return transposed;
}

/** [units, C * H * W] to [H * W * C, units]. */
function uploadFlattened(tf, { constant }, [channels, height, width]) {
  const { data, dims } = constant.tensor;
  const [units, inputs] = dims;
  return tf.tidy(() => {
    const planes = tf.tensor(data, [units, channels, height, width]);
    return tf.reshape(tf.transpose(planes, [2, 3, 1, 0]), [inputs, units]);
  });
}

function padOf({ padsBegin, padsEnd }) {
  const [pad] = padsBegin;
  if ([...padsBegin, ...padsEnd].some((other) => other !== pad)) {
    throw new Error('there is no TensorFlow.js for padding that differs from side to side');
  }
  return pad;
}

function activationOf({ activation }) {
  if (!activation) return 'linear';
  const { name, parameters } = activation;
  if (name === 'Relu') return 'relu';
  if (name === 'Clip' && parameters.min === 0 && parameters.max === 6) return 'relu6';
  throw new Error(`there is no TensorFlow.js for the activation ${name}`);
}
