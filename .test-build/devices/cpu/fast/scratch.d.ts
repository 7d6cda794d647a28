/** Hands out regions of the kernels' scratch memory. */
import { type Kernels } from './kernels.js';
/**
 * Lays regions of the given sizes (in floats) one after the other from address 0 and makes the scratch large enough.
 * Every region is followed by a cache line of slack, since kernels may run up to 7 floats past what they are asked for.
 *
 * @returns the regions' byte addresses, in order.
 */
export declare function layScratch<const Sizes extends readonly number[]>(kernels: Kernels, sizes: Sizes): {
    [Index in keyof Sizes]: number;
};
/** Copies `count` floats from `source[from]` to `target[to]`. */
export declare function copyRun(source: Float32Array, from: number, target: Float32Array, to: number, count: number): void;
/** Copies `count` floats, `stride` apart from `source[from]`, to `target[to]` and on. */
export declare function copyStrided(source: Float32Array, from: number, stride: number, target: Float32Array, to: number, count: number): void;
