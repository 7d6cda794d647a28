import { type AttributeProto, type GraphProto, type ModelProto, type NodeProto, type TensorProto, type ValueInfoProto } from 'onnx-buf';
export { AttributeProto_AttributeType as AttributeType, TensorProto_DataLocation as DataLocation, } from 'onnx-buf';
export type { AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto };
/** @throws FormatError when the bytes are not a ModelProto with a graph */
export declare function parseModelProto(bytes: Uint8Array): ModelProto;
/** @throws FormatError when the bytes are not a TensorProto */
export declare function parseTensorProto(bytes: Uint8Array): TensorProto;
/** Bytes of a TensorProto with raw data. */
export declare function serialiseTensorProto(fields: {
    name: string;
    dims: bigint[];
    dataType: number;
    rawData: Uint8Array<ArrayBuffer>;
}): Uint8Array<ArrayBuffer>;
/** Text of a protobuf bytes field. */
export declare function text(bytes: Uint8Array): string;
