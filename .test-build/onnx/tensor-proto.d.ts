import { Tensor, type DType, type TensorType } from '../tensor/index.js';
import { type TensorProto } from './proto.js';
/** The element type for ONNX's number. @throws UnsupportedError for strings and complex numbers */
export declare function dtypeOfCode(code: number, part: string): DType;
/** ONNX's number for an element type. */
export declare function codeOfDType(dtype: DType): number;
/** A piece of a file beside the model. */
export interface ExternalLocation {
    readonly location: string;
    readonly offset: number;
    /** Bytes; to the end of the file when undefined. */
    readonly length: number | undefined;
}
/** Where a tensor's data lies, if not in the model file. @throws ExternalDataError for nonsense numbers */
export declare function externalLocation(proto: TensorProto): ExternalLocation | undefined;
/**
 * A TensorProto's element type and dims.
 * @param maxBytes refuse larger tensors
 * @throws FormatError for impossible dims; UnsupportedError for strings; LimitError past `maxBytes`
 */
export declare function typeFromProto(proto: TensorProto, maxBytes?: number): TensorType;
/**
 * A TensorProto's tensor.
 * @param external the tensor's bytes, when they lie outside the proto
 * @throws FormatError when data and dims do not fit,; ExternalDataError when the data lies in a file that was not
 *   given; UnsupportedError for strings
 */
export declare function tensorFromProto(proto: TensorProto, external?: Uint8Array): Tensor;
/** Reads a `.pb` file as ONNX test data has them. @throws FormatError, UnsupportedError */
export declare function tensorFromPb(bytes: Uint8Array): {
    name: string;
    tensor: Tensor;
};
/** A `.pb` file of a tensor. */
export declare function tensorToPb(name: string, tensor: Tensor): Uint8Array<ArrayBuffer>;
