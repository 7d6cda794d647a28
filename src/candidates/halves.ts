/**
 * Candidates whose kernels store bf16 where their texts say f16. WGSL has no bf16: the same texts are compiled another way,
 * and are other kernels, with other ids, codes and costs.
 */
import type { KernelSource, WgslKernel } from '../devices/gpu.js';
import { isCandidate, type Candidate, type CandidateContext, type Refusal } from './candidate.js';
import type { SizeGrid } from './grid.js';

type Half = CandidateContext['half'];

/** Candidates as a context wants them; kernels in CUDA C++ and calls of libraries say bf16 themselves. */
export function storedAs(
  half: Half,
  entries: readonly (Candidate | Refusal)[],
): readonly (Candidate | Refusal)[] {
  if (half === undefined) return entries;
  const grids = new Map<SizeGrid<Candidate>, SizeGrid<Candidate>>();
  const changed = (candidate: Candidate): Candidate => ({
    ...candidate,
    id: idStoring(half, candidate.id),
    build: (views) =>
      candidate
        .build(views)
        .map(({ source, operands }) => ({ source: kernelStoring(half, source), operands })),
  });
  const gridOf = (grid: SizeGrid<Candidate>): SizeGrid<Candidate> => {
    const known = grids.get(grid);
    if (known) return known;
    const fresh = grid.changed(changed, (id) => id.replaceAll(`_${half}`, '_f16'));
    grids.set(grid, fresh);
    return fresh;
  };
  return entries.map((entry) => {
    if (!isCandidate(entry)) return { ...entry, id: idStoring(half, entry.id) };
    const { sizes } = entry;
    if (!sizes) return changed(entry);
    const grid = gridOf(sizes.grid);
    // One candidate is one object, however it is come by.
    if (sizes.grid.at(sizes.at) === entry) return grid.at(sizes.at);
    return { ...changed(entry), sizes: { grid, at: sizes.at } };
  });
}

/** A kernel whose f16, if it has any, is `half`; what has none is the same kernel, by a name that fits its candidate's. */
export function kernelStoring(half: Half, source: WgslKernel): WgslKernel;
export function kernelStoring(half: Half, source: KernelSource): KernelSource;
export function kernelStoring(half: Half, source: KernelSource): KernelSource {
  if (half === undefined) return source;
  const named = { ...source, id: idStoring(half, source.id) };
  return named.wgsl !== undefined && named.features.includes('f16') ? { ...named, half } : named;
}

function idStoring(half: NonNullable<Half>, id: string): string {
  return id.replaceAll(/_f16(?=_|$)/g, `_${half}`);
}
