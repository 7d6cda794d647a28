import { type Conv2dShape } from './conv-geometry.js';
import { type Activation } from './epilogue.js';
import { type Kernels } from './kernels.js';
/** Arguments of {@link conv2d}. */
export interface Conv2dArguments {
    readonly shape: Conv2dShape;
    /** Input, `[batch, inChannels, inHeight, inWidth]`. */
    readonly x: Float32Array;
    /** `[outChannels, inChannels / groups, kernelHeight, kernelWidth]`. */
    readonly weights: Float32Array;
    /** `[outChannels]`; zeros if absent. */
    readonly bias?: Float32Array;
    /** Output, `[batch, outChannels, height, width]` with the size of {@link conv2dOutputSize}: overwritten. No overlap. */
    readonly out: Float32Array;
    readonly activation?: Activation;
}
/** The ways to compute a convolution. */
export type Conv2dMethod = 'gemm' | 'implicit' | 'direct';
/**
 * `out = activation(x * weights + bias)` (cross-correlation, as in ONNX Conv), accumulated in f32. NaN and infinities
 * propagate as in IEEE 754, padding included: a padded zero times an infinite weight is NaN.
 *
 * A 1-D convolution is the case of height 1; three dimensions are not supported.
 *
 * @param kernels the inner loops; the thread's shared ones if absent.
 * @throws RangeError if a size is out of its range, groups do not divide the channels, or an array is shorter than its shape.
 */
export declare function conv2d(args: Conv2dArguments, kernels?: Kernels): void;
/** Which method {@link conv2d} uses for a shape. */
export declare function conv2dMethod(shape: Conv2dShape): Conv2dMethod;
