/** The precisions that a user may ask for, and what they mean to kernels. */
import type { KernelFeature } from '../devices/gpu.js';
import { UnsupportedError } from '../errors.js';
import type { CandidateContext } from './candidate.js';

/**
 * How floats are stored and multiplied; sums are f32 in all. `tf32` stores f32, and lets tensor cores round the factors of
 * products to ten bits of fraction.
 */
export const PRECISIONS = ['f32', 'tf32', 'f16'] as const;
export type Precision = (typeof PRECISIONS)[number];

/** What kernels are told of a precision. */
export function numbersOf(precision: Precision): Pick<CandidateContext, 'storage' | 'tf32'> {
  return precision === 'f16' ? { storage: 'f16' } : { storage: 'f32', tf32: precision === 'tf32' };
}

/** The precision that kernels were told of. */
export function precisionOf({ storage, tf32 = false }: CandidateContext): Precision {
  return storage === 'f32' && tf32 ? 'tf32' : storage;
}

/** @throws UnsupportedError for a precision that a device does not have. @param flag how it was asked for */
export function checkPrecision(
  precision: Precision,
  features: ReadonlySet<KernelFeature>,
  description: string,
  flag = 'dtype "f32"',
): void {
  const needs = { f32: undefined, tf32: 'cuda', f16: 'f16' } as const;
  const feature = needs[precision];
  if (feature === undefined || features.has(feature)) return;
  const what = precision === 'tf32' ? 'tf32' : 'half precision';
  throw new UnsupportedError(`${what} on ${description}`, { remedy: `Use ${flag}.` });
}
