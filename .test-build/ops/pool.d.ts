/** What max, average and Lp pooling share. */
import { type Dims, type TensorType } from '../tensor/index.js';
import { type AttributeValue, type InputTypes } from './op.js';
import { WindowOp } from './window-op.js';
import { type PlacedWindow, type Window, type WindowStepOptions } from './window.js';
/** Attributes of all poolings. The kernel tells how many spatial axes there are. */
export interface PoolOptions extends WindowStepOptions {
    readonly kernel: readonly number[];
    /** Whether a last window may stand out behind the padding; see `outputExtent`. Off when left out. */
    readonly ceilMode?: boolean;
}
/** An op that makes one number of every window of every channel. Input x: [N, C, D...]; output y: [N, C, O...]. */
export declare abstract class Pool extends WindowOp implements Window {
    readonly kernel: readonly number[];
    readonly ceilMode: boolean;
    /** @throws ShapeError for lists of different lengths, zero kernels, strides or dilations, negative pads */
    constructor(options: PoolOptions);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    flops(_inputs: InputTypes, [y]: readonly TensorType[]): number;
    /** Type of x and of y. @throws ShapeError when they do not fit the window */
    protected types(inputs: InputTypes): {
        x: TensorType;
        y: TensorType;
    };
    protected outputDims([batch, channels, ...spatial]: Dims): number[];
    /**
     * Calls `visit` for every window of every plane [n, c].
     * @param xDims dims of the input
     * @param yDims dims of the output
     */
    protected forEachWindow(xDims: Dims, yDims: Dims, visit: (window: PlacedWindow, xOffset: number, yOffset: number) => void): void;
}
