/** How tensor elements are computed with: in f32, or in 32-bit integers that are wrapped to their element type. */
import { DTYPES, isFloat, type DType } from '../../tensor/index.js';
import { floatLiteral } from '../wgsl.js';

/** The type of a number in a kernel's registers, whatever it is stored in. */
export type Lane = 'f32' | 'i32' | 'u32';

/** The type in which elements are computed with. Booleans are 0 and 1 in u32. */
export function laneOf(dtype: DType): Lane {
  if (isFloat(dtype)) return 'f32';
  return DTYPES[dtype].kind === 'int' ? 'i32' : 'u32';
}

/**
 * An integer expression reduced to its type's range, as stores to 8 and 16 bits would do. 64-bit types keep the 32
 * bits that they are stored in.
 */
export function wrapped(expression: string, dtype: DType): string {
  const { kind, bits } = DTYPES[dtype];
  if (kind === 'float' || kind === 'bool' || bits >= 32) return expression;
  if (kind === 'int') return `(((${expression}) << ${32 - bits}u) >> ${32 - bits}u)`;
  return `((${expression}) & ${2 ** bits - 1}u)`;
}

/** A literal of a lane's type; for integers the nearest one that the type has. */
export function laneLiteral(value: number, lane: Lane): string {
  if (lane === 'f32') return floatLiteral(value);
  const [low, high] = lane === 'i32' ? [-(2 ** 31), 2 ** 31 - 1] : [0, 2 ** 32 - 1];
  return `${lane}(${Math.min(high, Math.max(low, Math.trunc(value)))})`;
}
