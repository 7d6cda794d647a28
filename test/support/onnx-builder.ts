/** Builds small ONNX models in memory, for tests. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
  TensorProto_DataLocation as DataLocation,
  ValueInfoProtoSchema,
  type AttributeProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from 'onnx-buf';
import type { ModelDim } from '../../src/graph/index.js';
import { tensorToPb } from '../../src/onnx/index.js';
import { codeOfDType, type ExternalLocation } from '../../src/onnx/tensor-proto.js';
import { Tensor, type DType } from '../../src/tensor/index.js';

/**
 * An attribute's value. Plain numbers become INT (FLOAT when they have a fraction) and lists of numbers INTS
 * (FLOATS when one has a fraction); `{ float: 1 }` and `{ floats: [1, 2] }` say it outright.
 */
export type AttributeInput =
  | number
  | bigint
  | string
  | Tensor
  | readonly number[]
  | readonly string[]
  | { readonly float: number }
  | { readonly floats: readonly number[] };

/** An input or output: element type, and dims of which names are symbolic and null is unknown. */
export interface PortInput {
  readonly dtype: DType;
  /** Left out, not even the rank is declared. */
  readonly dims?: readonly ModelDim[];
}

export interface ModelInput {
  readonly nodes: readonly NodeProto[];
  readonly inputs?: Readonly<Record<string, PortInput>>;
  readonly outputs: Readonly<Record<string, PortInput>>;
  /** Weights by name: tensors, or protos made by `makeTensorProto` or `makeExternalTensorProto`. */
  readonly initializers?: Readonly<Record<string, Tensor>> | readonly TensorProto[];
  /** Version of ONNX's own operator set; 21 when left out. */
  readonly opset?: number;
  /** Versions of other operator sets by domain. */
  readonly domains?: Readonly<Record<string, number>>;
  readonly name?: string;
  readonly producer?: string;
}

/** A port for `makeModel`: `port('f32', ['N', 3, 8, 8])`. */
export function port(dtype: DType, dims?: readonly ModelDim[]): PortInput {
  return dims ? { dtype, dims } : { dtype };
}

/** Bytes of a model file. */
export function makeModel(model: ModelInput): Uint8Array<ArrayBuffer> {
  return toBinary(ModelProtoSchema, makeModelProto(model));
}

/** The message behind `makeModel`, for tests that damage it before they serialise it. */
export function makeModelProto(model: ModelInput): ModelProto {
  const { nodes, inputs = {}, outputs, initializers = {}, opset = 21, domains = {} } = model;
  return create(ModelProtoSchema, {
    irVersion: 10n,
    producerName: model.producer ?? 'onnx-builder',
    opsetImport: Object.entries({ '': opset, ...domains }).map(([domain, version]) => ({
      domain,
      version: BigInt(version),
    })),
    graph: {
      name: model.name ?? 'test',
      node: [...nodes],
      input: Object.entries(inputs).map(([name, input]) => valueInfo(name, input)),
      output: Object.entries(outputs).map(([name, output]) => valueInfo(name, output)),
      initializer: isList(initializers)
        ? [...initializers]
        : Object.entries(initializers).map(([name, tensor]) => makeTensorProto(name, tensor)),
    },
  });
}

/**
 * A node.
 * @param inputs names of values; '' leaves an optional input out
 */
export function makeNode(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, AttributeInput>> = {},
  { name = '', domain = '' }: { readonly name?: string; readonly domain?: string } = {},
): NodeProto {
  return create(NodeProtoSchema, {
    opType,
    name,
    domain,
    input: [...inputs],
    output: [...outputs],
    attribute: Object.entries(attributes).map(([key, value]) => makeAttribute(key, value)),
  });
}

/** A tensor with its data inline, as raw bytes. */
export function makeTensorProto(name: string, tensor: Tensor): TensorProto {
  return fromBinary(TensorProtoSchema, tensorToPb(name, tensor));
}

/** A tensor whose data lies in another file. */
export function makeExternalTensorProto(
  name: string,
  dtype: DType,
  dims: readonly number[],
  { location, offset, length }: Partial<ExternalLocation>,
): TensorProto {
  const entries = Object.entries({ location, offset, length }).filter(([, value]) => value !== undefined);
  return create(TensorProtoSchema, {
    name,
    dataType: codeOfDType(dtype),
    dims: dims.map(BigInt),
    dataLocation: DataLocation.EXTERNAL,
    externalData: entries.map(([key, value]) => ({ key, value: String(value) })),
  });
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** `Array.isArray` does not narrow read-only lists. */
function isList(value: object): value is readonly TensorProto[] {
  return Array.isArray(value);
}

function valueInfo(name: string, { dtype, dims }: PortInput): ValueInfoProto {
  const dim = dims?.map((size) => ({
    value:
      typeof size === 'number'
        ? { case: 'dimValue' as const, value: BigInt(size) }
        : typeof size === 'string'
          ? { case: 'dimParam' as const, value: size }
          : { case: undefined },
  }));
  return create(ValueInfoProtoSchema, {
    name,
    type: {
      value: {
        case: 'tensorType',
        value: { elemType: codeOfDType(dtype), ...(dim && { shape: { dim } }) },
      },
    },
  });
}

function makeAttribute(name: string, value: AttributeInput): AttributeProto {
  if (typeof value === 'bigint')
    return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: value });
  if (typeof value === 'string') {
    return create(AttributeProtoSchema, { name, type: AttributeType.STRING, s: bytes(value) });
  }
  if (value instanceof Tensor) {
    return create(AttributeProtoSchema, { name, type: AttributeType.TENSOR, t: makeTensorProto('', value) });
  }
  if (typeof value === 'number') {
    return makeAttribute(name, Number.isInteger(value) ? BigInt(value) : { float: value });
  }
  if ('float' in value) {
    return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value.float });
  }
  if ('floats' in value) {
    return create(AttributeProtoSchema, { name, type: AttributeType.FLOATS, floats: [...value.floats] });
  }
  const numbers = value.filter((item) => typeof item === 'number');
  if (numbers.length < value.length) {
    return create(AttributeProtoSchema, {
      name,
      type: AttributeType.STRINGS,
      strings: value.map((item) => bytes(String(item))),
    });
  }
  return numbers.every(Number.isInteger)
    ? create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: numbers.map(BigInt) })
    : makeAttribute(name, { floats: numbers });
}
