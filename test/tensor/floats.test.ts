import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BFLOAT16,
  FLOAT16,
  FLOAT4E2M1,
  FLOAT8E4M3FN,
  FLOAT8E4M3FNUZ,
  FLOAT8E5M2,
  FLOAT8E5M2FNUZ,
  decodeE8M0,
  decodeTable,
  encodeE8M0,
  encodeFloat,
  roundHalfEven,
  type FloatFormat,
} from '../../src/tensor/floats.js';

const FORMATS: Readonly<Record<string, FloatFormat>> = {
  FLOAT16,
  BFLOAT16,
  FLOAT8E4M3FN,
  FLOAT8E4M3FNUZ,
  FLOAT8E5M2,
  FLOAT8E5M2FNUZ,
  FLOAT4E2M1,
};
const all = Object.entries(FORMATS);

/** Facts of the specifications: bit pattern and number. */
const PATTERNS: Readonly<Record<string, readonly (readonly [code: number, value: number])[]>> = {
  FLOAT16: [
    [0x3c00, 1],
    [0xc000, -2],
    [0x7bff, 65504],
    [0x0400, 2 ** -14],
    [0x03ff, 1023 * 2 ** -24],
    [0x0001, 2 ** -24],
    [0x3555, 0.333251953125],
    [0x8000, -0],
    [0x7c00, Infinity],
    [0xfc00, -Infinity],
    [0x7e00, NaN],
  ],
  BFLOAT16: [
    [0x3f80, 1],
    [0x4049, 3.140625],
    [0x7f7f, 255 * 2 ** 120],
    [0x0080, 2 ** -126],
    [0x0001, 2 ** -133],
    [0xff80, -Infinity],
    [0x7fc0, NaN],
  ],
  FLOAT8E4M3FN: [
    [0x38, 1],
    [0x7e, 448],
    [0xfe, -448],
    [0x08, 2 ** -6],
    [0x01, 2 ** -9],
    [0x80, -0],
    [0x7f, NaN],
    [0xff, NaN],
  ],
  FLOAT8E4M3FNUZ: [
    [0x40, 1],
    [0x7f, 240],
    [0x08, 2 ** -7],
    [0x01, 2 ** -10],
    [0x80, NaN],
  ],
  FLOAT8E5M2: [
    [0x3c, 1],
    [0x7b, 57344],
    [0x04, 2 ** -14],
    [0x01, 2 ** -16],
    [0x7c, Infinity],
    [0xfc, -Infinity],
    [0x7d, NaN],
    [0xff, NaN],
  ],
  FLOAT8E5M2FNUZ: [
    [0x40, 1],
    [0x7f, 57344],
    [0x04, 2 ** -15],
    [0x01, 2 ** -17],
    [0x80, NaN],
  ],
  FLOAT4E2M1: [
    [0, 0],
    [1, 0.5],
    [2, 1],
    [3, 1.5],
    [4, 2],
    [5, 3],
    [6, 4],
    [7, 6],
    [8, -0],
    [15, -6],
  ],
};

describe.each(all)('%s', (name, format) => {
  const table = decodeTable(format);
  const magnitudes = [...table]
    .map((value, code) => ({ value, code }))
    .filter(({ value }) => value > 0 && value < Infinity)
    .sort((a, b) => a.value - b.value);
  const largest = magnitudes[magnitudes.length - 1];

  test('known bit patterns decode', () => {
    for (const [code, value] of PATTERNS[name]) expect(table[code]).toBe(value);
  });

  test('every code but NaN survives decoding and encoding', () => {
    const numbers = [...table.keys()].filter((code) => !Number.isNaN(table[code]));
    expect(numbers.map((code) => encodeFloat(format, table[code], false))).toEqual(numbers);
    const nan = table[encodeFloat(format, NaN, false)];
    expect(nan).toBe(numbers.length < table.length ? NaN : -0);
  });

  test('midpoints between neighbours go to the even code, all else to the nearer', () => {
    const pairs = magnitudes.slice(1).map((high, i) => [magnitudes[i], high] as const);
    const encoded = pairs.map(([low, high]) => {
      const middle = (low.value + high.value) / 2;
      const nudge = (high.value - low.value) * 2 ** -20;
      return [middle - nudge, middle, middle + nudge].map((x) => encodeFloat(format, x, true));
    });
    const even = pairs.map(([low, high]) => (low.code % 2 === 0 ? low.code : high.code));
    expect(encoded).toEqual(pairs.map(([low, high], i) => [low.code, even[i], high.code]));
    expect(encodeFloat(format, magnitudes[0].value / 2, true)).toBe(0);
    expect(encodeFloat(format, magnitudes[0].value * 0.51, true)).toBe(1);
  });

  test('any number goes to the nearest of all numbers of the format', () => {
    const number = fc.oneof(
      fc.double({ min: -2 * largest.value, max: 2 * largest.value, noNaN: true }),
      fc.double({ min: -8, max: 8, noNaN: true }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    );
    fc.assert(
      fc.property(number, (x) => {
        const encoded = table[encodeFloat(format, x, true)];
        let best = Math.abs(x); // the distance of zero
        for (const { value } of magnitudes) best = Math.min(best, Math.abs(value - Math.abs(x)));
        expect(Math.abs(encoded - x)).toBe(best);
        expect(encoded * x).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: magnitudes.length > 1000 ? 100 : 500 },
    );
  });

  test('overflow saturates when asked, and is infinity or NaN otherwise', () => {
    const previous = magnitudes[magnitudes.length - 2];
    const tie = largest.value + (largest.value - previous.value) / 2;
    const overflow = name.endsWith('E2M1') ? largest.value : name.includes('FN') ? NaN : Infinity;
    for (const x of [tie * 1.001, 1e300, Infinity]) {
      expect(table[encodeFloat(format, x, true)]).toBe(largest.value);
      expect(table[encodeFloat(format, -x, true)]).toBe(-largest.value);
      expect(table[encodeFloat(format, x, false)]).toBe(overflow);
      expect(table[encodeFloat(format, -x, false)]).toBe(-overflow);
    }
    expect(table[encodeFloat(format, tie - tie * 2 ** -20, false)]).toBe(largest.value);
  });
});

test('zero has no sign in FNUZ formats', () => {
  expect(encodeFloat(FLOAT8E4M3FNUZ, -0, true)).toBe(0);
  expect(encodeFloat(FLOAT8E5M2FNUZ, -1e-9, true)).toBe(0);
  expect(encodeFloat(FLOAT8E4M3FN, -0, true)).toBe(0x80);
});

test('a double is rounded to half precision at once, not by way of single precision', () => {
  // Just above the midpoint of 1 and the next half; as a float it would be the midpoint, and go to 1.
  const x = 1 + 2 ** -11 + 2 ** -40;
  expect(Math.fround(x)).toBe(1 + 2 ** -11);
  expect(encodeFloat(FLOAT16, x, false)).toBe(0x3c01);
});

const roundings = ['up', 'down', 'nearest'] as const;
const rounded = (x: number): number[] =>
  roundings.map((rounding) => decodeE8M0(encodeE8M0(x, true, rounding)));

describe('E8M0', () => {
  test('every code survives decoding and encoding, whatever the rounding', () => {
    for (let code = 0; code < 256; code++) {
      for (const rounding of roundings) {
        expect(encodeE8M0(decodeE8M0(code), true, rounding)).toBe(code);
      }
    }
  });

  test('rounding between powers of two', () => {
    expect(rounded(1.25)).toEqual([2, 1, 1]);
    expect(rounded(1.5)).toEqual([2, 1, 2]);
    expect(rounded(7)).toEqual([8, 4, 8]);
    expect(rounded(0.3)).toEqual([0.5, 0.25, 0.25]);
  });

  test('what lies outside the range saturates or is NaN', () => {
    for (const x of [0, 2 ** -128]) {
      expect(encodeE8M0(x, true)).toBe(0);
      expect(encodeE8M0(x, false)).toBe(255);
    }
    for (const x of [2 ** 127 * 1.1, 2 ** 128, Infinity]) {
      expect(encodeE8M0(x, true)).toBe(254);
      expect(encodeE8M0(x, false)).toBe(255);
    }
    expect(encodeE8M0(NaN, true)).toBe(255);
    expect(decodeE8M0(255)).toBeNaN();
  });
});

test('integers are nearest, ties even', () => {
  expect([0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 2.4, 2.6, -2.6].map(roundHalfEven).map((x) => x + 0)).toEqual([
    0, 2, 2, 0, -2, -2, 2, 3, -3,
  ]);
});
