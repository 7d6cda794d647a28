/** From drafts and steps to places: lifetimes, the arena, and what its banks demand of launches. */
import type { GpuLimits } from '../../devices/gpu.js';
import type { Constant } from '../../graph/index.js';
import type { Place, Plan, PlanLaunch, PlanPreparation, PlanStep } from '../plan.js';
import { placeBlocks } from './arena.js';
import { lowerBound, type Block } from './block.js';
import { lifetimes, timeOf, type Uses } from './lifetimes.js';
import { canShare, withWritable } from './sharing.js';

/** What memory assignment adds to a plan, and the constants to upload. */
export interface Memory {
  readonly tensors: Plan['tensors'];
  /** The steps, if any was changed: where a launch reads and writes one bank, it binds all that is there as writable. */
  readonly steps?: readonly PlanStep[];
  readonly banks: readonly number[];
  readonly lowerBound: number;
  readonly constantBytes: number;
  readonly constants: readonly Constant[];
}

/** The parts of a plan that use memory, of constants too. */
export interface PlanUses extends Uses {
  readonly steps: readonly PlanStep[];
  readonly preparations: readonly PlanPreparation[];
}

/** The part of a network's time that kernels may lose to share banks: about what a run's time varies by. */
const MOST_LOSS = 0.01;

/**
 * Gives every draft a place. Launches bind ranges of banks, so that a bank may be as large as a buffer may be, and only
 * a tensor no larger than a binding.
 */
export function assignMemory(uses: PlanUses, limits: GpuLimits): Memory {
  const { drafts, steps } = uses;
  const constants: Constant[] = [];
  const places = new Map<number, Place>();
  let constantBytes = 0;
  const roots: number[] = [];
  const passing = passingConstants(uses);
  for (const [i, { constant, preparation, bytes, root }] of drafts.all.entries()) {
    if (root !== i) continue;
    if (constant) {
      places.set(i, { kind: 'constant', index: constants.push(constant) - 1 });
      if (!passing.has(i)) constantBytes += bytes;
    } else if (preparation !== undefined) {
      places.set(i, { kind: 'prepared', index: preparation });
      constantBytes += bytes;
    } else {
      roots.push(i);
    }
  }
  const separate = lifetimes(roots, uses);
  const blocks = limits.sharedAccess ? separate.map(withoutNeighbours) : separate;
  const { placements, banks } = placeBlocks(blocks, {
    alignment: limits.offsetAlignment,
    maxBankBytes: limits.maxBufferBytes,
    maxPrice: MOST_LOSS * timeOf(steps),
  });
  for (const [i, root] of roots.entries()) places.set(root, { kind: 'arena', ...placements[i] });
  const tensors = drafts.all.map(({ name, dtype, type, dims, layout, bytes, root, offset }) => {
    const whole = places.get(root);
    if (!whole) throw new TypeError(`${name} has no memory`);
    const place = whole.kind === 'arena' ? { ...whole, offset: whole.offset + offset } : whole;
    return { name, dtype, type, dims, layout, bytes, place };
  });
  const bankOf = (tensor: number): number | undefined => {
    const { place } = tensors[tensor];
    return place.kind === 'arena' ? place.bank : undefined;
  };
  const shared = limits.sharedAccess ? undefined : withSharedBanks(steps, bankOf);
  const memory = { tensors, banks, lowerBound: lowerBound(blocks), constantBytes, constants };
  return shared ? { ...memory, steps: shared } : memory;
}

/** A block where one buffer may be read and written by one launch. */
function withoutNeighbours(block: Block): Block {
  return { ...block, apart: new Set(), sharable: new Map() };
}

/** The roots that preparations read and nothing else does: what is made of them replaces them. */
function passingConstants({ drafts, preparations, steps, outputs }: PlanUses): Set<number> {
  const rootOf = (tensor: number): number => drafts.at(tensor).root;
  const rootsIn = (launches: readonly PlanLaunch[]): number[] =>
    launches.flatMap(({ tensors }) => tensors.map(rootOf));
  const passing = new Set(preparations.flatMap(({ launches }) => rootsIn(launches)));
  for (const root of rootsIn(steps.flatMap(({ launches }) => launches))) passing.delete(root);
  for (const { tensor } of outputs) passing.delete(rootOf(tensor));
  return passing;
}

/** The steps with every binding writable that lies in a bank which its launch writes; undefined if all are already. */
function withSharedBanks(
  steps: readonly PlanStep[],
  bankOf: (tensor: number) => number | undefined,
): readonly PlanStep[] | undefined {
  let changed = false;
  const launchOf = (launch: PlanLaunch): PlanLaunch => {
    const positions = sharedPositions(launch, bankOf);
    const { source } = launch;
    // Those that cannot share were given banks apart.
    if (positions.size === 0 || !canShare(source)) return launch;
    changed = true;
    return { ...launch, source: withWritable(source, positions) };
  };
  const shared = steps.map((step) => ({ ...step, launches: step.launches.map(launchOf) }));
  return changed ? shared : undefined;
}

/** The read-only bindings of a launch that lie in a bank which it writes. */
function sharedPositions(
  { source, tensors }: PlanLaunch,
  bankOf: (tensor: number) => number | undefined,
): Set<number> {
  const banks = tensors.map(bankOf);
  const isRead = (i: number): boolean => source.bindings[i].access === 'read';
  const written = new Set(banks.filter((_, i) => !isRead(i)));
  return new Set(
    banks.flatMap((bank, i) => (bank !== undefined && written.has(bank) && isRead(i) ? [i] : [])),
  );
}
