/** What a plan's launches demand of memory: when each tensor must exist, and what belongs apart. */
import type { DraftTable } from '../drafts.js';
import type { PlanLaunch, PlanPort, PlanStep } from '../plan.js';
import type { Block } from './block.js';
import { canShare, sharingLoss } from './sharing.js';

/** The parts of a plan that use memory. */
export interface Uses {
  readonly drafts: DraftTable;
  readonly steps: readonly Pick<PlanStep, 'launches' | 'cost'>[];
  readonly inputs: readonly PlanPort[];
  readonly outputs: readonly PlanPort[];
}

/** A block while its uses are being gathered. */
interface Span {
  start: number;
  end: number;
  readonly apart: Set<number>;
  /** Those of `apart` that cannot share. */
  readonly strict: Set<number>;
  /** What sharing costs. */
  readonly prices: Map<number, number>;
}

/**
 * A block per root, alive from the launch that writes it first to the one that reads it last. Launches are counted
 * through all steps: what a step reads in its first launch need not outlive it, and scratch memory lives for a part of
 * its step. Inputs are alive before the first launch, when they are uploaded, but no longer than anything else: every
 * run uploads them anew. Outputs live until after the last launch, when they are read.
 *
 * Nothing is computed in place, where an input that dies would become the output. WebGPU refuses to bind one range both
 * read-only and writable, or writable twice, so that takes kernels with a single binding for both; and element-wise ops,
 * which could have them, are fused into their producers: none is left in the networks by name. Of those only ResNet-50
 * would gain, 11 % of its peak from batch 32 on, if convolutions added their residual in place.
 * @param roots drafts that have memory in the arena of their own
 */
export function lifetimes(roots: readonly number[], { drafts, steps, inputs, outputs }: Uses): Block[] {
  const blockOf = new Map(roots.map((root, i) => [root, i]));
  const find = (tensor: number): number | undefined => blockOf.get(drafts.at(tensor).root);
  const spans = roots.map((): Span => ({
    start: Infinity,
    end: -1,
    apart: new Set(),
    strict: new Set(),
    prices: new Map(),
  }));
  const touch = (tensor: number, time: number): void => {
    const block = find(tensor);
    if (block === undefined) return;
    spans[block].start = Math.min(spans[block].start, time);
    spans[block].end = Math.max(spans[block].end, time);
  };
  for (const { tensor } of inputs) touch(tensor, -1);
  const launches = steps.flatMap((step) => pricedLaunches(step));
  for (const [time, { launch, price }] of launches.entries()) {
    for (const tensor of launch.tensors) touch(tensor, time);
    keepApart(launch, launch.tensors.map(find), spans, price);
  }
  for (const { tensor } of outputs) touch(tensor, launches.length);
  return roots.map((root, i) => {
    const { start, end, apart, strict, prices } = spans[i];
    return {
      bytes: drafts.at(root).bytes,
      // A tensor that no launch touches (an empty one) still needs a place.
      start: Math.min(start, end),
      end,
      apart,
      sharable: new Map([...prices].filter(([other]) => !strict.has(other))),
    };
  });
}

/** A step's launches, each with what it would lose if it wrote what it reads from: nanoseconds, or bytes where no costs are known. */
function pricedLaunches({ launches, cost }: Pick<PlanStep, 'launches' | 'cost'>) {
  const bytes = launches.reduce((sum, { source }) => sum + source.bytes, 0);
  const scale = cost && bytes > 0 ? cost.median / bytes : 1;
  return launches.map((launch) => {
    const { id, bytes: own } = launch.source;
    return { launch, price: own * scale * sharingLoss(id) };
  });
}

/** What all steps take, in the unit of prices. */
export function timeOf(steps: Uses['steps']): number {
  return steps.reduce(
    (sum, { launches, cost }) =>
      sum + (cost?.median ?? launches.reduce((bytes, { source }) => bytes + source.bytes, 0)),
    0,
  );
}

/** Notes that what one launch writes and what it reads belong in different buffers. */
function keepApart(
  { source }: PlanLaunch,
  blocks: readonly (number | undefined)[],
  spans: readonly Span[],
  price: number,
): void {
  // Two writable bindings must not overlap: what is bound twice can only be read.
  const bound = blocks.filter((block) => block !== undefined);
  const strict = new Set(bound).size < bound.length || !canShare(source);
  for (const [i, a] of blocks.entries()) {
    for (const [j, b] of blocks.entries()) {
      if (a === undefined || b === undefined) continue;
      if (source.bindings[i].access !== 'read' || source.bindings[j].access !== 'read_write') continue;
      for (const [one, other] of [
        [a, b],
        [b, a],
      ]) {
        spans[one].apart.add(other);
        spans[one].prices.set(other, (spans[one].prices.get(other) ?? 0) + price);
        if (strict) spans[one].strict.add(other);
      }
    }
  }
}
