import type { Device } from '../devices/device.js';
import type { GpuDevice } from '../devices/gpu.js';
import { type GpuLease, type GpuOptions } from './gpu-runner.js';
/** Names that `createSession` and `--device` take. */
export declare const DEVICE_NAMES: readonly ['auto', 'cpu', 'webgpu', 'webgpu:software', 'cuda'];
export type DeviceName = (typeof DEVICE_NAMES)[number];
export type AdapterKind = 'hardware' | 'software';
/** What differs between a page and Node. */
export interface Platform {
    /** @throws DeviceError when there is no such adapter; MissingPackageError in Node */
    openWebGpu(kind: AdapterKind): Promise<GpuLease>;
}
/** A device that is destroyed when its session ends. */
export declare function ownLease(gpu: GpuDevice): GpuLease;
/** One GPU for many sessions, one after another or at once: opened at first need, destroyed by `close`. */
export declare class SharedPlatform implements Platform {
    #private;
    constructor(platform: Platform);
    openWebGpu(kind: AdapterKind): Promise<GpuLease>;
    close(): Promise<void>;
}
/** A page: WebGPU is part of the browser, or it is not there. */
export declare const browserPlatform: Platform;
export interface DeviceOptions extends GpuOptions {
    /** Where to run; `auto` (the default) takes a hardware GPU where there is one, else the CPU. */
    readonly device?: DeviceName;
    /** A WebGPU device of the caller's to run on, instead of `device`; it stays the caller's. */
    readonly gpuDevice?: GPUDevice;
}
/** A device with the reason why it was taken. */
export interface OpenedDevice {
    readonly device: Device;
    readonly reason: string;
}
/** @throws DeviceError when the device is not to be had */
export declare function openDevice(platform: Platform, options?: DeviceOptions): Promise<OpenedDevice>;
