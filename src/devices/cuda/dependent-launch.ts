/**
 * Programmatic dependent launch ("CUDA C++ Programming Guide"; from compute capability 9.0 on): a kernel is launched while
 * the one before it still ends, and waits in its first instruction until that one's writes are there. What lies between two
 * kernels of a graph then overlaps with the former's end. Only kernels that wait may be launched so.
 */
import type { Capability } from './limits.js';

/** What kernels call first. */
export const WAIT_CALL = 'wait_for_earlier_kernels();';

/** Declares it. Where kernels are launched one after another, or on GPUs that know nothing else, it does nothing. */
export const WAIT_TEXT = /* cuda */ `
__device__ __forceinline__ void wait_for_earlier_kernels() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}
`;

/** Whether a kernel's text waits. */
export function waits(text: string): boolean {
  return text.includes(`  ${WAIT_CALL}`);
}

export function hasDependentLaunch([major]: Capability): boolean {
  return major >= 9;
}
