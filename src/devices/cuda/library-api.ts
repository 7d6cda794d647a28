/** A C library whose functions answer with a status: declared once, every status checked and named. */
import { DeviceError } from '../../errors.js';
import type { ForeignFunction, ForeignLibrary, ForeignValue } from './ffi.js';
import type { LibraryEnvironment } from './library-runner.js';

/** C types of the parameters of each function; all answer with an `int`, 0 for success. */
export type Signatures<Name extends string> = Readonly<Record<Name, readonly string[]>>;

export interface LibraryDeclaration<Name extends string> {
  /** As people call it: `cuDNN`. */
  readonly title: string;
  /** What to do when it does not load. */
  readonly remedy: string;
  readonly signatures: Signatures<Name>;
  readonly version: (library: ForeignLibrary) => string;
  /** A function that puts a status into words. */
  readonly describe: (library: ForeignLibrary) => (status: number) => string;
}

export class LibraryApi<Name extends string> {
  readonly version: string;
  readonly #title: string;
  readonly #functions: Readonly<Record<string, ForeignFunction>>;
  readonly #describe: (status: number) => string;

  /** @throws DeviceError for a library that does not load or lacks a function */
  constructor({ ffi, path }: LibraryEnvironment, declaration: LibraryDeclaration<Name>) {
    const { title, remedy, signatures, version, describe } = declaration;
    this.#title = title;
    try {
      const library = ffi.load(path);
      this.#functions = Object.fromEntries(
        Object.entries<readonly string[]>(signatures).map(([name, types]) => [
          name,
          library.func(name, 'int', [...types]),
        ]),
      );
      this.#describe = describe(library);
      this.version = version(library);
    } catch (cause) {
      throw new DeviceError(`${title} does not load (${String(cause)})`, { part: path, remedy, cause });
    }
  }

  /** The status of a call that may fail. */
  status(name: Name, ...values: readonly ForeignValue[]): number {
    return Number(this.#functions[name](...values));
  }

  /** @throws DeviceError naming the function and the status */
  call(name: Name, ...values: readonly ForeignValue[]): void {
    const status = this.status(name, ...values);
    if (status !== 0) throw this.failure(name, status);
  }

  /**
   * What a function makes that puts it where its first parameter points.
   * @throws DeviceError as `call` does
   */
  create(name: Name, ...values: readonly ForeignValue[]): bigint {
    const made = new BigUint64Array(1);
    this.call(name, made, ...values);
    return made[0];
  }

  failure(name: Name, status: number): DeviceError {
    return new DeviceError(`${name} failed: ${this.#describe(status)}`, {
      part: `${this.#title} ${this.version}`,
      remedy: `Choose another candidate, or update ${this.#title}.`,
    });
  }
}
