/** A node's attributes, read by name and type. Whatever an importer does not read is refused, never ignored. */
import { FormatError, UnsupportedError } from '../errors.js';
import { AttributeType, text } from './proto.js';
import { tensorFromProto } from './tensor-proto.js';
/**
 * Attributes that change nothing at inference: hints of old exporters, and what only tells a runtime how to run.
 */
const HINTS = new Set(['consumed_inputs', 'is_test', 'storage_order_hint', 'doc_string', 'seed_hint']);
export class Attributes {
    #byName = new Map();
    #read = new Set();
    #opType;
    /** @throws FormatError when an attribute is given twice */
    constructor(node) {
        this.#opType = node.opType;
        for (const attribute of node.attribute) {
            if (this.#byName.has(attribute.name)) {
                throw new FormatError(`attribute ${attribute.name} is given twice`, {
                    remedy: 'Export the model again.',
                });
            }
            this.#byName.set(attribute.name, attribute);
        }
    }
    has(name) {
        return this.#byName.has(name);
    }
    int(name, fallback) {
        const attribute = this.#get(name, AttributeType.INT);
        return attribute ? toNumber(attribute.i) : fallback;
    }
    /** A flag: an integer that is 0 or not. */
    flag(name, fallback = false) {
        return this.int(name, fallback ? 1 : 0) !== 0;
    }
    float(name, fallback) {
        return this.#get(name, AttributeType.FLOAT)?.f ?? fallback;
    }
    string(name, fallback) {
        const attribute = this.#get(name, AttributeType.STRING);
        return attribute ? text(attribute.s) : fallback;
    }
    /** One of a few words. @throws UnsupportedError, naming attribute and value, for another */
    choice(name, choices, fallback) {
        const value = this.string(name, fallback);
        const found = choices.find((choice) => choice === value);
        if (found === undefined)
            throw new UnsupportedError(`attribute ${name}="${value}" of ${this.#opType}`);
        return found;
    }
    ints(name, fallback) {
        return this.#get(name, AttributeType.INTS)?.ints.map(toNumber) ?? fallback;
    }
    floats(name) {
        return this.#get(name, AttributeType.FLOATS)?.floats;
    }
    tensor(name) {
        const proto = this.#get(name, AttributeType.TENSOR)?.t;
        return proto && tensorFromProto(proto);
    }
    /** Marks an attribute as known and without effect here. */
    ignore(...names) {
        for (const name of names)
            this.#read.add(name);
    }
    /** @throws UnsupportedError when an attribute was never read */
    checkAllRead() {
        for (const name of this.#byName.keys()) {
            if (!this.#read.has(name) && !HINTS.has(name)) {
                throw new UnsupportedError(`attribute ${name} of ${this.#opType}`);
            }
        }
    }
    #get(name, type) {
        this.#read.add(name);
        const attribute = this.#byName.get(name);
        // Very old exporters leave the type out.
        if (attribute && attribute.type !== type && attribute.type !== AttributeType.UNDEFINED) {
            throw new FormatError(`attribute ${name} is of type ${AttributeType[attribute.type]} where ${AttributeType[type]} is meant`, { remedy: 'Export the model again.' });
        }
        return attribute;
    }
}
function toNumber(value) {
    const clamped = BigInt.asIntN(64, value);
    if (clamped > BigInt(Number.MAX_SAFE_INTEGER))
        return Number.MAX_SAFE_INTEGER;
    if (clamped < BigInt(Number.MIN_SAFE_INTEGER))
        return Number.MIN_SAFE_INTEGER;
    return Number(clamped);
}
//# sourceMappingURL=attributes.js.map