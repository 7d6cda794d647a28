/**
 * What a pooling makes of the elements under a window, as WGSL that all its kernels are written against:
 *
 * - `Item`: the reduction of some elements; `none()` of no elements, `item(value, at)` of one (`at` is its row-major
 *   offset in the plane);
 * - `merge(a, b)`: the reduction of both, in any order and grouping;
 * - `put(at, index_at, result, count, plane, keep)`: finishes and stores one result. `count` is what an average
 *   divides by, `plane` the plane's number n * C + c, `keep` false in a blocked layout's padding, which gets zeros.
 *
 * All of it works on `Value`, a number or a vector of four. WGSL lets implementations assume that there are no NaNs,
 * so that a maximum may leave them out.
 */
import type { GpuType } from '../../devices/gpu.js';
import type { IndexOrder } from '../../ops/max-pool.js';
import { sizeOf, type Dims } from '../../tensor/index.js';
import { constants } from '../wgsl.js';

/** `lowest` is the result of a window without elements: -Infinity, or the integer type's least. */
export type Reduction =
  | { readonly kind: 'max'; readonly lowest: number }
  | { readonly kind: 'argmax'; readonly lowest: number; readonly order: IndexOrder }
  | { readonly kind: 'average'; readonly countIncludePad: boolean }
  | { readonly kind: 'lp'; readonly p: number };

/** -Infinity cannot be written as a constant: WGSL refuses constant expressions that are not finite. */
const LOWEST_FLOAT = /* wgsl */ `
fn lowest() -> Value {
  var bits = 0xff800000u;
  return Value(bitcast<f32>(bits));
}
`;

const LOWEST_INTEGER = /* wgsl */ `
fn lowest() -> Value { return Value(LOWEST); }
`;

const MAX = /* wgsl */ `
alias Item = Value;

fn none() -> Item { return lowest(); }

fn item(value: Value, at: u32) -> Item { return value; }

fn merge(a: Item, b: Item) -> Item { return max(a, b); }
`;

const PUT_MAX = /* wgsl */ `
fn put(at: u32, index_at: u32, result: Item, count: i32, plane: Lanes, keep: Mask) {
  y[at] = Out(select(Value(0), result, keep));
}
`;

/** Of equals the first in the plane wins, whatever the order in which they are merged. */
const ARGMAX = /* wgsl */ `
const NOWHERE = 0xffffffffu;

struct Item {
  value: Value,
  at: Lanes,
}

fn none() -> Item { return Item(lowest(), Lanes(NOWHERE)); }

fn item(value: Value, at: u32) -> Item { return Item(value, Lanes(at)); }

fn merge(a: Item, b: Item) -> Item {
  let take = (b.value > a.value) | ((b.value == a.value) & (b.at < a.at));
  return Item(select(a.value, b.value, take), select(a.at, b.at, take));
}
`;

const PUT_ARGMAX = /* wgsl */ `
fn put(at: u32, index_at: u32, result: Item, count: i32, plane: Lanes, keep: Mask) {
  y[at] = Out(select(Value(0), result.value, keep));
  let found = plane * PLANE + numbered(result.at);
  let index = select(found, Lanes(NOWHERE), result.at == Lanes(NOWHERE));
  indices[index_at] = Places(select(Lanes(0), index, keep));
}
`;

const AVERAGE = /* wgsl */ `
alias Item = Value;

fn none() -> Item { return Value(0); }

fn item(value: Value, at: u32) -> Item { return value; }

fn merge(a: Item, b: Item) -> Item { return a + b; }
`;

const PUT_AVERAGE = /* wgsl */ `
fn put(at: u32, index_at: u32, result: Item, count: i32, plane: Lanes, keep: Mask) {
  y[at] = Out(select(Value(0), result / Value(f32(max(count, 1))), keep));
}
`;

/** Powers of 0 apart: `pow` may go through a logarithm. */
const LP = /* wgsl */ `
alias Item = Value;

fn none() -> Item { return Value(0); }

fn power(base: Value, exponent: f32) -> Value {
  return select(pow(base, Value(exponent)), Value(0), base == Value(0));
}

fn item(value: Value, at: u32) -> Item {
  let size = abs(value);
  if (P == 1) { return size; }
  if (P == 2) { return size * size; }
  return power(size, P);
}

fn merge(a: Item, b: Item) -> Item { return a + b; }
`;

const PUT_LP = /* wgsl */ `
fn root(sum: Value) -> Value {
  if (P == 1) { return sum; }
  if (P == 2) { return sqrt(sum); }
  return power(sum, 1 / P);
}

fn put(at: u32, index_at: u32, result: Item, count: i32, plane: Lanes, keep: Mask) {
  y[at] = Out(select(Value(0), root(result), keep));
}
`;

/** The WGSL of `put`, for kernels that store results. */
export function putText(reduction: Reduction, plane: Dims): string {
  switch (reduction.kind) {
    case 'max':
      return PUT_MAX;
    case 'argmax':
      return constants({ PLANE: sizeOf(plane) }) + numberedFunction(reduction.order, plane) + PUT_ARGMAX;
    case 'average':
      return PUT_AVERAGE;
    case 'lp':
      return PUT_LP;
  }
}

/** Words that an `Item` takes per element: for estimates of registers and sizes of scratch memory. */
export function itemWords(reduction: Reduction): number {
  return reduction.kind === 'argmax' ? 2 : 1;
}

/** The WGSL of a reduction over elements stored as `type`, without `put`. */
export function reductionText(reduction: Reduction, type: GpuType): string {
  switch (reduction.kind) {
    case 'max':
      return lowestText(reduction.lowest, type) + MAX;
    case 'argmax':
      return lowestText(reduction.lowest, type) + ARGMAX;
    case 'average':
      return AVERAGE;
    case 'lp':
      return constants({ P: { f32: reduction.p } }) + LP;
  }
}

function lowestText(lowest: number, type: GpuType): string {
  if (type === 'f32' || type === 'f16') return LOWEST_FLOAT;
  return constants({ LOWEST: type === 'i32' ? { i32: lowest } : lowest }) + LOWEST_INTEGER;
}

/** `fn numbered(offset: Lanes) -> Lanes`: a row-major offset in a plane as the order of the indices counts it. */
function numberedFunction(order: IndexOrder, plane: Dims): string {
  if (order === 'row-major') return 'fn numbered(offset: Lanes) -> Lanes { return offset; }\n';
  const lines = ['var rest = offset;', 'var result = Lanes(0);'];
  for (let axis = plane.length - 1; axis >= 0; axis--) {
    lines.push(`result = result + rest % ${plane[axis]}u * ${sizeOf(plane.slice(0, axis))}u;`);
    lines.push(`rest = rest / ${plane[axis]}u;`);
  }
  lines.push('return result;');
  return `fn numbered(offset: Lanes) -> Lanes {\n  ${lines.join('\n  ')}\n}\n`;
}
