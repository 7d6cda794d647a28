/**
 * Resampling along one axis, as pure functions: from an output position to the input coordinate, and from there
 * to the elements that contribute and their weights. Formulas are those of ONNX's Resize (operator and reference
 * implementation); the cubic kernel is Keys', "Cubic convolution interpolation", 1981.
 */
/** How output positions map to input coordinates. */
export type CoordinateMode = 'half_pixel' | 'half_pixel_symmetric' | 'pytorch_half_pixel' | 'align_corners' | 'asymmetric' | 'tf_half_pixel_for_nn' | 'tf_crop_and_resize';
/** How `nearest` rounds a coordinate. */
export type NearestMode = 'round_prefer_floor' | 'round_prefer_ceil' | 'floor' | 'ceil';
export type InterpolationMode = 'nearest' | 'linear' | 'cubic';
/** One axis of a resize. */
export interface ResizeAxis {
    /** Extent of the input, in elements. */
    readonly input: number;
    /** Extent of the output, in elements. */
    readonly output: number;
    /** Output elements per input element as the model says; input * scale may be fractional. */
    readonly scale: number;
    readonly coordinates: CoordinateMode;
    readonly nearest: NearestMode;
    /** The cropped region for `tf_crop_and_resize`, in fractions of the input: 0 is the first element, 1 the last. */
    readonly roi: readonly [start: number, end: number];
}
/** How elements near a coordinate are combined. */
export interface Interpolation {
    readonly mode: InterpolationMode;
    /** Parameter `a` of the cubic kernel: -0.75 is PyTorch's, -0.5 TensorFlow's. */
    readonly cubicCoefficient: number;
    /** Whether elements beyond the edge get no weight (the others more); otherwise the edge is repeated. */
    readonly excludeOutside: boolean;
    /** Whether the kernel is stretched when downsampling, so that every element counts. */
    readonly antialias: boolean;
}
/** Elements of one axis and their weights. No element has weight zero, so infinities there do no harm. */
export interface Taps {
    readonly indices: readonly number[];
    readonly weights: readonly number[];
}
/** The input coordinate, in elements from the first one's centre, that an output position shows. */
export declare function inputCoordinate(axis: ResizeAxis, position: number): number;
/** Whether a position of `tf_crop_and_resize` lies outside the input, where the extrapolation value goes. */
export declare function isExtrapolated(axis: ResizeAxis, position: number): boolean;
/** The index that `nearest` takes for a coordinate, inside the axis. */
export declare function nearestIndex(axis: ResizeAxis, position: number): number;
/** An index moved into [0, extent). */
export declare function clampIndex(index: number, extent: number): number;
/** The triangle kernel of linear interpolation; zero from distance 1 on. */
export declare function linearKernel(distance: number): number;
/** Keys' cubic convolution kernel with parameter `a`; zero from distance 2 on. */
export declare function cubicKernel(distance: number, a: number): number;
/** Elements on either side of a coordinate that may get weight: the kernel's radius, stretched by antialiasing. */
export declare function kernelRadius(axis: ResizeAxis, { mode, antialias }: Interpolation): number;
/**
 * The elements, all inside the axis, that an output position is made of, with weights whose sum is 1. Not for
 * positions that are extrapolated.
 */
export declare function resizeTaps(axis: ResizeAxis, interpolation: Interpolation, position: number): Taps;
