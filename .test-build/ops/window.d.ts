import { type Dims } from '../tensor/index.js';
/** How a window moves and how far it may stand out of the input: one entry per spatial axis. */
export interface WindowSteps {
    /** Input positions from one window to the next; at least 1. */
    readonly strides: readonly number[];
    /** Input positions from one tap to the next; at least 1. */
    readonly dilations: readonly number[];
    /** Positions added in front of the input; at least 0. */
    readonly padsBegin: readonly number[];
    /** Positions added behind the input; at least 0. */
    readonly padsEnd: readonly number[];
}
/** A window with its size: one entry per spatial axis. */
export interface Window extends WindowSteps {
    /** Taps of the window; at least 1. */
    readonly kernel: readonly number[];
}
/** One axis of a window. */
export interface WindowAxis {
    readonly kernel: number;
    readonly stride: number;
    readonly dilation: number;
    readonly padBegin: number;
    readonly padEnd: number;
}
/** `WindowSteps` as constructors take them. What is left out is 1 for strides and dilations, 0 for pads. */
export interface WindowStepOptions {
    readonly strides?: readonly number[] | undefined;
    readonly dilations?: readonly number[] | undefined;
    readonly padsBegin?: readonly number[] | undefined;
    readonly padsEnd?: readonly number[] | undefined;
}
/**
 * Checks a list with one entry per spatial axis.
 * @throws ShapeError unless it has `rank` entries, all integers from `least` to 2^31 - 1
 */
export declare function checkPerAxis(list: readonly number[], name: string, rank: number, least: number): readonly number[];
/** Completes and checks the steps of a window over `rank` spatial axes. @throws ShapeError for a bad list or no axis */
export declare function windowSteps(rank: number, options: WindowStepOptions): WindowSteps;
/** One axis of a window. */
export declare function windowAxis(window: Window, axis: number): WindowAxis;
/** Input positions that a window spans: `(kernel - 1) * dilation + 1`. */
export declare function windowExtent(kernel: number, dilation: number): number;
/**
 * Output positions along one axis: `floor((input + padBegin + padEnd - extent) / stride) + 1`. With `ceilMode` the
 * quotient is rounded up, and a last window that would start behind the input and its front padding is dropped
 * (ONNX: "Sliding windows that would start in the right padded region are ignored"). Below 1 when nothing fits.
 */
export declare function outputExtent(input: number, axis: WindowAxis, ceilMode?: boolean): number;
/**
 * Spatial dims of what a window makes of spatial dims `input`: `outputExtent` along every axis.
 * @throws ShapeError when an axis would have no output: the window is larger than the padded input
 */
export declare function outputDims(input: Dims, window: Window, ceilMode?: boolean): number[];
/**
 * Output positions along one axis of a transposed convolution (and of MaxUnpool, without output padding):
 * `stride * (input - 1) + outputPadding + extent - padBegin - padEnd`.
 */
export declare function transposedExtent(input: number, axis: WindowAxis, outputPadding: number): number;
/** `transposedExtent` along every axis. @throws ShapeError when an axis would have no output */
export declare function transposedDims(input: Dims, window: Window, outputPadding: readonly number[]): number[];
/** The side that gets the larger half of an odd padding. */
export type LargerSide = 'begin' | 'end';
/** Padding in front and behind. */
export interface PadPair {
    readonly begin: number;
    readonly end: number;
}
/** Halves a padding. */
export declare function splitPadding(total: number, larger: LargerSide): PadPair;
/**
 * ONNX's auto_pad SAME_UPPER (larger half at the end) and SAME_LOWER (at the beginning): the least padding with which
 * the output has `ceil(input / stride)` positions, `max(0, (output - 1) * stride + extent - input)`.
 */
export declare function samePadding(input: number, extent: number, stride: number, larger: LargerSide): PadPair;
/** Padding of one axis of a transposed convolution. */
export interface TransposedPadding {
    readonly padBegin: number;
    readonly padEnd: number;
    readonly outputPadding: number;
}
/**
 * Padding with which a transposed convolution has `target` output positions. ONNX: total padding =
 * `stride * (input - 1) + outputPadding + extent - target`, halved. Where that is negative nothing is cut away and the
 * missing positions are added at the end, as output padding.
 * @param axis its pads are not looked at
 */
export declare function transposedPadding(input: number, axis: WindowAxis, outputPadding: number, target: number, larger: LargerSide): TransposedPadding;
/** Taps of one window along one axis that lie inside the input. */
export interface TapRange {
    /** Input position of tap 0; negative in the front padding. */
    readonly start: number;
    /** First tap inside the input. */
    readonly from: number;
    /** One past the last tap inside the input; equals `from` when none is. */
    readonly to: number;
}
/**
 * Taps inside the input of the window at output position `output`: those with
 * `0 <= output * stride - padBegin + tap * dilation < input`.
 */
export declare function tapRange(input: number, axis: WindowAxis, output: number): TapRange;
/**
 * Taps of the window at `output` that lie inside the input and its explicit padding: what AveragePool divides by
 * with count_include_pad. Taps that `ceilMode` lets stand out behind the padding do not count (PyTorch, ONNX Runtime).
 */
export declare function paddedTapCount(input: number, axis: WindowAxis, output: number): number;
/** One position of a window over several axes. Offsets are row-major over the spatial axes. */
export interface PlacedWindow {
    /** Offset of the output element. */
    readonly output: number;
    /** Output position along each axis. */
    readonly position: readonly number[];
    /** Offsets of the input elements under the taps inside the input, in row-major order of taps. */
    readonly input: readonly number[];
    /** Offsets of the same taps in the kernel. */
    readonly kernel: readonly number[];
}
/**
 * Every position of a window, in row-major order of the output: for references, not for speed. `position` is one array,
 * changed between positions.
 */
export declare function placedWindows(input: Dims, window: Window, output: Dims): Generator<PlacedWindow>;
