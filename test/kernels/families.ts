/** All case tables, and the kernels that their candidates generate. Runs in Node and in pages that Vite builds. */
import { wgslOf, type KernelSource } from '../../src/devices/gpu.js';
import type { Candidate, CandidateContext } from '../../src/candidates/candidate.js';
import { wholeRuns, type CaseRun, type OpCase } from './harness.js';

declare global {
  interface ImportMeta {
    /** Vite's: the modules that match a pattern. */
    glob(pattern: string, options: { readonly eager: true }): Record<string, Record<string, unknown>>;
  }
}

/** The cases of each file in cases/, by the file's name: every exported list of cases. */
export const families: ReadonlyMap<string, readonly OpCase[]> = new Map(
  Object.entries(import.meta.glob('./cases/*.ts', { eager: true })).map(([path, module]) => {
    const name = /([^/]+)\.ts$/.exec(path)?.[1] ?? path;
    return [name, Object.values(module).filter(isCaseList).flat()];
  }),
);

function isCaseList(value: unknown): value is readonly OpCase[] {
  return Array.isArray(value) && value.length > 0 && value.every(isCase);
}

function isCase(value: unknown): value is OpCase {
  return typeof value === 'object' && value !== null && 'op' in value && 'inputs' in value;
}

/** A candidate and the kernels that it launches. */
export interface GeneratedKernels {
  readonly candidate: Candidate;
  readonly sources: readonly KernelSource[];
}

/** What the candidates of a case launch. */
export function kernelsOf(testCase: OpCase, context: CandidateContext): GeneratedKernels[] {
  return wholeRuns(testCase, context).map((run) => ({ candidate: run.candidate, sources: sourcesOf(run) }));
}

/** What a run launches. */
export function sourcesOf({ candidate, views }: CaseRun): KernelSource[] {
  return candidate.build(views).map(({ source }) => source);
}

/** A sample of a family's runs: those that show something new, each alike in part to many others. */
export class Sample {
  readonly #seen = new Set<string>();

  /** What to run of the next case. */
  choose(runs: readonly CaseRun[]): CaseRun[] {
    return runs.filter((run) => {
      const fresh = traitsOf(run).filter((trait) => !this.#seen.has(trait));
      for (const trait of fresh) this.#seen.add(trait);
      return fresh.length > 0;
    });
  }
}

/**
 * The kinds of a run's kernels and, of rank 4, the layout of its output. Of a part each of them along channels and along
 * another axis, and the operator; and each kind beginning between vectors (of the innermost axis and of another), at a
 * vector and first. An alias, which launches nothing, has none.
 */
function traitsOf(run: CaseRun): string[] {
  const { candidate, place } = run;
  const [{ name, order }] = candidate.outputs;
  const kinds = sourcesOf(run).map(kindOf);
  if (kinds.length === 0) return [];
  const traits = order.length === 4 ? [name, ...kinds] : kinds;
  if (!place) return traits;
  const [operator] = candidate.id.split('_', 1);
  const along = place.axis === 1 ? 'channels' : 'another axis';
  const splits = place.axis === order.at(-1) && place.before % 4 !== 0;
  const start = splits ? 'a part of a vector' : Math.min(place.before, 4);
  return [
    operator,
    ...traits.map((trait) => `along ${along}: ${trait}`),
    ...kinds.map((kind) => `after ${start}: ${kind}`),
  ];
}

/** A kernel's fixed body, and whether it reads or writes vectors. */
function kindOf(source: KernelSource): string {
  return `${wgslOf(source).includes('array<vec4') ? 'vectors' : 'elements'}: ${bodyOf(source)}`;
}

/** The fixed part of a kernel's text, from its entry point on: what kernels of one body share. */
export function bodyOf(source: KernelSource): string {
  const wgsl = wgslOf(source);
  return wgsl.slice(wgsl.indexOf('@compute'));
}
