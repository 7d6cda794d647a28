import { WebGpuDevice } from '../devices/webgpu/index.js';
/** @throws MissingPackageError without the package; DeviceError without a hardware GPU */
export declare function openHardware(): Promise<WebGpuDevice>;
/**
 * A device that computes on the CPU, for machines without a GPU.
 * @throws MissingPackageError without `webgpu`, `@sparticuz/chromium` or `koffi`
 */
export declare function openSoftware(): Promise<WebGpuDevice>;
