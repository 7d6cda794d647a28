import { type Dims, type TensorType } from '../tensor/index.js';
/** Checks that a parameter holds one number for each of `count` channels. @throws ShapeError otherwise */
export declare function expectPerChannel(type: TensorType, name: string, count: number): void;
/**
 * y[n, c, ...] = x[n, c, ...] * scale[c] + shift[c].
 * @param dims shape of x: [N, C, ...]
 * @param scale one number per channel
 * @param shift one number per channel
 */
export declare function channelAffine(x: Float64Array, dims: Dims, scale: ArrayLike<number>, shift: ArrayLike<number>): Float64Array;
