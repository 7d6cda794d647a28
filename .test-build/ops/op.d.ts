import { type Tensor, type TensorType } from '../tensor/index.js';
/** Attribute values as reports print them. */
export type AttributeValue = string | number | boolean | readonly number[] | undefined;
/** Types of a node's inputs; an optional input that is left out is undefined. */
export type InputTypes = readonly (TensorType | undefined)[];
/** Tensors of a node's inputs; an optional input that is left out is undefined. */
export type InputTensors = readonly (Tensor | undefined)[];
/** An operator with its attributes: immutable, so that graphs may share it. */
export declare abstract class Op {
    /** The operator's name, in ONNX's terms: `Conv`, `MaxPool`. */
    abstract readonly type: string;
    /** The type with what is fused into it, for reports: `Conv+Relu`. */
    get title(): string;
    /** Attributes for reports, in reading order. */
    get attributes(): Readonly<Record<string, AttributeValue>>;
    /**
     * Types of the outputs.
     * @throws ShapeError when the inputs do not fit the operator or each other
     * @throws UnsupportedError when an element type is not one that the operator works on
     */
    abstract infer(inputs: InputTypes): TensorType[];
    /**
     * Floating-point (or integer) operations of one evaluation: a multiply-add counts as two, a comparison or a
     * transcendental function as one, moving data as none.
     */
    flops(_inputs: InputTypes, _outputs: readonly TensorType[]): number;
    /** Ideal bytes: each input read once, each output written once. */
    bytes(inputs: InputTypes, outputs: readonly TensorType[]): number;
    /**
     * The meaning, written for clarity: evaluates in double precision (64-bit integers in bigint) and rounds once
     * to the output type. Inputs have passed `infer`.
     */
    abstract reference(inputs: InputTensors): Tensor[];
}
/** The type of a required input. @throws ShapeError when it is missing */
export declare function typeAt(inputs: InputTypes, index: number, name: string): TensorType;
/** The tensor of a required input. @throws ShapeError when it is missing */
export declare function tensorAt(inputs: InputTensors, index: number, name: string): Tensor;
/** Checks a rank. @throws ShapeError outside [min, max] */
export declare function expectRank(type: TensorType, name: string, min: number, max?: number): void;
/** Checks that a type is floating-point. @throws ShapeError otherwise */
export declare function expectFloat(type: TensorType, name: string): void;
/** Checks that inputs share one element type. @throws ShapeError otherwise */
export declare function expectSameDType(types: InputTypes): void;
