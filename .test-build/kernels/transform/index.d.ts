/** Layout transforms: the same elements in another order, or in another type, or both. */
import type { GpuLimits, KernelSource } from '../../devices/gpu.js';
import type { TensorView } from '../view.js';
/** The best kernel that converts x to y: same logical dims, another layout or type. */
export declare function transformKernel(x: TensorView, y: TensorView, limits: GpuLimits): KernelSource;
