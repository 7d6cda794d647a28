/** One kernel launch as WebGPU sees it. */
/** A dispatch with its bind group. */
export interface BoundDispatch {
    readonly pipeline: GPUComputePipeline;
    readonly bindGroup: GPUBindGroup;
    readonly grid: readonly [number, number, number];
}
/** Adds a dispatch to a compute pass. */
export declare function encode(pass: GPUComputePassEncoder, { pipeline, bindGroup, grid }: BoundDispatch): void;
