/**
 * Every failure that a user can meet has a class here. A message says what is wrong, where (part of the
 * model, node) and what to do about it.
 */
/** Base of all errors that Lanewise throws on purpose. */
export class LanewiseError extends Error {
    /** What is wrong, without the place and the remedy. */
    what;
    remedy;
    part;
    #node;
    constructor(what, details) {
        super('', details.cause === undefined ? undefined : { cause: details.cause });
        this.name = new.target.name;
        this.what = what;
        this.remedy = details.remedy;
        this.part = details.part;
        this.#node = details.node;
        this.#compose();
    }
    /** The graph node concerned, if known. */
    get node() {
        return this.#node;
    }
    /** Adds the node to an error raised by code that did not know it; an innermost node stays. */
    at(node) {
        if (this.#node === undefined) {
            this.#node = node;
            this.#compose();
        }
        return this;
    }
    #compose() {
        const place = [this.#node, this.part].filter((text) => text !== undefined).join(', ');
        this.message = `${place ? `${place}: ` : ''}${this.what}. ${this.remedy}`;
    }
}
/** The bytes are not a readable model, tensor or image file. */
export class FormatError extends LanewiseError {
}
/** The model's graph is not a valid graph: a cycle, a missing or doubly defined value, too few inputs. */
export class GraphError extends LanewiseError {
}
/** The model is valid but uses an operator, type or attribute that Lanewise does not have. */
export class UnsupportedError extends LanewiseError {
    /** What is not supported, by name: `operator Loop`, `type string`, `attribute training_mode of Dropout`. */
    feature;
    constructor(feature, details = {}) {
        super(`${feature} is not supported`, {
            remedy: 'Export the model without it, or run `lanewise info` to list everything unsupported.',
            ...details,
        });
        this.feature = feature;
    }
}
/** Shapes or element types that do not fit each other. */
export class ShapeError extends LanewiseError {
}
/** Something is larger than the limits allow. */
export class LimitError extends LanewiseError {
}
/** What the caller passed to `session.run` does not fit the model's inputs. */
export class InputError extends LanewiseError {
}
/** External tensor data that is missing, too short, or outside the model's folder. */
export class ExternalDataError extends LanewiseError {
}
/** A device that cannot be had, or that failed. */
export class DeviceError extends LanewiseError {
}
/** An optional npm package that is needed and not installed. */
export class MissingPackageError extends LanewiseError {
    packageName;
    constructor(packageName, purpose, cause) {
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
}
//# sourceMappingURL=errors.js.map