/** The one file that knows the protobuf library: bytes to and from ONNX messages. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
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
import { FormatError } from '../errors.js';

export {
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataLocation as DataLocation,
} from 'onnx-buf';
export type { AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto };

/** @throws FormatError when the bytes are not a ModelProto with a graph */
export function parseModelProto(bytes: Uint8Array): ModelProto {
  const model = parse('ONNX model', bytes, (plain) =>
    fromBinary(ModelProtoSchema, plain, { readUnknownFields: false }),
  );
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
  return parse('ONNX tensor', bytes, (plain) =>
    fromBinary(TensorProtoSchema, plain, { readUnknownFields: false }),
  );
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
function parse<T>(what: string, bytes: Uint8Array, decode: (plain: Uint8Array) => T): T {
  try {
    return decode(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
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
