/**
 * How much memory a protobuf message takes once it is decoded, found without decoding it. Two bytes of a file can
 * become an object of 300: a small hostile file would exhaust the memory of the process before any other check.
 */
import { ScalarType, type DescField, type DescMessage } from '@bufbuild/protobuf';

/** Bytes of a decoded message with its lists, measured in V8. */
const MESSAGE_BYTES = 300;
/** Bytes of a bigint and its place in a list. */
const BIGINT_BYTES = 32;
/** Bytes of a number's place in a list, or of the head of a string or view. */
const NUMBER_BYTES = 8;
const HEAD_BYTES = 64;

/** As deep as the decoder goes. */
const MAX_DEPTH = 100;

const BIGINTS: ReadonlySet<ScalarType> = new Set([ScalarType.INT64, ScalarType.UINT64, ScalarType.SINT64]);
const BLOBS: ReadonlySet<ScalarType> = new Set([ScalarType.STRING, ScalarType.BYTES]);

/**
 * An estimate of what decoding takes, in bytes. Bytes that are no protobuf end the count: the decoder will say so.
 * @param enough stop counting past this
 */
export function decodedBytes(bytes: Uint8Array, schema: DescMessage, enough: number): number {
  return new Scan(bytes, enough).message(schema, bytes.length, 0);
}

class Scan {
  readonly #bytes: Uint8Array;
  readonly #enough: number;
  #at = 0;
  #total = 0;

  constructor(bytes: Uint8Array, enough: number) {
    this.#bytes = bytes;
    this.#enough = enough;
  }

  /** Counts a message that ends at `end`, and returns the total so far. */
  message(schema: DescMessage, end: number, depth: number): number {
    this.#total += MESSAGE_BYTES;
    const fields = fieldsOf(schema);
    while (this.#at < end && this.#total <= this.#enough) {
      const tag = this.#varint();
      const field = fields.get(Math.floor(tag / 8));
      if (!this.#value(tag % 8, field, depth)) this.#at = Infinity;
    }
    return this.#total;
  }

  /** Counts one field's value. @returns false when there is no way to go on */
  #value(wireType: number, field: DescField | undefined, depth: number): boolean {
    switch (wireType) {
      case 0:
        this.#varint();
        this.#total += field ? BIGINT_BYTES : 0;
        return true;
      case 1:
      case 5:
        this.#at += wireType === 1 ? 8 : 4;
        this.#total += field ? NUMBER_BYTES : 0;
        return true;
      case 2:
        this.#delimited(field, depth);
        return true;
      default:
        // Groups, which ONNX does not have.
        return false;
    }
  }

  #delimited(field: DescField | undefined, depth: number): void {
    const length = this.#varint();
    const end = this.#at + length;
    if (field?.message && depth < MAX_DEPTH)
      this.message(field.message, Math.min(end, this.#bytes.length), depth + 1);
    else if (field) this.#total += this.#listBytes(field, Math.min(end, this.#bytes.length));
    this.#at = end;
  }

  /** Bytes of a string, a view, or a packed list that ends at `end`. */
  #listBytes({ scalar }: DescField, end: number): number {
    const length = end - this.#at;
    if (scalar === undefined || BLOBS.has(scalar)) return HEAD_BYTES;
    if (scalar === ScalarType.FLOAT) return (length / 4) * NUMBER_BYTES;
    if (scalar === ScalarType.DOUBLE) return length;
    // A varint ends with the first byte whose high bit is clear.
    let count = 0;
    for (let i = this.#at; i < end; i++) if (this.#bytes[i] < 128) count++;
    return count * (BIGINTS.has(scalar) ? BIGINT_BYTES : NUMBER_BYTES);
  }

  #varint(): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#bytes[this.#at++] ?? 0;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    return value;
  }
}

const fieldMaps = new WeakMap<DescMessage, ReadonlyMap<number, DescField>>();

function fieldsOf(schema: DescMessage): ReadonlyMap<number, DescField> {
  let fields = fieldMaps.get(schema);
  if (!fields) {
    fields = new Map(schema.fields.map((field) => [field.number, field]));
    fieldMaps.set(schema, fields);
  }
  return fields;
}
