import { type Dims, type TensorType } from '../tensor/index.js';
/** How scales are laid over a tensor. One scale serves the whole tensor, whatever these say. */
export interface Granularity {
    /** The axis along which scales differ; non-negative. */
    readonly axis: number;
    /**
     * Elements along the axis that share a scale; the scale has the tensor's rank then, with ceil(extent / blockSize)
     * entries along the axis. 0: one scale for each index of the axis, in a vector.
     */
    readonly blockSize: number;
}
/** Checks the shapes of scale and zero point. @throws ShapeError when they do not fit the tensor or each other */
export declare function checkGranularity(x: TensorType, scale: TensorType, zeroPoint: TensorType | undefined, { axis, blockSize }: Granularity): void;
/** The position of an element's scale, by the element's position; both row-major. */
export declare function scalePosition(x: Dims, scale: Dims, { axis, blockSize }: Granularity): (position: number) => number;
