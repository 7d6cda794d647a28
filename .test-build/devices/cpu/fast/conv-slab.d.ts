/** Copies pieces of input planes, split by stride phase, into the scratch. */
import { type Conv2dShape, type Slab, type SlabSource } from './conv-geometry.js';
import { type Kernels } from './kernels.js';
/** Floats that {@link fillSlab} needs for staging: the input rows under the slab, or pieces of them. */
export declare function slabStaging(shape: Conv2dShape, slab: Slab): number;
/**
 * Copies the piece of the plane that starts at `planeOffset` in `x` into the slab at byte address `to`. The padding
 * around it must be zero already and stays so: it is the same for all planes of a rectangle.
 *
 * The rows are staged as they lie, with few long copies, and laid out by the kernels: doing that in JavaScript took 3 ns
 * per element at stride 2, three quarters of a depthwise layer's time.
 */
export declare function fillSlab(kernels: Kernels, shape: Conv2dShape, source: SlabSource, x: Float32Array, planeOffset: number, to: number, staging: number): void;
