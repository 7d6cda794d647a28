/** The one set of kernels that all calls on this thread share. */
import { createJsKernels } from './js-kernels.js';
import {} from './kernels.js';
import { createWasmKernels } from './wasm-kernels.js';
let shared;
/**
 * The kernels of this thread: WebAssembly SIMD where it can be compiled, else plain JavaScript (a content security
 * policy without `wasm-unsafe-eval`, or an engine without SIMD). Made on the first call, then kept.
 */
export function sharedKernels() {
    shared ??= createWasmKernels() ?? createJsKernels();
    return shared;
}
//# sourceMappingURL=shared-kernels.js.map