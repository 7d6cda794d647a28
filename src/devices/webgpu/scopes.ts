/**
 * What went wrong in a few WebGPU calls. WebGPU returns objects at once and reports errors later, to the error scopes
 * that were open when the call was made.
 */

/** The result of guarded calls, and the error that they caused, once it is known. */
export interface Guarded<T> {
  readonly value: T;
  readonly error: Promise<GPUError | undefined>;
}

/** All kinds of errors that a scope can catch. */
const FILTERS: readonly GPUErrorFilter[] = ['validation', 'out-of-memory', 'internal'];

/**
 * Makes WebGPU calls and catches their errors, so that these reach neither the console nor the caller's own scopes.
 * @param work synchronous: scopes are one stack per device, which other work uses as soon as this function returns
 */
export function guarded<T>(device: GPUDevice, work: () => T): Guarded<T> {
  for (const filter of FILTERS) device.pushErrorScope(filter);
  let value: T;
  try {
    value = work();
  } catch (error) {
    void popScopes(device);
    throw error;
  }
  return { value, error: popScopes(device) };
}

async function popScopes(device: GPUDevice): Promise<GPUError | undefined> {
  // All are popped before the first wait. A lost device has no errors to tell: its loss is told elsewhere.
  const popped = FILTERS.map(() => device.popErrorScope().catch(() => null));
  const errors = await Promise.all(popped);
  return errors.find((error) => error !== null) ?? undefined;
}

/** The first line of an error's message: what follows names calls inside WebGPU. */
export function firstLine({ message }: { readonly message: string }): string {
  return message.trim().split('\n', 1)[0];
}
