/** A node's attributes, read by name and type. Whatever an importer does not read is refused, never ignored. */
import { FormatError, UnsupportedError } from '../errors.js';
import type { Tensor } from '../tensor/index.js';
import { AttributeType, text, type AttributeProto, type NodeProto } from './proto.js';
import { tensorFromProto } from './tensor-proto.js';

/**
 * Attributes that change nothing at inference: hints of old exporters, and what only tells a runtime how to run.
 */
const HINTS = new Set(['consumed_inputs', 'is_test', 'doc_string']);

export class Attributes {
  readonly #byName = new Map<string, AttributeProto>();
  readonly #read = new Set<string>();
  readonly #opType: string;

  /** @throws FormatError when an attribute is given twice */
  constructor(node: NodeProto) {
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

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /** An integer. Values beyond 2^53 are clamped: exporters write INT64_MAX for "to the end". */
  int(name: string, fallback: number): number;
  int(name: string): number | undefined;
  int(name: string, fallback?: number): number | undefined {
    const attribute = this.#get(name, AttributeType.INT);
    return attribute ? toNumber(attribute.i) : fallback;
  }

  /** A flag: an integer that is 0 or not. */
  flag(name: string, fallback = false): boolean {
    return this.int(name, fallback ? 1 : 0) !== 0;
  }

  float(name: string, fallback: number): number;
  float(name: string): number | undefined;
  float(name: string, fallback?: number): number | undefined {
    return this.#get(name, AttributeType.FLOAT)?.f ?? fallback;
  }

  string(name: string, fallback: string): string;
  string(name: string): string | undefined;
  string(name: string, fallback?: string): string | undefined {
    const attribute = this.#get(name, AttributeType.STRING);
    return attribute ? text(attribute.s) : fallback;
  }

  /** One of a few words. @throws UnsupportedError, naming attribute and value, for another */
  choice<T extends string>(name: string, choices: readonly T[], fallback: T): T {
    const value = this.string(name, fallback);
    const found = choices.find((choice) => choice === value);
    if (found === undefined) throw new UnsupportedError(`attribute ${name}="${value}" of ${this.#opType}`);
    return found;
  }

  ints(name: string, fallback: readonly number[]): readonly number[];
  ints(name: string): readonly number[] | undefined;
  ints(name: string, fallback?: readonly number[]): readonly number[] | undefined {
    return this.#get(name, AttributeType.INTS)?.ints.map(toNumber) ?? fallback;
  }

  /** An integer, exact. */
  bigInt(name: string): bigint | undefined {
    return this.#get(name, AttributeType.INT)?.i;
  }

  /** Integers, exact. */
  bigInts(name: string): readonly bigint[] | undefined {
    return this.#get(name, AttributeType.INTS)?.ints;
  }

  floats(name: string): readonly number[] | undefined {
    return this.#get(name, AttributeType.FLOATS)?.floats;
  }

  tensor(name: string): Tensor | undefined {
    const proto = this.#get(name, AttributeType.TENSOR)?.t;
    return proto && tensorFromProto(proto);
  }

  /** Marks an attribute as known and without effect here. */
  ignore(...names: string[]): void {
    for (const name of names) this.#read.add(name);
  }

  /** @throws UnsupportedError when an attribute was never read */
  checkAllRead(): void {
    for (const name of this.#byName.keys()) {
      if (!this.#read.has(name) && !HINTS.has(name)) {
        throw new UnsupportedError(`attribute ${name} of ${this.#opType}`);
      }
    }
  }

  #get(name: string, type: AttributeType): AttributeProto | undefined {
    this.#read.add(name);
    const attribute = this.#byName.get(name);
    // Very old exporters leave the type out.
    if (attribute && attribute.type !== type && attribute.type !== AttributeType.UNDEFINED) {
      throw new FormatError(
        `attribute ${name} is of type ${AttributeType[attribute.type]} where ${AttributeType[type]} is meant`,
        { remedy: 'Export the model again.' },
      );
    }
    return attribute;
  }
}

function toNumber(value: bigint): number {
  const clamped = BigInt.asIntN(64, value);
  if (clamped > BigInt(Number.MAX_SAFE_INTEGER)) return Number.MAX_SAFE_INTEGER;
  if (clamped < BigInt(Number.MIN_SAFE_INTEGER)) return Number.MIN_SAFE_INTEGER;
  return Number(clamped);
}
