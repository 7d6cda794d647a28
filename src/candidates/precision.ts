/** The precisions that a user may ask for, and what they mean to kernels. */
import type { KernelFeature } from '../devices/gpu.js';
import { UnsupportedError } from '../errors.js';
import type { CandidateContext } from './candidate.js';

/**
 * How floats are stored and multiplied; sums are f32 in all. `tf32` stores f32, and lets tensor cores round the factors of
 * products to ten bits of fraction. `bf16` stores the upper half of an f32, of a model's f16 tensors too.
 */
export const PRECISIONS = ['f32', 'tf32', 'f16', 'bf16'] as const;
export type Precision = (typeof PRECISIONS)[number];

/** What kernels are told of a precision. */
export function numbersOf(precision: Precision): Pick<CandidateContext, 'storage' | 'half' | 'tf32'> {
  if (precision === 'bf16') return { storage: 'f16', half: 'bf16' };
  return precision === 'f16' ? { storage: 'f16' } : { storage: 'f32', tf32: precision === 'tf32' };
}

/** The precision that kernels were told of. */
export function precisionOf({ storage, half, tf32 = false }: CandidateContext): Precision {
  if (storage === 'f16') return half ?? storage;
  return tf32 ? 'tf32' : storage;
}

/** @throws UnsupportedError for a precision that a device does not have. @param flag how it was asked for */
export function checkPrecision(
  precision: Precision,
  features: ReadonlySet<KernelFeature>,
  description: string,
  flag = 'dtype "f32"',
): void {
  const needs = { f32: undefined, tf32: 'cuda', f16: 'f16', bf16: 'cuda' } as const;
  const feature = needs[precision];
  if (feature === undefined || features.has(feature)) return;
  const what = precision === 'f16' ? 'half precision' : precision;
  throw new UnsupportedError(`${what} on ${description}`, { remedy: `Use ${flag}.` });
}
