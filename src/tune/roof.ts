/** What a device was measured to do: the roofs that efficiency is a share of. */
import type { GpuDevice } from '../devices/gpu.js';
import { copyKernel } from '../kernels/roof/copy.js';
import type { Measurement, Subject } from './measure.js';

/** A copy far larger than any cache: 256 MB read and 256 MB written. */
const COPY_BYTES = 256e6;

/** The copy whose bandwidth is the roof of memory-bound kernels. */
export function copySubject(device: GpuDevice, bytes = COPY_BYTES): Subject {
  const size = Math.floor(Math.min(bytes, device.limits.maxBindingBytes) / 16) * 16;
  const source = copyKernel(size, device.limits.maxGrid);
  return { name: 'copy', buffers: [size, size], launches: [{ source, buffers: [0, 1] }] };
}

/** Bytes per second of a measured subject that moves `bytes`. */
export function bandwidth(bytes: number, { median }: Measurement): number {
  return (bytes / median) * 1e9;
}
