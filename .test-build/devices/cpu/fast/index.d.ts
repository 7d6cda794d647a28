/** The blocked f32 path of the CPU device: pure functions on `Float32Array`, inner loops in WebAssembly SIMD. */
export { conv2d, conv2dMethod, type Conv2dArguments, type Conv2dMethod } from './conv.js';
export { conv2dOutputSize, type Conv2dShape } from './conv-geometry.js';
export { type Activation } from './epilogue.js';
export { gemm, type GemmArguments, type GemmBias } from './gemm.js';
export { createJsKernels } from './js-kernels.js';
export { type Kernels } from './kernels.js';
export { sharedKernels } from './shared-kernels.js';
export { createWasmKernels } from './wasm-kernels.js';
