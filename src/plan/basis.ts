/** What a plan rests on, as plain data: enough to plan the network again where its device is not. */
import { InputError } from '../errors.js';
import type { DeviceProfile } from '../tune/profile/profile.js';
import type { CostRecord } from '../tune/store/cost-store.js';
import { formatDims } from '../tensor/index.js';
import { titleOf, transformTitle, type CostBook } from './costs/costs.js';
import type { Network } from './network.js';
import type { PlannedNetwork } from './planner.js';

export interface PlanBasis {
  /** Of the device that was planned for, with its own limits and features. */
  readonly profile: DeviceProfile;
  /** What was measured there of this network's kernels and of conversions between its layouts. */
  readonly costs: readonly CostRecord[];
  /** Keys of what failed there. */
  readonly failed: readonly string[];
}

export function basisOf({ network, book, profile, document }: PlannedNetwork): PlanBasis {
  const { limits, features } = network.context;
  const titles = titlesOf(network);
  return {
    profile: { ...profile.profile, device: document.device, limits, features: [...features] },
    costs: book.records.filter(({ what }) => titles.has(what) || titles.has(transformTitle(what))),
    failed: book.failed,
  };
}

/**
 * Lets a book know what failed where the basis comes from.
 * @throws InputError for a basis that is damaged; its profile and costs are checked where they are stored
 */
export function noteFailures(book: CostBook, { failed }: PlanBasis): void {
  if (!Array.isArray(failed) || failed.some((key) => typeof key !== 'string')) {
    throw new InputError('what a plan rests on is damaged: "failed" is no list of keys', {
      remedy: 'Pass what `Inspection.basis` gave.',
    });
  }
  for (const key of failed) book.fail({ key });
}

/** How costs name what the network does: its nodes, alone and with the node before them, and conversions of its tensors. */
function titlesOf({ choices, graph, context }: Network): Set<string> {
  const titles = new Set<string>();
  const addTensor = (dims: readonly number[]): void => {
    titles.add(transformTitle(`Transform ${formatDims(dims)}`));
  };
  for (const { type } of graph.inputs) addTensor(type.dims);
  for (const { node, fused } of choices) {
    titles.add(titleOf(node, context));
    for (const { absorbing } of fused) titles.add(titleOf(node, context, absorbing.producer));
    for (const value of [...node.inputs, ...node.outputs]) if (value) addTensor(value.type.dims);
  }
  return titles;
}
