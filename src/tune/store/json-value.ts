/** Values out of JSON files, checked one by one: an error says which file, where in it, what stands there, and what to do. */
import { PlanError } from '../../errors.js';

/** Where a value came from. */
export interface JsonOrigin {
  /** The file, for messages. */
  readonly source: string;
  /** What the reader of an error can do: a full sentence. */
  readonly remedy: string;
}

/** Bounds of a number, both included. */
export interface Bounds {
  readonly least?: number;
  readonly most?: number;
}

const MAX_TEXT = 4000;

export class JsonValue {
  /** The value as it was parsed. */
  readonly raw: unknown;
  /** Its place in the document: `devices[0].costs[3].samples[1]`; empty for the document itself. */
  readonly place: string;
  readonly #origin: JsonOrigin;

  constructor(raw: unknown, origin: JsonOrigin, place = '') {
    this.raw = raw;
    this.place = place;
    this.#origin = origin;
  }

  /** A field; its `raw` is undefined where the object has none of the name. @throws PlanError for what is no object */
  field(name: string): JsonValue {
    const object = this.#object();
    const value = Object.hasOwn(object, name) ? object[name] : undefined;
    return new JsonValue(value, this.#origin, this.place === '' ? name : `${this.place}.${name}`);
  }

  /** All fields. @throws PlanError for what is no object, or one of more than `most` fields */
  fields(most: number): [string, JsonValue][] {
    const names = Object.keys(this.#object());
    if (names.length > most)
      throw this.unlike(`an object of at most ${most} fields`, `${names.length} fields`);
    return names.map((name) => [name, this.field(name)]);
  }

  /** @throws PlanError for what is no list, or one shorter or longer than the bounds */
  items({ least = 0, most = Infinity }: Bounds): JsonValue[] {
    const { raw } = this;
    if (!Array.isArray(raw)) throw this.unlike('a list');
    if (raw.length < least || raw.length > most) {
      const expected = least === most ? `a list of ${most}` : `a list of ${least} to ${most}`;
      throw this.unlike(expected, `a list of ${raw.length}`);
    }
    return raw.map((item, i) => new JsonValue(item, this.#origin, `${this.place}[${i}]`));
  }

  /** @throws PlanError for what is no text, or one too long */
  text(): string {
    if (typeof this.raw !== 'string') throw this.unlike('a text');
    if (this.raw.length > MAX_TEXT) {
      throw this.unlike(`a text of at most ${MAX_TEXT} characters`, `one of ${this.raw.length}`);
    }
    return this.raw;
  }

  /** A text of a form. @param expected the form in words @throws PlanError for any other */
  matching(pattern: RegExp, expected: string): string {
    const text = this.text();
    if (!pattern.test(text)) throw this.unlike(expected);
    return text;
  }

  /** A day, `2026-11-23`. @throws PlanError for what is none in the calendar */
  day(): string {
    const text = this.matching(/^\d{4}-\d{2}-\d{2}$/, 'a day such as 2026-11-23');
    const date = new Date(`${text}T00:00:00Z`);
    // Some engines carry the 31st of February over into March.
    if (Number.isNaN(date.getTime()) || !date.toISOString().startsWith(text)) {
      throw this.unlike('a day such as 2026-11-23');
    }
    return text;
  }

  /** A finite number. @throws PlanError for any other value */
  number({ least = -Infinity, most = Infinity }: Bounds = {}): number {
    const { raw } = this;
    if (typeof raw !== 'number' || !Number.isFinite(raw)) throw this.unlike('a finite number');
    if (raw < least) throw this.unlike(`a number of at least ${least}`);
    if (raw > most) throw this.unlike(`a number of at most ${most}`);
    return raw;
  }

  /** A finite number above zero. @throws PlanError for any other value */
  positive(): number {
    const number = this.number();
    if (number <= 0) throw this.unlike('a number above zero');
    return number;
  }

  /** A whole number. @throws PlanError for any other value */
  integer(bounds: Bounds = {}): number {
    const number = this.number(bounds);
    if (!Number.isInteger(number)) throw this.unlike('a whole number');
    return number;
  }

  /** One of few values. @throws PlanError for any other */
  oneOf<T extends string | number>(choices: readonly T[]): T {
    const found = choices.find((choice) => choice === this.raw);
    if (found === undefined) throw this.unlike(choices.map((choice) => JSON.stringify(choice)).join(' or '));
    return found;
  }

  /** The error of a value that is another than expected. @param found in words; the value itself when left out */
  unlike(expected: string, found = shown(this.raw)): PlanError {
    return this.error(`${found} stands where ${expected} is expected`);
  }

  /** @param what what is wrong, without place and remedy */
  error(what: string, remedy = this.#origin.remedy): PlanError {
    return new PlanError(what, { part: this.place || undefined, remedy }).in(this.#origin.source);
  }

  #object(): Record<string, unknown> {
    const { raw } = this;
    if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) throw this.unlike('an object');
    return raw as Record<string, unknown>;
  }
}

/** A JSON document. @throws PlanError where the text is none */
export function parseJson(text: string, origin: JsonOrigin): JsonValue {
  try {
    return new JsonValue(JSON.parse(text), origin);
  } catch (cause) {
    throw new PlanError(`this is not JSON (${(cause as Error).message})`, {
      remedy: origin.remedy,
      cause,
    }).in(origin.source);
  }
}

/** A value in words, short enough for a message. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  // JSON has no NaN and no Infinity, and values may come from elsewhere.
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? typeof value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
