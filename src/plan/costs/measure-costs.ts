/**
 * Measures what a choice needs to know, and little else. The solver works with measured costs where there are any and
 * modelled ones elsewhere; what it chooses is measured, and it chooses again, until it only chooses what was measured.
 */
import type { Candidate } from '../../candidates/candidate.js';
import { climbVariants, type ClimbEffort } from './climb-variants.js';
import { entrantsOf, type CostBench, type Entrant } from './cost-bench.js';
import { layoutsOf, type CostBook } from './costs.js';
import type { Node } from '../../graph/index.js';
import { isInLayoutsOf, type Absorbing, type FusedPair } from '../fusion.js';
import type { Network } from '../network.js';
import type { Policy } from '../policies/index.js';
import { classOf } from '../../tune/profile/model.js';

/**
 * How much is measured: `low` what is chosen; `normal` also the first ways to run each node in each layout, alone and together with
 * the node before, where they are not modelled far slower than others, and other tile and patch sizes of the costliest layers; `high` every candidate, and
 * other sizes of every layer.
 */
export const EFFORTS = ['low', 'normal', 'high'] as const;
export type Effort = (typeof EFFORTS)[number];

/**
 * Rounds of choosing and measuring. Each measures what the model thinks best, so that what is left after some is what
 * it wrongly hopes for; the final choice is among what was measured.
 */
const MAX_ROUNDS: Readonly<Record<Effort, number>> = { low: 4, normal: 12, high: 12 };
/**
 * Other sizes of what is chosen. On an H200 few steps of a network take most of its time, and the best size is found within 50
 * mostly. But to compile and measure one takes about a quarter of a second there: a dozen layers with 64 each would be
 * three minutes, for some percent.
 */
const CLIMBS: Readonly<Record<Exclude<Effort, 'low'>, ClimbEffort>> = {
  normal: { share: 0.5, most: 16 },
  high: { share: 1, most: 256 },
};
/** Candidates of one node in the same layouts that are looked at ahead, or beside what is chosen. */
const AHEAD = 2;
/**
 * What is modelled slower than a node's best by this factor is not measured ahead: it would have to be wrong by more than
 * that. A driver compiles some six kernels a second, on however many cores, which is most of the time that tuning takes.
 */
const HOPE = 2;

/**
 * Measures costs for a network until the given policies' choices rest on measurements. The bench has what was measured,
 * also when this fails.
 * @throws DeviceError when the device fails; the signal's reason when it is aborted
 */
export async function measureCosts(
  bench: CostBench,
  network: Network,
  policies: readonly Policy[],
  effort: Effort,
): Promise<void> {
  if (effort !== 'low') await bench.measure(entrantsAhead(network, bench.book, policies, effort));
  await measureOpen(bench, network, policies, MAX_ROUNDS[effort], false);
  if (effort !== 'low') await climbVariants(bench, network, policies, CLIMBS[effort]);
  // At last only transforms are left to be measured: the choice is among measured candidates, as the plan's will be.
  await measureOpen(bench, network, policies, MAX_ROUNDS[effort], true);
}

/** Chooses and measures what was chosen, until nothing is open. @param measured choose among what was measured */
async function measureOpen(
  bench: CostBench,
  network: Network,
  policies: readonly Policy[],
  maxRounds: number,
  measured: boolean,
): Promise<void> {
  for (let round = 0; round < maxRounds; round++) {
    const open = policies.flatMap((policy) => openEntrants(network, bench.book, policy, measured));
    if ((await bench.measure(open)) === 0) return;
  }
}

/** What is measured before the first choice. */
function entrantsAhead(
  network: Network,
  book: CostBook,
  policies: readonly Policy[],
  effort: Effort,
): Entrant[] {
  const least = new Map<Node, number>();
  const ways = new Map<Node, readonly Candidate[]>();
  return network.choices.flatMap(({ node, candidates, fused }) => {
    const allowed = new Set(policies.flatMap((policy) => policy.allow(node, candidates)));
    const able = candidates.filter(
      (candidate) => allowed.has(candidate) && candidate.assembles === undefined,
    );
    const estimate = (one: Candidate): number => book.ofCandidate(node, one).median;
    const alone = Math.min(...able.map(estimate));
    least.set(node, alone);
    ways.set(node, able);
    // Costs of equal nodes are shared, and so are those of their kernels with the node before.
    const together = fused.filter((pair) =>
      isInLayoutsOf(pair, ways.get(pair.absorbing.producer) ?? [], able),
    );
    const ahead =
      effort === 'high'
        ? [...able, ...together.map(({ absorbing }) => absorbing)]
        : [
            ...hopefulOf(able, estimate),
            ...hopefulPairs(together, estimate, (producer) => (least.get(producer) ?? 0) + alone),
          ];
    return ahead.flatMap((candidate) => entrantsOf(book, node, candidates, candidate));
  });
}

/** Of the candidates in the same layouts the first, and the next if it is of another class; of these those with hope. */
function hopefulOf(candidates: readonly Candidate[], estimate: (one: Candidate) => number): Candidate[] {
  const groups = new Map<string, Candidate[]>();
  for (const one of candidates) {
    if (changesLayout(one)) continue;
    const layouts = layoutsOf(one);
    groups.set(layouts, [...(groups.get(layouts) ?? []), one]);
  }
  const ahead = [...groups.values()].flatMap((group) =>
    group.slice(0, AHEAD).filter(({ id }, place) => place === 0 || classOf(id) !== classOf(group[0].id)),
  );
  const most = HOPE * Math.min(...ahead.map(estimate));
  return ahead.filter((one) => estimate(one) <= most);
}

/** What a policy's choice rests on that has not been measured, with its rivals in the same layouts. */
function openEntrants(network: Network, book: CostBook, policy: Policy, measured: boolean): Entrant[] {
  const { chosen, transforms } = network.choose(policy, book, { measured });
  const entrants: Entrant[] = [];
  for (const { node, candidates } of network.choices) {
    const candidate = chosen.get(node);
    if (!candidate || candidate.assembles !== undefined) continue;
    const query = book.candidateQuery(node, candidate);
    if (!query || book.isSettled(query)) continue;
    const rivals = policy
      .allow(node, candidates)
      .filter((other) => layoutsOf(other) === layoutsOf(candidate))
      .slice(0, AHEAD);
    for (const other of new Set([candidate, ...rivals]))
      entrants.push(...entrantsOf(book, node, candidates, other));
  }
  for (const query of transforms) entrants.push({ query, group: query.key });
  return entrants;
}

/** Of the kernels for a node and the one before in the same layouts the first of each class, with hope to beat both alone. */
function hopefulPairs(
  pairs: readonly FusedPair[],
  estimate: (one: Candidate) => number,
  alone: (producer: Node) => number,
): Candidate[] {
  const firsts = new Map<string, Absorbing>();
  for (const { absorbing } of pairs) {
    const kind = `${layoutsOf(absorbing.own)} ${classOf(absorbing.id)}`;
    if (!firsts.has(kind)) firsts.set(kind, absorbing);
  }
  return [...firsts.values()].filter((one) => estimate(one) <= HOPE * alone(one.producer));
}

function changesLayout({ inputs: [input], outputs: [output] }: Candidate): boolean {
  return input !== undefined && input.order.length === output.order.length && input.name !== output.name;
}
