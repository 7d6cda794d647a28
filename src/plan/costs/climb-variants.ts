/** Hill climbing over the tile and patch sizes of what was chosen, as the paper does for pooling. */
import type { Candidate } from '../../candidates/candidate.js';
import { climb, neighboursAmong, type GridPoint } from '../../tune/climb.js';
import { entrantsOf, type CostBench } from './cost-bench.js';
import type { Network, NodeOptions } from '../network.js';
import type { Policy } from '../policies/index.js';

/** Measures variants of the policies' choices, each node's from its chosen candidate uphill. */
export async function climbVariants(
  bench: CostBench,
  network: Network,
  policies: readonly Policy[],
): Promise<void> {
  const climbed = new Set<string>();
  for (const policy of policies) {
    const { chosen } = network.choose(policy, bench.book, { measured: true });
    for (const options of network.choices) {
      const candidate = chosen.get(options.node);
      const space = candidate && spaceOf(options, candidate);
      const key = space && bench.book.candidateQuery(options.node, space.origin)?.key;
      if (!space || key === undefined || climbed.has(key)) continue;
      climbed.add(key);
      await climbSpace(bench, options, space);
    }
  }
}

/** A candidate and its variants on their grid. */
interface Space {
  readonly origin: Candidate;
  readonly variants: readonly Candidate[];
}

function spaceOf({ candidates, variants }: NodeOptions, chosen: Candidate): Space | undefined {
  const id = chosen.variant?.of ?? chosen.id;
  const origin = candidates.find((candidate) => candidate.id === id);
  const own = variants.filter(({ variant }) => variant?.of === id);
  return origin && own.length > 0 ? { origin, variants: own } : undefined;
}

async function climbSpace(
  bench: CostBench,
  { node, candidates }: NodeOptions,
  { origin, variants }: Space,
): Promise<void> {
  const start = variants[0].variant?.at.map(() => 0) ?? [];
  const places = new Map<string, Candidate>([[start.join(), origin]]);
  for (const variant of variants) places.set(variant.variant?.at.join() ?? '', variant);
  const points = [start, ...variants.flatMap(({ variant }) => (variant ? [variant.at] : []))];
  const costs = async (asked: readonly GridPoint[]): Promise<number[]> => {
    const list = asked.flatMap((point) => places.get(point.join()) ?? []);
    await bench.measure(list.flatMap((candidate) => entrantsOf(bench.book, node, candidates, candidate)));
    return list.map((candidate) => bench.book.ofCandidate(node, candidate).median);
  };
  await climb(start, neighboursAmong(points), costs);
}
