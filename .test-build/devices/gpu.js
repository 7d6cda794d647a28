/**
 * The contract between Lanewise and a GPU: memory, kernels compiled from WGSL, recorded dispatches, timing.
 * WebGPU and CUDA implement it; the executor above knows nothing else of them.
 */
/** Bytes of an element. */
export const GPU_TYPE_BYTES = { f32: 4, f16: 2, i32: 4, u32: 4 };
//# sourceMappingURL=gpu.js.map