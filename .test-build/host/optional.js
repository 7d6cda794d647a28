/** Optional npm packages: imported when first needed. */
import { LanewiseError, MissingPackageError } from '../errors.js';
/**
 * An optional package's module.
 * @param purpose what needs it, for the message
 * @param load imports it: a literal `import('name')`, so that bundlers and types see the name
 * @throws MissingPackageError, naming what to install, when the package is not there; LanewiseError when it is
 *   there and does not load
 */
export async function importOptional(packageName, purpose, load) {
    try {
        return await load();
    }
    catch (cause) {
        if (isNotFound(cause))
            throw new MissingPackageError(packageName, purpose, cause);
        throw new LanewiseError(`the optional package "${packageName}" does not load (${firstLine(cause)})`, {
            part: purpose,
            remedy: `Install it afresh with \`npm install ${packageName}\`.`,
            cause,
        });
    }
}
function isNotFound(cause) {
    return cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND';
}
function firstLine(cause) {
    return String(cause instanceof Error ? cause.message : cause).split('\n')[0];
}
//# sourceMappingURL=optional.js.map