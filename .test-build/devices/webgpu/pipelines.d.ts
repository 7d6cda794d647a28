import type { GpuKernel, KernelSource } from '../gpu.js';
export interface WebGpuKernel extends GpuKernel {
    readonly pipeline: GPUComputePipeline;
    readonly layout: GPUBindGroupLayout;
}
export declare class PipelineCache {
    #private;
    constructor(device: GPUDevice);
    get(source: KernelSource): Promise<WebGpuKernel>;
}
