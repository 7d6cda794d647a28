/** The one file, with `proto-cost.ts`, that knows the protobuf library: bytes to and from ONNX messages. */
import { create, fromBinary, toBinary, type DescMessage, type MessageShape } from '@bufbuild/protobuf';
import {
  ModelProtoSchema,
  TensorProtoSchema,
  type AttributeProto,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from 'onnx-buf';
import { FormatError, LimitError } from '../errors.js';
import { decodedBytes } from './proto-cost.js';

export {
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataLocation as DataLocation,
} from 'onnx-buf';
export type { AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto };

/** Memory for decoded messages, beyond what is in proportion to the file: a million nodes and more. */
const MAX_DECODED_BYTES = 2 ** 29;

/** @throws FormatError when the bytes are not a ModelProto with a graph; LimitError when it is too fine-grained */
export function parseModelProto(bytes: Uint8Array): ModelProto {
  const model = parse('ONNX model', ModelProtoSchema, bytes);
  if (!model.graph || model.opsetImport.length === 0) {
    throw new FormatError('the file has no graph or names no operator set', {
      part: 'model',
      remedy: 'Check that it is an ONNX model (.onnx) and that it was copied whole.',
    });
  }
  return model;
}

/** @throws FormatError when the bytes are not a TensorProto */
export function parseTensorProto(bytes: Uint8Array): TensorProto {
  return parse('ONNX tensor', TensorProtoSchema, bytes);
}

/** Bytes of a TensorProto with raw data. */
export function serialiseTensorProto(fields: {
  name: string;
  dims: bigint[];
  dataType: number;
  rawData: Uint8Array<ArrayBuffer>;
}): Uint8Array<ArrayBuffer> {
  return toBinary(TensorProtoSchema, create(TensorProtoSchema, fields));
}

/** @param bytes a Node Buffer is viewed as a plain array: Buffer's own slice and map do not copy */
function parse<T extends DescMessage>(what: string, schema: T, bytes: Uint8Array): MessageShape<T> {
  // Floats take twice their bytes in a list of numbers.
  const limit = MAX_DECODED_BYTES + 2 * bytes.length;
  if (decodedBytes(bytes, schema, limit) > limit) {
    throw new LimitError(`the ${what} would take more than ${limit} bytes to decode`, {
      part: 'protobuf',
      remedy: 'It has millions of parts: export it again, with its weights as raw data.',
    });
  }
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return fromBinary(schema, plain, { readUnknownFields: false });
  } catch (cause) {
    throw new FormatError(`the bytes are not a readable ${what} (${(cause as Error).message})`, {
      part: 'protobuf',
      remedy: 'Check that the file is complete and of the right kind.',
      cause,
    });
  }
}

/** Text of a protobuf bytes field. */
export function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
