/** Kernels that show all that the translator meets: one of every fixed body, family by family. */
import type { CandidateContext } from '../../../src/candidates/candidate.js';
import type { KernelSource } from '../../../src/devices/gpu.js';
import { bodyOf, families, kernelsOf } from '../../kernels/families.js';
import { DEFAULT_LIMITS, LARGE_LIMITS } from '../../support/limits.js';

/** Plain kernels, halves, and what a CUDA device has: subgroups in f32, subgroup matrices in f16. */
export const CONTEXTS: readonly CandidateContext[] = [
  { limits: DEFAULT_LIMITS, features: new Set(), storage: 'f32' },
  { limits: DEFAULT_LIMITS, features: new Set(['f16']), storage: 'f16' },
  { limits: LARGE_LIMITS, features: new Set(['f16', 'subgroups']), storage: 'f32' },
  { limits: LARGE_LIMITS, features: new Set(['f16', 'subgroups', 'subgroup-matrix']), storage: 'f16' },
];

/** Every kernel of a family, equal texts once. */
export function kernelsOfFamily(family: string, context: CandidateContext): KernelSource[] {
  const texts = new Map<string, KernelSource>();
  for (const testCase of families.get(family) ?? []) {
    for (const { sources } of kernelsOf(testCase, context)) {
      for (const source of sources) {
        if (source.wgsl !== undefined && !texts.has(source.wgsl)) texts.set(source.wgsl, source);
      }
    }
  }
  return [...texts.values()];
}

/** The first kernel of every body in a family: of the plain ones all, of the others what is new to them. */
export function samplesOf(family: string): KernelSource[] {
  const seen = new Set<string>();
  return CONTEXTS.flatMap((context) =>
    kernelsOfFamily(family, context).filter((source) => {
      const traits = traitsOf(source, context);
      const fresh = traits.some((trait) => !seen.has(trait));
      for (const trait of traits) seen.add(trait);
      return fresh;
    }),
  );
}

/** What may be new of a kernel; of products on subgroup matrices whether they are in parts, not each of their tiles. */
function traitsOf(source: KernelSource, { storage }: CandidateContext): string[] {
  const body = bodyOf(source);
  if (body.includes('subgroupMatrix')) {
    const [from, to] = source.id.split('_').slice(1, 3);
    return [`matrix ${from} ${to} ${source.id.includes('split')}`];
  }
  const types = `${storage} ${source.wgsl?.includes('array<vec4') ?? false}`;
  return [body, types, ...(body.includes('subgroup') ? [`subgroups ${types}`] : [])];
}

export { families };
