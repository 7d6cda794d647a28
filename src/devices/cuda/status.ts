/** What CUDA's driver answers, as errors. */
import { DeviceError } from '../../errors.js';

export const SUCCESS = 0;
/** Memory is exhausted. */
export const OUT_OF_MEMORY = 2;
/** The driver is being unloaded: the process ends. */
const DEINITIALIZED = 4;
/** Work is still under way. */
export const NOT_READY = 600;

/**
 * Errors after which a context answers every call with the same: memory faults (700, 714 to 718), traps and asserts (710,
 * 715), kernels that ran too long or failed otherwise (702, 719, 721), broken hardware (214, 220, 226, 911), an end of the
 * server that shares the GPU between processes (806, 810), and a context that another part of the process has destroyed
 * (201, 709). `CUresult` in cuda.h describes each.
 */
const STICKY: ReadonlySet<number> = new Set([
  DEINITIALIZED,
  201,
  214,
  220,
  226,
  700,
  702,
  709,
  710,
  714,
  715,
  716,
  717,
  718,
  719,
  721,
  806,
  810,
  911,
]);

/** A call of the driver that failed. */
export class CudaFailure extends DeviceError {
  override readonly name: string = 'CudaFailure';
  readonly code: number;

  /** @param status the code's name and meaning: `CUDA_ERROR_OUT_OF_MEMORY: out of memory` */
  constructor(call: string, code: number, status: string) {
    super(`${call} failed (${status})`, { remedy: remedyOf(code) });
    this.code = code;
  }

  /** Whether the context is of no more use. */
  get sticky(): boolean {
    return STICKY.has(this.code);
  }
}

/** Whether something failed because memory is exhausted. */
export function isOutOfMemory(error: unknown): error is CudaFailure {
  return error instanceof CudaFailure && error.code === OUT_OF_MEMORY;
}

const UPDATED = 'Restart the machine: the driver was updated, and its parts do not fit each other.';
const OLD_DRIVER = 'Update the NVIDIA driver: it is older than what compiled the kernels.';

/** What helps, by code; the others are faults of ours, or unknown. */
const REMEDIES: Readonly<Record<number, string>> = {
  [OUT_OF_MEMORY]: 'Use a smaller batch, dispose other sessions, or run on the CPU.',
  46: 'Another process has the GPU to itself: end that one, or choose another GPU by its ordinal.',
  100: 'Check with nvidia-smi that the machine has an NVIDIA GPU, or use the CPU.',
  209: OLD_DRIVER,
  222: OLD_DRIVER,
  802: 'Start nvidia-fabricmanager, without which GPUs that are joined by NVSwitch do not work.',
  803: UPDATED,
  804: UPDATED,
  999: 'Check the GPU with nvidia-smi and start the process anew; restart the machine if that does not help.',
};

function remedyOf(code: number): string {
  return REMEDIES[code] ?? 'Please report this with the model and the device.';
}
