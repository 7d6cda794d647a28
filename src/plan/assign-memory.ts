/** From drafts and steps to places: lifetimes, what must be kept apart, and the arena. */
import type { GpuLimits } from '../devices/gpu.js';
import type { Constant } from '../graph/index.js';
import { lowerBound, placeBlocks, type Block } from './arena.js';
import type { DraftTable } from './drafts.js';
import type { Place, Plan, PlanPort, PlanStep } from './plan.js';

/** What memory assignment adds to a plan, and the constants to upload. */
export interface Memory {
  readonly tensors: Plan['tensors'];
  readonly banks: readonly number[];
  readonly lowerBound: number;
  readonly constantBytes: number;
  readonly constants: readonly Constant[];
}

export function assignMemory(
  drafts: DraftTable,
  steps: readonly PlanStep[],
  inputs: readonly PlanPort[],
  outputs: readonly PlanPort[],
  limits: GpuLimits,
): Memory {
  const constants: Constant[] = [];
  const places = new Map<number, Place>();
  let constantBytes = 0;
  const roots: number[] = [];
  for (const [i, { constant, bytes, root }] of drafts.all.entries()) {
    if (root !== i) continue;
    if (constant) {
      places.set(i, { kind: 'constant', index: constants.push(constant) - 1 });
      constantBytes += bytes;
    } else {
      roots.push(i);
    }
  }
  const blocks = lifetimes(drafts, roots, steps, inputs, outputs);
  const maxBank = Math.min(limits.maxBufferBytes, limits.maxBindingBytes);
  const arena = placeBlocks(blocks, limits.offsetAlignment, maxBank);
  for (const [i, root] of roots.entries()) places.set(root, { kind: 'arena', ...arena.placements[i] });
  const tensors = drafts.all.map(({ name, dtype, type, dims, layout, bytes, root }) => {
    const place = places.get(root);
    if (!place) throw new TypeError(`${name} has no memory`);
    return { name, dtype, type, dims, layout, bytes, place };
  });
  return { tensors, banks: arena.banks, lowerBound: lowerBound(blocks), constantBytes, constants };
}

/** A block per root: alive from the launch that writes it to the last that reads it. */
function lifetimes(
  drafts: DraftTable,
  roots: readonly number[],
  steps: readonly PlanStep[],
  inputs: readonly PlanPort[],
  outputs: readonly PlanPort[],
): Block[] {
  const blockOf = new Map(roots.map((root, i) => [root, i]));
  const find = (tensor: number): number | undefined => blockOf.get(drafts.at(tensor).root);
  const spans = roots.map(() => ({ start: Infinity, end: -1, apart: new Set<number>() }));
  const touch = (tensor: number, step: number): void => {
    const block = find(tensor);
    if (block === undefined) return;
    spans[block].start = Math.min(spans[block].start, step);
    spans[block].end = Math.max(spans[block].end, step);
  };
  // Inputs are uploaded before the first step, outputs read after the last.
  for (const { tensor } of inputs) touch(tensor, -1);
  for (const [step, { launches }] of steps.entries()) {
    for (const { source, tensors } of launches) {
      for (const tensor of tensors) touch(tensor, step);
      const access = source.bindings.map((binding) => binding.access);
      keepApart(access, tensors.map(find), spans);
    }
  }
  for (const { tensor } of outputs) touch(tensor, steps.length);
  return roots.map((root, i) => ({
    bytes: drafts.at(root).bytes,
    // A tensor that no launch touches (an empty one) still needs a place.
    start: Math.min(spans[i].start, spans[i].end),
    end: spans[i].end,
    apart: spans[i].apart,
  }));
}

/** Notes that what one launch writes and what it reads must be in different buffers. */
function keepApart(
  access: readonly ('read' | 'read_write')[],
  blocks: readonly (number | undefined)[],
  spans: readonly { readonly apart: Set<number> }[],
): void {
  for (const [i, a] of blocks.entries()) {
    for (const [j, b] of blocks.entries()) {
      if (a === undefined || b === undefined || access[i] !== 'read' || access[j] !== 'read_write') continue;
      spans[a].apart.add(b);
      spans[b].apart.add(a);
    }
  }
}
