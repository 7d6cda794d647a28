/** The reductions of ONNX in WGSL: what is done to an element, to two results, and to the last one. */
import { UnsupportedError } from '../../errors.js';
import { DTYPES, type DType } from '../../tensor/index.js';
import type { ComputeType } from './team.js';

/** A reduction for an element type, as expressions. */
export interface FoldWgsl {
  /** Of `v: V`. */
  readonly map: string;
  /** Of `a` and `b`, both V or both Acc. */
  readonly combine: string;
  /** A scalar. */
  readonly identity: string;
  /** Of `total: Acc`; for integers Acc is a scalar. */
  readonly finish: string;
}

interface Recipe {
  readonly map?: (type: ComputeType) => string;
  readonly combine: (type: ComputeType) => string;
  readonly identity: (type: ComputeType, dtype: DType) => string;
  readonly finish?: (type: ComputeType) => string;
}

const zero = (type: ComputeType): string => `${type}(0)`;
const add: Recipe = { combine: () => 'a + b', identity: zero };
const square = (): string => 'v * v';

/** With NaN wherever one of the two is NaN, which `max` and `min` leave open. */
function extreme(name: 'max' | 'min'): (type: ComputeType) => string {
  return (type) => (type === 'f32' ? `select(${name}(a, b), a + b, (a != a) | (b != b))` : `${name}(a, b)`);
}

const RECIPES: Readonly<Record<string, Recipe>> = {
  ReduceSum: add,
  ReduceMean: { ...add, finish: (type) => `total / Acc(${type}(LENGTH))` },
  ReduceMax: { combine: extreme('max'), identity: (type, dtype) => limit(type, dtype, 'lowest') },
  ReduceMin: { combine: extreme('min'), identity: (type, dtype) => limit(type, dtype, 'highest') },
  ReduceProd: { combine: () => 'a * b', identity: (type) => `${type}(1)` },
  ReduceL1: { ...add, map: (type) => (type === 'u32' ? 'v' : 'abs(v)') },
  ReduceL2: { ...add, map: square, finish: (type) => (type === 'f32' ? 'sqrt(total)' : 'whole_root(total)') },
  ReduceSumSquare: { ...add, map: square },
  ReduceLogSum: { ...add, finish: (type) => (type === 'f32' ? 'log(total)' : 'whole_log(total)') },
};

/** Where maxima and minima start: the ends of the element type's range. WGSL has no literal for infinity. */
function limit(type: ComputeType, dtype: DType, end: 'lowest' | 'highest'): string {
  if (type === 'f32') return `float_of(${end === 'lowest' ? '0xff800000u' : '0x7f800000u'})`;
  const { kind } = DTYPES[dtype];
  const bits = Math.min(DTYPES[dtype].bits, 32);
  if (type === 'u32') {
    if (end === 'lowest') return '0u';
    return kind === 'bool' ? '1u' : `${2 ** bits - 1}u`;
  }
  return end === 'lowest' ? `(-i32(${2 ** (bits - 1) - 1}) - 1i)` : `i32(${2 ** (bits - 1) - 1})`;
}

/**
 * Integers: the exact whole square root, whatever the rounding of `sqrt`; the whole part of a logarithm, 0 where
 * there is none.
 */
export const WHOLE_WGSL = /* wgsl */ `
fn whole_root(total: Acc) -> Acc {
  let n = u32(total);
  var root = u32(sqrt(f32(n)));
  if (root * root > n) { root -= 1u; }
  if (root < 65535u && (root + 1u) * (root + 1u) <= n) { root += 1u; }
  return Acc(root);
}
fn whole_log(total: Acc) -> Acc {
  if (total <= Acc(0)) { return Acc(0); }
  return Acc(log(f32(total)));
}
`;

/** A function, not a constant: a constant expression must not be infinite. */
export const INFINITY_WGSL = /* wgsl */ `
fn float_of(bits: u32) -> f32 { return bitcast<f32>(bits); }
`;

/** @throws UnsupportedError for a reduction without WGSL */
export function foldWgsl(name: string, type: ComputeType, dtype: DType): FoldWgsl {
  const recipe = RECIPES[name];
  if (!recipe)
    throw new UnsupportedError(`operator ${name} on a GPU`, { remedy: 'Run the model on the CPU.' });
  return {
    map: recipe.map?.(type) ?? 'v',
    combine: recipe.combine(type),
    identity: recipe.identity(type, dtype),
    finish: recipe.finish?.(type) ?? 'total',
  };
}

/** Whether a reduction is one of those. */
export function hasFoldWgsl(name: string): boolean {
  return name in RECIPES;
}

/** An integer as fixed-width arithmetic of its type leaves it: the low bits, sign extended; an expression. */
export function wrapExpression(value: string, dtype: DType): string {
  const { kind, bits } = DTYPES[dtype];
  if (kind === 'float' || kind === 'bool' || bits >= 32) return value;
  const unused = 32 - bits;
  return `((${value}) << ${unused}u) >> ${unused}u`;
}
