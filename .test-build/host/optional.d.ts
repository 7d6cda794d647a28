/**
 * An optional package's module.
 * @param purpose what needs it, for the message
 * @param load imports it: a literal `import('name')`, so that bundlers and types see the name
 * @throws MissingPackageError, naming what to install, when the package is not there; LanewiseError when it is
 *   there and does not load
 */
export declare function importOptional<T>(packageName: string, purpose: string, load: () => Promise<T>): Promise<T>;
