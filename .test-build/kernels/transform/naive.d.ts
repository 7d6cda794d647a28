/**
 * Layout transform without tiling: each invocation writes one element, stores coalesced and loads scattered. The
 * paper's baseline (section IV.C), and the way for what the tiled kernels refuse.
 */
import type { KernelSource } from '../../devices/gpu.js';
import { type TensorView } from '../view.js';
export interface TransformConfig {
    /** The same logical dims as `y`; another layout, another type, or both. */
    readonly x: TensorView;
    readonly y: TensorView;
    readonly maxGrid: number;
}
/** Copies x to y, element by element. */
export declare function naiveTransformKernel({ x, y, maxGrid }: TransformConfig): KernelSource;
