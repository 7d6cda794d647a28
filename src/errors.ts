/**
 * Every failure that a user can meet has a class here. A message says what is wrong, where (part of the
 * model, node) and what to do about it.
 */

/** Where an error arose, and what its reader can do. */
export interface ErrorDetails {
  /** The part of the model or machine concerned, e.g. `initializer "conv1.weight"`. */
  readonly part?: string | undefined;
  /** The graph node concerned, e.g. `Conv "conv1"`. */
  readonly node?: string | undefined;
  /** What the reader can do about it: a full sentence. */
  readonly remedy: string;
  readonly cause?: unknown;
}

/** Base of all errors that Lanewise throws on purpose. */
export class LanewiseError extends Error {
  // Written out in every class: minifiers rename classes, and programs tell errors apart by this.
  override readonly name: string = 'LanewiseError';
  /** What is wrong, without the place and the remedy. */
  readonly what: string;
  readonly remedy: string;
  readonly part: string | undefined;
  #node: string | undefined;
  #file: string | undefined;

  constructor(what: string, details: ErrorDetails) {
    super('', details.cause === undefined ? undefined : { cause: details.cause });
    this.what = what;
    this.remedy = details.remedy;
    this.part = details.part;
    this.#node = details.node;
    this.#compose();
  }

  /** The graph node concerned, if known. */
  get node(): string | undefined {
    return this.#node;
  }

  /** Adds the node to an error raised by code that did not know it; an innermost node stays. */
  at(node: string): this {
    if (this.#node === undefined) {
      this.#node = node;
      this.#compose();
    }
    return this;
  }

  /** Adds the file that was being read. */
  in(file: string): this {
    if (this.#file === undefined) {
      this.#file = file;
      this.#compose();
    }
    return this;
  }

  #compose(): void {
    const place = [this.#file, this.#node, this.part].filter((text) => text !== undefined).join(', ');
    this.message = `${place ? `${place}: ` : ''}${this.what}. ${this.remedy}`;
  }
}

/** The bytes are not a readable model, tensor or image file. */
export class FormatError extends LanewiseError {
  override readonly name: string = 'FormatError';
}

/** The model's graph is not a valid graph: a cycle, a missing or doubly defined value, too few inputs. */
export class GraphError extends LanewiseError {
  override readonly name: string = 'GraphError';
}

/** The model is valid but uses an operator, type or attribute that Lanewise does not have. */
export class UnsupportedError extends LanewiseError {
  override readonly name: string = 'UnsupportedError';
  /** What is not supported, by name: `operator Loop`, `type string`, `attribute training_mode of Dropout`. */
  readonly feature: string;

  constructor(feature: string, details: Partial<ErrorDetails> = {}) {
    super(`${feature} is not supported`, {
      remedy: 'Export the model without it, or run `lanewise info` to list everything unsupported.',
      ...details,
    });
    this.feature = feature;
  }
}

/** Shapes or element types that do not fit each other. */
export class ShapeError extends LanewiseError {
  override readonly name: string = 'ShapeError';
}

/** Something is larger than the limits allow. */
export class LimitError extends LanewiseError {
  override readonly name: string = 'LimitError';
}

/** What the caller passed to `session.run` does not fit the model's inputs. */
export class InputError extends LanewiseError {
  override readonly name: string = 'InputError';
}

/** External tensor data that is missing, too short, or outside the model's folder. */
export class ExternalDataError extends LanewiseError {
  override readonly name: string = 'ExternalDataError';
}

/** A device that cannot be had, or that failed. */
export class DeviceError extends LanewiseError {
  override readonly name: string = 'DeviceError';
}

/** A kernel that the device's compiler, or a library, refuses: another kernel may do its work. */
export class CompileError extends DeviceError {
  override readonly name: string = 'CompileError';
  /** The kernel's id. */
  readonly kernel: string;
  // Not for printing: whole texts.
  readonly #code: string;

  /**
   * @param code what the kernel does, as text (`codeOf`)
   * @param why the compiler's message
   */
  constructor(kernel: string, code: string, why: string, cause?: unknown) {
    super(`kernel ${kernel} does not compile (${why})`, {
      remedy: 'Please report this with the device; another layout policy may avoid the kernel.',
      cause,
    });
    this.kernel = kernel;
    this.#code = code;
  }

  /** What the kernel does, as text: kernels for other sizes have the same id. */
  get code(): string {
    return this.#code;
  }
}

/** An optional npm package that is needed and not installed. */
export class MissingPackageError extends LanewiseError {
  override readonly name: string = 'MissingPackageError';
  readonly packageName: string;

  constructor(packageName: string, purpose: string, cause?: unknown) {
    super(`the optional package "${packageName}" is not installed`, {
      part: purpose,
      remedy: `Install it with \`npm install ${packageName}\`.`,
      cause,
    });
    this.packageName = packageName;
  }
}

/** A session used after `dispose()`, or a run that was aborted. */
export class SessionError extends LanewiseError {
  override readonly name: string = 'SessionError';
}

/** A saved plan, profile or cost file that does not fit: another graph, device or version, or damaged. */
export class PlanError extends LanewiseError {
  override readonly name: string = 'PlanError';
}
