/** The one file that knows the protobuf library: bytes to and from ONNX messages. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, TensorProtoSchema, } from 'onnx-buf';
import { FormatError } from '../errors.js';
export { AttributeProto_AttributeType as AttributeType, TensorProto_DataLocation as DataLocation, } from 'onnx-buf';
/** @throws FormatError when the bytes are not a ModelProto with a graph */
export function parseModelProto(bytes) {
    const model = parse('ONNX model', bytes, (plain) => fromBinary(ModelProtoSchema, plain, { readUnknownFields: false }));
    if (!model.graph || model.opsetImport.length === 0) {
        throw new FormatError('the file has no graph or names no operator set', {
            part: 'model',
            remedy: 'Check that it is an ONNX model (.onnx) and that it was copied whole.',
        });
    }
    return model;
}
/** @throws FormatError when the bytes are not a TensorProto */
export function parseTensorProto(bytes) {
    return parse('ONNX tensor', bytes, (plain) => fromBinary(TensorProtoSchema, plain, { readUnknownFields: false }));
}
/** Bytes of a TensorProto with raw data. */
export function serialiseTensorProto(fields) {
    return toBinary(TensorProtoSchema, create(TensorProtoSchema, fields));
}
/** @param bytes a Node Buffer is viewed as a plain array: Buffer's own slice and map do not copy */
function parse(what, bytes, decode) {
    try {
        return decode(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    }
    catch (cause) {
        throw new FormatError(`the bytes are not a readable ${what} (${cause.message})`, {
            part: 'protobuf',
            remedy: 'Check that the file is complete and of the right kind.',
            cause,
        });
    }
}
/** Text of a protobuf bytes field. */
export function text(bytes) {
    return new TextDecoder().decode(bytes);
}
//# sourceMappingURL=proto.js.map