import type { GpuBuffer, GpuDevice, GpuDispatch, GpuKernel, GpuLimits, GpuRecording, GpuSlice, KernelFeature, KernelSource, TimeOptions } from '../gpu.js';
import { type AdapterWish } from './adapter.js';
export interface WebGpuOptions {
    readonly wish?: AdapterWish;
}
export declare class WebGpuDevice implements GpuDevice {
    #private;
    readonly kind = "webgpu";
    readonly description: string;
    readonly software: boolean;
    readonly limits: GpuLimits;
    readonly features: ReadonlySet<KernelFeature>;
    private constructor();
    /** @throws DeviceError when there is no adapter of the wished kind */
    static create(gpu: GPU, { wish }?: WebGpuOptions): Promise<WebGpuDevice>;
    /** Uses a device that the caller owns: it is not destroyed with the session. */
    static adopt(device: GPUDevice): WebGpuDevice;
    get allocatedBytes(): number;
    allocate(bytes: number, label: string): Promise<GpuBuffer>;
    /** Wraps a buffer of the caller's; it needs STORAGE, and COPY_SRC or COPY_DST where it is read or written. */
    wrap(native: GPUBuffer): GpuBuffer;
    write(buffer: GpuBuffer, offset: number, data: ArrayBufferView): void;
    compile(sources: readonly KernelSource[]): Promise<GpuKernel[]>;
    record(dispatches: readonly GpuDispatch[], readbacks?: readonly GpuSlice[]): Promise<GpuRecording>;
    release(recording: GpuRecording): void;
    submit(recording: GpuRecording): Promise<Uint8Array<ArrayBuffer>[]>;
    time(recording: GpuRecording, { passes, repeats }?: TimeOptions): Promise<number[]>;
    destroy(): void;
}
