/** What a device was measured to do: the roofs that efficiency is a share of. */
import type { GpuDevice } from '../devices/gpu.js';
import type { Measurement, Subject } from './measure.js';
/** The copy whose bandwidth is the roof of memory-bound kernels. */
export declare function copySubject(device: GpuDevice, bytes?: number): Subject;
/** Bytes per second of a measured subject that moves `bytes`. */
export declare function bandwidth(bytes: number, { median }: Measurement): number;
