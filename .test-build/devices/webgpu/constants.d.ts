/** Flag values fixed by the WebGPU specification. Node has no globals for them. */
/** GPUBufferUsage. */
export declare const BUFFER_USAGE: {
    readonly MAP_READ: 1;
    readonly COPY_SRC: 4;
    readonly COPY_DST: 8;
    readonly STORAGE: 128;
    readonly QUERY_RESOLVE: 512;
};
/** GPUMapMode.READ. */
export declare const MAP_READ = 1;
/** GPUShaderStage.COMPUTE. */
export declare const STAGE_COMPUTE = 4;
