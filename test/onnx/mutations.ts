/**
 * Damage for ONNX files: to their bytes, and, where that would only end in "not a protobuf", to the messages. All
 * choices are numbers, so that fast-check can draw and shrink them.
 */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProto_DataLocation as DataLocation,
  TensorShapeProto_DimensionSchema,
  ValueInfoProtoSchema,
  type AttributeProto,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
} from 'onnx-buf';
import { importers } from '../../src/onnx/ops/index.js';

/** Draws: an index below `count`. Every call takes the next of the mutation's numbers. */
export type Pick = (count: number) => number;

/** Numbers of a mutation as draws; past the end it counts on, so that any list of numbers will do. */
export function pickFrom(numbers: readonly number[]): Pick {
  let next = 0;
  return (count) => {
    const number = numbers[next % numbers.length] + Math.floor(next / numbers.length);
    next++;
    return count === 0 ? 0 : number % count;
  };
}

const ODD_INTEGERS: readonly bigint[] = [
  0,
  1,
  -1,
  2,
  3,
  -2,
  5,
  7,
  64,
  1000,
  65_537,
  1e7,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31),
  2 ** 40,
  2 ** 53,
  2 ** 62,
  -(2 ** 63),
]
  .map(BigInt)
  .concat(2n ** 63n - 1n);
const ODD_FLOATS = [0, -0, 1, -1, 0.5, 1e-30, 1e30, -1e30, Infinity, -Infinity, NaN];
const ODD_STRINGS = [
  '',
  'constant',
  'SAME_UPPER',
  'linear',
  'NOTSET',
  '\u0000',
  '__proto__',
  'constructor',
  'é'.repeat(300),
];
const OPERATORS = [...importers.keys(), 'If', 'Loop', 'Scan', 'toString', 'constructor', '', 'Conv2'];

const oneOf = <T>(list: readonly T[], pick: Pick): T | undefined => list[pick(list.length)];

/** Bytes of a file outside its weights, where damage changes more than a number. */
export function structuralOffsets(bytes: Uint8Array): number[] {
  const weights = (fromBinary(ModelProtoSchema, bytes).graph?.initializer ?? [])
    .map(({ rawData }) => rawData)
    .filter((raw) => raw.length > 64 && raw.buffer === bytes.buffer);
  const offsets: number[] = [];
  for (let offset = 0; offset < bytes.length; offset++) {
    const at = offset + bytes.byteOffset;
    const raw = weights.find(({ byteOffset, length }) => at >= byteOffset && at < byteOffset + length);
    if (raw) offset = raw.byteOffset + raw.length - bytes.byteOffset - 1;
    else offsets.push(offset);
  }
  return offsets;
}

type ByteMutation = (bytes: Uint8Array, at: number, pick: Pick) => Uint8Array;

const splice = (bytes: Uint8Array, at: number, removed: number, added: Uint8Array): Uint8Array => {
  const rest = bytes.subarray(Math.min(bytes.length, at + removed));
  const result = new Uint8Array(at + added.length + rest.length);
  result.set(bytes.subarray(0, at));
  result.set(added, at);
  result.set(rest, at + added.length);
  return result;
};

/** Damage to the bytes at a place. */
const BYTE_MUTATIONS: readonly ByteMutation[] = [
  (bytes, at, pick) => {
    const copy = bytes.slice();
    copy[at] ^= 1 << pick(8);
    return copy;
  },
  (bytes, at, pick) => {
    const copy = bytes.slice();
    copy[at] = pick(256);
    return copy;
  },
  (bytes, at) => bytes.slice(0, at),
  (bytes, at, pick) =>
    splice(
      bytes,
      at,
      0,
      Uint8Array.from({ length: 1 + pick(9) }, () => pick(256)),
    ),
  (bytes, at, pick) => splice(bytes, at, 1 + pick(9), new Uint8Array()),
  (bytes, at, pick) => splice(bytes, at, 0, bytes.slice(at, at + 1 + pick(60))),
  // A field of another number and wire type with a length of its own.
  (bytes, at, pick) =>
    splice(bytes, at, 0, Uint8Array.from([pick(256), pick(6), pick(256), pick(256), 0, 0, 0, 0])),
  // The longest varint.
  (bytes, at) => splice(bytes, at, 1, new Uint8Array(10).fill(255)),
];

const ATTRIBUTE_TYPES = [
  AttributeType.UNDEFINED,
  AttributeType.FLOAT,
  AttributeType.INT,
  AttributeType.STRING,
  AttributeType.TENSOR,
  AttributeType.GRAPH,
  AttributeType.FLOATS,
  AttributeType.INTS,
];

/** Changes a message in place. */
type ProtoMutation = (graph: GraphProto, pick: Pick, model: ModelProto) => void;

const node = (graph: GraphProto, pick: Pick): NodeProto | undefined => oneOf(graph.node, pick);
const initializer = (graph: GraphProto, pick: Pick): TensorProto | undefined =>
  oneOf(graph.initializer, pick);
const attribute = (graph: GraphProto, pick: Pick): AttributeProto | undefined =>
  oneOf(
    graph.node.flatMap((each) => each.attribute),
    pick,
  );

function names(graph: GraphProto): string[] {
  return [
    ...graph.input.map(({ name }) => name),
    ...graph.initializer.map(({ name }) => name),
    ...graph.node.flatMap(({ output }) => output),
    '',
    'nowhere',
  ];
}

/** Replaces an element of a list, adds one, or takes one out. */
function disturb<T>(list: T[], value: T | undefined, pick: Pick): void {
  const at = pick(list.length);
  const kind = pick(4);
  if (value === undefined || kind === 0) list.splice(at, 1);
  else if (kind === 1) list.splice(at, 0, value);
  else list[at] = value;
}

const oddInteger = (pick: Pick): bigint => ODD_INTEGERS[pick(ODD_INTEGERS.length)];
const oddFloat = (pick: Pick): number => ODD_FLOATS[pick(ODD_FLOATS.length)];
const oddString = (pick: Pick): string => ODD_STRINGS[pick(ODD_STRINGS.length)];

/** Element types by ONNX's number with their bytes per element. */
const CODES: readonly (readonly [number, number])[] = [
  [1, 4],
  [2, 1],
  [3, 1],
  [6, 4],
  [7, 8],
  [9, 1],
  [10, 2],
  [11, 8],
  [12, 4],
  [16, 2],
];

const smallDims = (pick: Pick): bigint[] =>
  Array.from({ length: pick(5) }, () => [1n, 2n, 3n, 0n, 5n][pick(5)]);

/** Changes that leave a file sound and only its shapes, types and settings odd: these get past the first checks. */
const DEEP_MUTATIONS: readonly ProtoMutation[] = [
  // Another tensor, whole in itself.
  (graph, pick) => {
    const tensor = initializer(graph, pick);
    if (!tensor) return;
    tensor.dims = smallDims(pick);
    if (pick(3) === 0) tensor.dataType = CODES[pick(CODES.length)][0];
    const [, bytes] = CODES.find(([code]) => code === tensor.dataType) ?? CODES[0];
    const length = Number(tensor.dims.reduce((product, dim) => product * dim, 1n)) * bytes;
    const old = tensor.rawData;
    tensor.rawData = Uint8Array.from({ length }, (_, i) => old[i % Math.max(1, old.length)] ?? 0);
  },
  (graph, pick) => {
    const type = oneOf(graph.input, pick)?.type?.value;
    if (type?.case !== 'tensorType' || !type.value.shape) return;
    const shape = type.value.shape;
    const dims = pick(2) === 0 ? smallDims(pick) : shape.dim.map(() => [1n, 2n, 3n, 0n, 9n][pick(5)]);
    shape.dim = dims.map((value) =>
      create(TensorShapeProto_DimensionSchema, { value: { case: 'dimValue', value } }),
    );
  },
  (graph, pick) => {
    const integers = graph.node
      .flatMap((each) => each.attribute)
      .filter(({ type }) => type === AttributeType.INT);
    const found = oneOf(integers, pick);
    if (found) found.i = oddInteger(pick);
  },
  (graph, pick) => {
    const lists = graph.node
      .flatMap((each) => each.attribute)
      .filter(({ type, ints }) => type === AttributeType.INTS && ints.length > 0);
    const found = oneOf(lists, pick);
    if (found) found.ints[pick(found.ints.length)] = oddInteger(pick);
  },
  (graph, pick) => {
    const numbers = graph.node
      .flatMap((each) => each.attribute)
      .filter(({ type }) => type === AttributeType.FLOAT);
    const found = oneOf(numbers, pick);
    if (found) found.f = oddFloat(pick);
  },
  (graph, pick) => {
    const small = graph.initializer.filter(({ dataType, rawData }) => dataType === 7 && rawData.length >= 8);
    const tensor = oneOf(small, pick);
    if (!tensor) return;
    tensor.rawData = tensor.rawData.slice();
    const view = new DataView(tensor.rawData.buffer);
    view.setBigInt64(8 * pick(Math.floor(tensor.rawData.length / 8)), oddInteger(pick), true);
  },
  // A tensor that was known becomes one that the caller gives, and the other way round.
  (graph, pick) => {
    const [tensor] = graph.initializer.splice(pick(graph.initializer.length), 1);
    if (!tensor) return;
    const dim = tensor.dims.map((value) => ({ value: { case: 'dimValue' as const, value } }));
    const type = {
      value: { case: 'tensorType' as const, value: { elemType: tensor.dataType, shape: { dim } } },
    };
    graph.input.push(create(ValueInfoProtoSchema, { name: tensor.name, type }));
  },
  (graph, pick) => disturb(node(graph, pick)?.input ?? [], oneOf(names(graph).slice(0, -2), pick), pick),
];

/** Damage to the messages. */
const PROTO_MUTATIONS: readonly ProtoMutation[] = [
  (graph, pick) => disturb(initializer(graph, pick)?.dims ?? [], oddInteger(pick), pick),
  (graph, pick) => {
    const tensor = initializer(graph, pick);
    if (tensor) tensor.dataType = pick(30) - 1;
  },
  (graph, pick) => {
    const tensor = initializer(graph, pick);
    if (tensor) tensor.rawData = tensor.rawData.slice(0, pick(tensor.rawData.length + 1));
  },
  (graph, pick) => {
    const floats = oneOf(
      graph.initializer.filter(({ dataType, rawData }) => dataType === 1 && rawData.length >= 4),
      pick,
    );
    if (!floats) return;
    floats.rawData = floats.rawData.slice();
    new DataView(floats.rawData.buffer).setFloat32(
      4 * pick(Math.floor(floats.rawData.length / 4)),
      oddFloat(pick),
      true,
    );
  },
  (graph, pick) => {
    const tensor = initializer(graph, pick);
    if (!tensor) return;
    tensor.dataLocation = DataLocation.EXTERNAL;
  },
  (graph, pick) => {
    const tensor = initializer(graph, pick);
    if (tensor) tensor.name = names(graph)[pick(names(graph).length)];
  },
  (graph, pick) => void graph.initializer.splice(pick(graph.initializer.length), 1),
  (graph, pick) => {
    const found = attribute(graph, pick);
    if (found) found.i = oddInteger(pick);
  },
  (graph, pick) => {
    const found = attribute(graph, pick);
    if (found) disturb(found.ints, oddInteger(pick), pick);
  },
  (graph, pick) => {
    const found = attribute(graph, pick);
    if (found) [found.f, found.floats] = [oddFloat(pick), found.floats.map(() => oddFloat(pick))];
  },
  (graph, pick) => {
    const found = attribute(graph, pick);
    if (found) found.s = new TextEncoder().encode(oddString(pick));
  },
  (graph, pick) => {
    const found = attribute(graph, pick);
    if (found) found.type = oneOf(ATTRIBUTE_TYPES, pick) ?? AttributeType.UNDEFINED;
  },
  (graph, pick) => {
    const found = attribute(graph, pick);
    if (found?.t) disturb(found.t.dims, oddInteger(pick), pick);
  },
  (graph, pick) => {
    const owner = node(graph, pick);
    if (owner) owner.attribute.splice(pick(owner.attribute.length), 1);
  },
  // What one node has, another gets: axes, kernel_shape, ceil_mode and their like where they mean something else.
  (graph, pick) => {
    const [given, owner] = [attribute(graph, pick), node(graph, pick)];
    if (given && owner) owner.attribute.push(create(AttributeProtoSchema, given));
  },
  (graph, pick) => {
    const type = pick(2) === 0 ? AttributeType.INT : AttributeType.FLOAT;
    const name = ['axis', 'group', 'p', 'mode', 'epsilon', 'keepdims', 'blocksize', 'to', 'size'][pick(9)];
    const added = create(AttributeProtoSchema, { name, type, i: oddInteger(pick), f: oddFloat(pick) });
    node(graph, pick)?.attribute.push(added);
  },
  (graph, pick) => {
    const name = ['pads', 'strides', 'dilations', 'kernel_shape', 'axes', 'perm', 'output_shape'][pick(7)];
    const ints = Array.from({ length: pick(6) }, () => oddInteger(pick));
    const owner = node(graph, pick);
    if (!owner) return;
    owner.attribute = owner.attribute.filter((each) => each.name !== name);
    owner.attribute.push(create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints }));
  },
  (graph, pick) => {
    const changed = node(graph, pick);
    if (changed) changed.opType = OPERATORS[pick(OPERATORS.length)];
  },
  (graph, pick) => {
    const changed = node(graph, pick);
    if (changed) changed.domain = ['', 'ai.onnx', 'com.microsoft'][pick(3)];
  },
  // Rewired: cycles, undefined names and values of other types and ranks.
  (graph, pick) => disturb(node(graph, pick)?.input ?? [], oneOf(names(graph), pick), pick),
  (graph, pick) => disturb(node(graph, pick)?.input ?? [], oneOf(names(graph), pick), pick),
  (graph, pick) => disturb(node(graph, pick)?.output ?? [], oneOf(names(graph), pick), pick),
  (graph, pick) => void graph.node.splice(pick(graph.node.length), 1),
  (graph, pick) => {
    const copied = node(graph, pick);
    if (copied) graph.node.splice(pick(graph.node.length), 0, create(NodeProtoSchema, copied));
  },
  (graph, pick) => graph.node.push(...graph.node.splice(0, pick(graph.node.length))),
  (graph, pick) => {
    const type = oneOf(graph.input, pick)?.type?.value;
    if (type?.case !== 'tensorType' || !type.value.shape) return;
    const value = { case: 'dimValue' as const, value: oddInteger(pick) };
    const dim = oneOf(type.value.shape.dim, pick);
    if (dim) dim.value = pick(4) === 0 ? { case: 'dimParam', value: oddString(pick) } : value;
  },
  (graph, pick) => {
    const type = oneOf(graph.input, pick)?.type?.value;
    if (type?.case === 'tensorType') type.value.elemType = pick(30) - 1;
  },
  (graph, pick) => {
    const port = oneOf([...graph.input, ...graph.output], pick);
    if (port) delete port.type;
  },
  (graph, pick) => {
    const port = oneOf([...graph.input, ...graph.output], pick);
    if (port) port.name = names(graph)[pick(names(graph).length)];
  },
  (graph, pick) => disturb(graph.output, oneOf(graph.output, pick), pick),
  (_graph, pick, model) => {
    const version = oneOf(model.opsetImport, pick);
    if (version)
      version.version = [7n, 9n, 10n, 11n, 12n, 13n, 14n, 18n, 19n, 21n, 6n, 0n, -1n, 2n ** 62n][pick(14)];
  },
];

/** A file with its messages changed; each change draws its own numbers. */
export function mutateMessages(bytes: Uint8Array, changes: readonly (readonly number[])[]): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes);
  for (const numbers of changes) {
    const pick = pickFrom(numbers);
    const kinds = pick(2) === 0 ? DEEP_MUTATIONS : PROTO_MUTATIONS;
    const mutate = kinds[pick(kinds.length)];
    if (model.graph) mutate(model.graph, pick, model);
  }
  return toBinary(ModelProtoSchema, model);
}

/** A file with its bytes changed at places outside its weights. */
export function mutateBytes(
  bytes: Uint8Array,
  offsets: readonly number[],
  changes: readonly (readonly number[])[],
): Uint8Array {
  let result = bytes;
  for (const numbers of changes) {
    const pick = pickFrom(numbers);
    const mutate = BYTE_MUTATIONS[pick(BYTE_MUTATIONS.length)];
    const at = Math.min(offsets[pick(offsets.length)], Math.max(0, result.length - 1));
    result = mutate(result, at, pick);
  }
  return result;
}
