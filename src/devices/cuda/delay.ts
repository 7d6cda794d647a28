/** A kernel that does nothing for a while, in front of what is timed. */
import type { CudaKernel } from '../gpu.js';

/** Cycles that queueing one pass takes the host, and a start: 20 µs each at 2 GHz. */
const CYCLES = 40_000;
/** 4 ms: from there on the device has work enough to be behind the host. */
const MAX_CYCLES = 8_000_000;

/** @param passes how many are going to be queued */
export function delayCycles(passes: number): number {
  return Math.min((passes + 1) * CYCLES, MAX_CYCLES);
}

/** Its only parameter, though a pointer to the launch, is the number of cycles. */
export const DELAY: CudaKernel = {
  id: 'delay',
  cuda: `extern "C" __global__ void main_kernel(unsigned long long cycles) {
  const long long start = clock64();
  while ((unsigned long long)(clock64() - start) < cycles) {}
}
`,
  bindings: [{ name: 'cycles', access: 'read' }],
  workgroup: [1, 1, 1],
  grid: [1, 1, 1],
  features: [],
  workgroupBytes: 0,
  flops: 0,
  bytes: 0,
};
