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

/**
 * A sample of a family's runs, case by case: few that show every trait that any of them shows, short texts first, as
 * compiling them is what takes the time.
 */
export function sampleOf(cases: readonly (readonly CaseRun[])[]): CaseRun[][] {
  const all = cases.flatMap((runs) => runs.map((run) => ({ run, ...weightOf(run) })));
  const open = new Set(all.flatMap(({ traits }) => traits));
  const chosen = new Set<CaseRun>();
  while (open.size > 0) {
    let best = all[0];
    let most = 0;
    for (const one of all) {
      let fresh = 0;
      for (const trait of one.traits) if (open.has(trait)) fresh++;
      if (fresh / one.length > most) [best, most] = [one, fresh / one.length];
    }
    for (const trait of best.traits) open.delete(trait);
    chosen.add(best.run);
  }
  return cases.map((runs) => runs.filter((run) => chosen.has(run)));
}

/** What a run shows, and how much text its kernels are. */
function weightOf(run: CaseRun): { readonly traits: readonly string[]; readonly length: number } {
  const sources = sourcesOf(run);
  const length = sources.reduce((sum, source) => sum + wgslOf(source).length, 1);
  return { traits: [...new Set(traitsOf(run, sources))], length };
}

/**
 * The kinds of a run's kernels and, of rank 4, the layout of its output. Of a part each of them along channels and along
 * another axis, and the operator; and each kind beginning between vectors (of the innermost axis and of another), at a
 * vector and first. An alias, which launches nothing, has none.
 */
function traitsOf({ candidate, place }: CaseRun, sources: readonly KernelSource[]): string[] {
  const [{ name, order }] = candidate.outputs;
  const kinds = sources.map(kindOf);
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
