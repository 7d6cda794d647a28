/** The optional npm package `koffi`, with stacks that a compiler fits on. */
import type koffi from 'koffi';
import { LanewiseError } from '../errors.js';
import { importOptional } from './optional.js';

/**
 * Functions run on stacks of koffi's own, of 128 KiB in asynchronous calls: compilers overflow those without a word. These
 * are the largest that koffi has; what is not used of them takes no memory.
 */
const STACK_BYTES = 16 * 2 ** 20;
/** As much as a program's main thread has. */
const LEAST_BYTES = 8 * 2 ** 20;

let loaded: Promise<typeof koffi> | undefined;

/**
 * koffi, once per process.
 * @param purpose what needs it, for the message
 * @throws MissingPackageError without it
 */
export function loadKoffi(purpose: string): Promise<typeof koffi> {
  return (loaded ??= importOptional('koffi', purpose, () => import('koffi')).then(({ default: module }) => {
    try {
      module.config({ sync_stack_size: STACK_BYTES, async_stack_size: STACK_BYTES });
    } catch {
      // Another part of the program has loaded a library with it: it takes no settings from then on.
    }
    return module;
  }));
}

/** @throws LanewiseError where another part of the program uses koffi already, with stacks too small for compilers */
export function checkStacks(module: typeof koffi): void {
  const { async_stack_size: bytes = 0 } = module.config();
  if (bytes >= LEAST_BYTES) return;
  throw new LanewiseError(`koffi is in use already, with stacks of ${bytes} bytes`, {
    part: 'device "cuda"',
    remedy:
      'Create the session before other uses of koffi, or begin with ' +
      `koffi.config({ sync_stack_size: ${STACK_BYTES}, async_stack_size: ${STACK_BYTES} }).`,
  });
}
