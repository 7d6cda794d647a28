/** Flag values fixed by the WebGPU specification. Node has no globals for them. */
/** GPUBufferUsage. */
export const BUFFER_USAGE = {
    MAP_READ: 0x0001,
    COPY_SRC: 0x0004,
    COPY_DST: 0x0008,
    STORAGE: 0x0080,
    QUERY_RESOLVE: 0x0200,
};
/** GPUMapMode.READ. */
export const MAP_READ = 0x0001;
/** GPUShaderStage.COMPUTE. */
export const STAGE_COMPUTE = 0x4;
//# sourceMappingURL=constants.js.map