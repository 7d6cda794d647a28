/** The inner loops in plain JavaScript, for places where WebAssembly may not be compiled. Sums are kept in f64. */
import { type Kernels } from './kernels.js';
/**
 * Makes the JavaScript kernels with a scratch memory of their own. Same results as the WebAssembly ones up to rounding:
 * sums inside a tile are f64 here.
 */
export declare function createJsKernels(): Kernels;
