/** One checked convolution, as the methods receive it. */
import { type Conv2dShape } from './conv-geometry.js';
import { type Activation } from './epilogue.js';
export interface ConvCall {
    readonly shape: Conv2dShape;
    readonly outHeight: number;
    readonly outWidth: number;
    readonly x: Float32Array;
    readonly weights: Float32Array;
    readonly bias: Float32Array | undefined;
    readonly out: Float32Array;
    readonly activation: Activation | undefined;
}
