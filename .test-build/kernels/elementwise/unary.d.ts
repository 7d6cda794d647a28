/** y[i] = f(x[i]), in any layout: a pass over memory, four elements per invocation where they divide. */
import type { KernelSource } from '../../devices/gpu.js';
import type { UnaryFunction } from '../../ops/unary.js';
import { type TensorView } from '../view.js';
export interface UnaryConfig {
    readonly fn: UnaryFunction;
    /** Same dims and layout as `y`; both dense. */
    readonly x: TensorView;
    readonly y: TensorView;
    readonly maxGrid: number;
}
export declare function unaryKernel({ fn, x, y, maxGrid }: UnaryConfig): KernelSource;
