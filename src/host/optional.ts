/** Optional npm packages: imported when first needed. */
import { MissingPackageError } from '../errors.js';

/**
 * An optional package's module.
 * @param load imports it: a literal `import('name')`, so that bundlers and types see the name
 * @param purpose what needs it, for the message
 * @throws MissingPackageError, naming what to install, when the package is not there
 */
export async function importOptional<T>(
  packageName: string,
  purpose: string,
  load: () => Promise<T>,
): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    throw new MissingPackageError(packageName, purpose, cause);
  }
}
