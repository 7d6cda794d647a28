/** The copy that measures a device's memory bandwidth: every byte read once and written once, 16 at a time. */
import type { KernelSource } from '../../devices/gpu.js';
/** @param bytes size of x and of y, a multiple of 16 */
export declare function copyKernel(bytes: number, maxGrid: number): KernelSource;
