/** The inner loops as WebAssembly SIMD, emitted and compiled at start. */
import { type Kernels } from './kernels.js';
/** The bytes of the kernel module, under the 4 KiB that older browsers compile synchronously on the main thread. */
export declare function kernelModuleBytes(): Uint8Array<ArrayBuffer>;
/**
 * Compiles the WebAssembly kernels with a scratch memory of their own (about 3 KB of code; 1 to 7 ms).
 *
 * @returns `undefined` where WebAssembly SIMD cannot be compiled.
 */
export declare function createWasmKernels(): Kernels | undefined;
