/** cuDNN and cuBLASLt, where they are there. */
import { DeviceError } from '../../errors.js';
import type { CudaContext } from './context.js';
import type { LibraryRunner } from './library-runner.js';
import type { DeviceFacts } from './limits.js';
import type { CudaPlatform } from './platform.js';

/** The libraries that open; what does not is left out, as if it were not there. */
export function openRunners(
  { ffi, libraries }: CudaPlatform,
  context: CudaContext,
  { capability }: DeviceFacts,
): LibraryRunner[] {
  return libraries.flatMap(({ path, open }) => {
    try {
      const makeCurrent = (): void => {
        context.run(() => undefined);
      };
      return [context.run(() => open({ ffi, path, makeCurrent, capability }))];
    } catch (error) {
      if (error instanceof DeviceError && !context.lost) return [];
      throw error;
    }
  });
}
