/** The order of numbers as the GPU finds extremes: every value becomes a u32 key whose order is the one wanted. */
import type { ComputeType } from './team.js';

/** Which elements come first; for `smallest-or-nan`, NaN counts as smaller than any number. */
export type Order = 'largest' | 'smallest' | 'smallest-or-nan';

/**
 * Flips an f32's bits so that unsigned order is numeric order. Both zeros are one key. NaN is above all numbers,
 * as in NumPy; `bitcast` is needed because comparisons may assume that there are none.
 */
const FLOAT_KEY = /* wgsl */ `
fn is_nan(value: f32) -> bool { return (bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u; }
fn ascending_key(value: f32) -> u32 {
  let bits = bitcast<u32>(value);
  if ((bits & 0x7fffffffu) == 0u) { return 0x80000000u; }
  if (is_nan(value)) { return 0xffffffffu; }
  return select(bits | 0x80000000u, ~bits, (bits >> 31u) == 1u);
}
`;

const SIGNED_KEY = /* wgsl */ `
fn is_nan(value: i32) -> bool { return false; }
fn ascending_key(value: i32) -> u32 { return bitcast<u32>(value) ^ 0x80000000u; }
`;

const UNSIGNED_KEY = /* wgsl */ `
fn is_nan(value: u32) -> bool { return false; }
fn ascending_key(value: u32) -> u32 { return value; }
`;

const KEYS: Readonly<Record<ComputeType, string>> = { f32: FLOAT_KEY, i32: SIGNED_KEY, u32: UNSIGNED_KEY };

/** `fn key_of(value) -> u32`: the largest key comes first. */
export function orderFunction(type: ComputeType, order: Order): string {
  const key = {
    largest: 'ascending_key(value)',
    smallest: '~ascending_key(value)',
    'smallest-or-nan': 'select(~ascending_key(value), 0xffffffffu, is_nan(value))',
  }[order];
  return `${KEYS[type]}fn key_of(value: ${type}) -> u32 { return ${key}; }\n`;
}

/** A key and where it stands, and the better of two; needs LAST: whether the last of equals wins. */
export const BEST_WGSL = /* wgsl */ `
struct Best {
  key: u32,
  rank: u32,
}
fn pair_best(a: Best, b: Best) -> Best {
  let nearer = select((b.rank < a.rank), (b.rank > a.rank), LAST);
  if (b.key > a.key || (b.key == a.key && nearer)) { return b; }
  return a;
}
`;
