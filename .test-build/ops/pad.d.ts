import { Tensor, type TensorType } from '../tensor/index.js';
import { Op, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
/** Where the elements of the border come from, in ONNX's (and NumPy's) words. */
export type PadMode = 'constant' | 'reflect' | 'edge' | 'wrap';
/** One axis of a Pad: extent before padding, elements added before and after (removed where negative). */
export interface PadAxis {
    readonly extent: number;
    readonly begin: number;
    readonly end: number;
}
/**
 * The input index along one axis that output index `position` shows, or `OUTSIDE` for the constant. Cropping
 * comes before padding: what negative pads remove is neither reflected nor repeated.
 */
export declare function padSource(mode: PadMode, axis: PadAxis, position: number): number;
/** x with a border added, or cut off where pads are negative. */
export declare class Pad extends Op {
    #private;
    readonly type = "Pad";
    readonly mode: PadMode;
    readonly begins: readonly number[];
    readonly ends: readonly number[];
    readonly value: number | bigint;
    /**
     * @param begins elements added before the first, per axis of x
     * @param ends elements added after the last, per axis of x
     * @param value what mode `constant` fills in; a bigint for 64-bit integers beyond 2^53
     */
    constructor(mode: PadMode, begins: readonly number[], ends: readonly number[], value?: number | bigint);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    reference(inputs: InputTensors): Tensor[];
    /** What `padSource` needs to know about an axis of `x`. */
    axis(x: TensorType, axis: number): PadAxis;
}
