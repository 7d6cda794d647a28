import { type Kernels } from './kernels.js';
/**
 * The kernels of this thread: WebAssembly SIMD where it can be compiled, else plain JavaScript (a content security
 * policy without `wasm-unsafe-eval`, or an engine without SIMD). Made on the first call, then kept.
 */
export declare function sharedKernels(): Kernels;
