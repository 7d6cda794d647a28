/** What the translator says about a construct that it has no CUDA for. */
import { LanewiseError, UnsupportedError } from '../../../errors.js';

/** An error naming the construct; the kernel's id is added where it is known (`translate`). */
export function unsupported(construct: string): UnsupportedError {
  return new UnsupportedError(`${construct} in a kernel for CUDA`, {
    remedy: 'Write the kernel without it, or teach devices/cuda/translate the construct (docs/cuda.md).',
  });
}

/** Does something for a line of the text, which its errors then name. */
export function placed<T>(line: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof LanewiseError && line > 0 ? error.at(`line ${line}`) : error;
  }
}
