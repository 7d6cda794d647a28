import type { GpuLimits, KernelFeature } from '../gpu.js';
/** What kind of adapter is wanted. */
export type AdapterWish = 'hardware' | 'software' | 'any';
/**
 * Whether an adapter computes on the CPU: by WebGPU's own flag, and by the names that software rasterisers give
 * themselves, as some implementations leave the flag out.
 */
export declare function isSoftware(info: GPUAdapterInfo): boolean;
/**
 * An adapter of the wished kind.
 * @throws DeviceError saying what was found instead
 */
export declare function requestAdapter(gpu: GPU, wish: AdapterWish): Promise<GPUAdapter>;
/** A device with the adapter's largest limits and the features that Lanewise uses. */
export declare function requestDevice(adapter: GPUAdapter): Promise<GPUDevice>;
/** The bounds that kernels are generated within. */
export declare function limitsOf(device: GPUDevice, info: GPUAdapterInfo): GpuLimits;
export declare function featuresOf(device: GPUDevice): ReadonlySet<KernelFeature>;
/** The hardware, for people. */
export declare function describe(info: GPUAdapterInfo): string;
