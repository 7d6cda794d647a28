/** The blocked f32 path of the CPU device: pure functions on `Float32Array`, inner loops in WebAssembly SIMD. */
export { conv2d, conv2dMethod } from './conv.js';
export { conv2dOutputSize } from './conv-geometry.js';
export {} from './epilogue.js';
export { gemm } from './gemm.js';
export { createJsKernels } from './js-kernels.js';
export {} from './kernels.js';
export { sharedKernels } from './shared-kernels.js';
export { createWasmKernels } from './wasm-kernels.js';
//# sourceMappingURL=index.js.map