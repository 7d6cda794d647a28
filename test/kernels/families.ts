/** All case tables, and the kernels that their candidates generate. Runs in Node and in pages that Vite builds. */
import type { KernelSource } from '../../src/devices/gpu.js';
import { gpuTypeOf, isCandidate, type Candidate, type CandidateContext } from '../../src/candidates/candidate.js';
import { candidatesFor } from '../../src/candidates/index.js';
import type { OpCase } from './harness.js';

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
export function kernelsOf({ op, inputs: given }: OpCase, context: CandidateContext): GeneratedKernels[] {
  const inputs = given.map((input) => input && { dtype: input.dtype, dims: input.dims });
  const outputs = op.infer(inputs);
  const typeOf = (dtype: Parameters<typeof gpuTypeOf>[0]) => gpuTypeOf(dtype, context.storage);
  return candidatesFor(op, { inputs, outputs }, context)
    .filter(isCandidate)
    .map((candidate) => {
      const steps = candidate.build({
        inputs: inputs.map((input, i) => {
          const layout = candidate.inputs[i];
          return input && layout && { dims: input.dims, layout, type: typeOf(input.dtype) };
        }),
        outputs: outputs.map(({ dims, dtype }, i) => ({
          dims,
          layout: candidate.outputs[i],
          type: typeOf(dtype),
        })),
      });
      return { candidate, sources: steps.map(({ source }) => source) };
    });
}

/** The fixed part of a kernel's text, from its entry point on: what kernels of one body share. */
export function bodyOf({ wgsl }: KernelSource): string {
  return wgsl.slice(wgsl.indexOf('@compute'));
}
