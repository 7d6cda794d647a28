/** Bounds of devices that tests plan and generate for. */
import type { GpuLimits } from '../../src/devices/gpu.js';

/** WebGPU's default limits, which every device has. */
export const DEFAULT_LIMITS: GpuLimits = {
  maxBufferBytes: 2 ** 28,
  maxBindingBytes: 2 ** 27,
  maxBindings: 8,
  maxWorkgroupBytes: 16384,
  maxInvocations: 256,
  maxWorkgroupSize: [256, 256, 64],
  maxGrid: 65535,
  offsetAlignment: 256,
  subgroupSize: [0, 0],
};

/** What a large GPU allows. */
export const LARGE_LIMITS: GpuLimits = {
  maxBufferBytes: 2 ** 40,
  maxBindingBytes: 2 ** 31 - 4,
  maxBindings: 10,
  maxWorkgroupBytes: 48 * 1024,
  maxInvocations: 1024,
  maxWorkgroupSize: [1024, 1024, 64],
  maxGrid: 65535,
  offsetAlignment: 256,
  subgroupSize: [32, 32],
};
