/**
 * A network by name as an ONNX file, for the engines that read one: operator set 17, fixed shapes, weights inline. The
 * batch normalisations are expected to be folded, as `torch.onnx.export` leaves them.
 */
import { create, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
  TensorProto_DataType as DataType,
  ValueInfoProtoSchema,
} from 'onnx-buf';

/** Operator set 17 is what exporters wrote for years; nothing newer is needed. */
const OPSET = 17n;
const IR_VERSION = 8n;

const DATA_TYPES = { f32: DataType.FLOAT, f16: DataType.FLOAT16, i64: DataType.INT64 };

/**
 * Bytes of a ModelProto.
 * @param graph a graph of f32 tensors, without fused activations or residuals
 * @param halve makes an f16 tensor of an f32 one; given, weights and everything between the input and the output are f16
 */
export function writeOnnx(graph, { halve } = {}) {
  const writer = new GraphWriter(halve);
  if (!halve) for (const { name, value } of graph.outputs) writer.rename(value, name);
  for (const node of graph.nodes) writer.node(node);
  if (halve) for (const { name, value } of graph.outputs) writer.widen(value, name);
  const input = graph.inputs.map(({ name, type }) => valueInfo(name, type.dims));
  const output = graph.outputs.map(({ name, value }) => valueInfo(name, value.type.dims));
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: IR_VERSION,
      producerName: 'lanewise bench:peers',
      opsetImport: [{ domain: '', version: OPSET }],
      graph: { name: graph.name, node: writer.nodes, input, output, initializer: writer.initializers },
    }),
  );
}

/** Collects nodes and weights. */
class GraphWriter {
  nodes = [];
  initializers = [];
  #halve;
  /** Names under which values that are cast or written are read. */
  #names = new Map();

  constructor(halve) {
    this.#halve = halve;
  }

  node(node) {
    const write = WRITERS[node.op.type];
    if (!write) throw new Error(`there is no ONNX writer for ${node.label}`);
    if (node.op.activation || node.inputs[3])
      throw new Error(`${node.label} is fused: write the graph before`);
    const inputs = node.inputs.map((value) => (value ? this.#read(value) : ''));
    const { type, attributes = {}, constants = [] } = write(node.op, node);
    for (const [i, tensor] of constants.entries()) inputs.push(this.#constant(`${node.name}/${i}`, tensor));
    const [y] = node.outputs;
    this.#add(type ?? node.op.type, inputs, this.#names.get(y) ?? y.name, attributes, node.name);
  }

  /** Gives a value that is still to be written another name. */
  rename(value, name) {
    this.#names.set(value, name);
  }

  /** Casts an f16 value to f32. */
  widen(value, name) {
    this.#add('Cast', [this.#read(value)], name, { to: DataType.FLOAT }, `${name}/cast`);
  }

  /** The name to read a value by; the first reader of a weight writes it, that of an f16 network's input casts it. */
  #read(value) {
    const known = this.#names.get(value);
    if (known !== undefined) return known;
    const name = this.#introduce(value);
    this.#names.set(value, name);
    return name;
  }

  #introduce({ name, constant, producer }) {
    if (constant) return this.#constant(name, constant.tensor);
    if (producer || !this.#halve) return name;
    return this.#add('Cast', [name], `${name}/f16`, { to: DataType.FLOAT16 }, `${name}/cast`);
  }

  #constant(name, tensor) {
    const { dtype, dims, data } = tensor.dtype === 'f32' && this.#halve ? this.#halve(tensor) : tensor;
    const fields = {
      name,
      dataType: DATA_TYPES[dtype],
      dims: dims.map(BigInt),
      rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    };
    this.initializers.push(create(TensorProtoSchema, fields));
    return name;
  }

  #add(opType, input, output, attributes, name) {
    const attribute = Object.entries(attributes).map(([key, value]) => attributeOf(key, value));
    this.nodes.push(create(NodeProtoSchema, { opType, name, input, output: [output], attribute }));
    return output;
  }
}

/** For each of Lanewise's ops its ONNX operator, attributes, and inputs that are attributes in Lanewise. */
const WRITERS = {
  Conv: (op, { inputs }) => ({
    attributes: { kernel_shape: inputs[1].type.dims.slice(2), ...stepsOf(op), group: op.group },
  }),
  MaxPool: (op) => ({
    attributes: { kernel_shape: op.kernel, ...stepsOf(op), ceil_mode: Number(op.ceilMode) },
  }),
  AveragePool: (op, { inputs }) => {
    // As exporters write the mean of a plane.
    const isWholePlane = op.kernel.every((extent, axis) => extent === inputs[0].type.dims[axis + 2]);
    if (isWholePlane && op.padsBegin.every((pad) => pad === 0)) return { type: 'GlobalAveragePool' };
    throw new Error('there is no ONNX writer for average pooling of less than a plane');
  },
  Gemm: ({ alpha, beta, transA, transB }) => ({
    attributes: {
      alpha: { float: alpha },
      beta: { float: beta },
      transA: Number(transA),
      transB: Number(transB),
    },
  }),
  Add: () => ({}),
  Relu: () => ({}),
  Clip: ({ fn: { parameters } }) => ({ constants: [scalar(parameters.min), scalar(parameters.max)] }),
  Concat: ({ axis }) => ({ attributes: { axis } }),
  Reshape: ({ dims }) => ({
    constants: [{ dtype: 'i64', dims: [dims.length], data: BigInt64Array.from(dims, BigInt) }],
  }),
  Softmax: ({ axes }) => ({ attributes: { axis: axes[0] } }),
};

function stepsOf({ strides, dilations, padsBegin, padsEnd }) {
  return { strides, dilations, pads: [...padsBegin, ...padsEnd] };
}

function scalar(value) {
  return { dtype: 'f32', dims: [], data: Float32Array.of(value) };
}

function attributeOf(name, value) {
  if (Array.isArray(value)) {
    return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: value.map(BigInt) });
  }
  return typeof value === 'object'
    ? create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value.float })
    : create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) });
}

/** Inputs and outputs are f32 in f16 networks too. */
function valueInfo(name, dims) {
  const dim = dims.map((extent) => ({ value: { case: 'dimValue', value: BigInt(extent) } }));
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType: DataType.FLOAT, shape: { dim } } } },
  });
}
