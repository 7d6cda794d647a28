/** Hill climbing over the tile and patch sizes of what was chosen, as the paper does for pooling. */
import type { Candidate } from '../../candidates/candidate.js';
import type { GridPoint, SizeGrid } from '../../candidates/grid.js';
import { climbing, climbTogether, type Prices } from '../../tune/climb.js';
import { entrantsOf, type CostBench, type Entrant } from './cost-bench.js';
import type { CostBook } from './costs.js';
import type { Choice, Network, NodeOptions } from '../network.js';
import type { Policy } from '../policies/index.js';

/** How much is climbed. */
export interface ClimbEffort {
  /** Layers are climbed from the costliest on, until they make this share of a network's time. */
  readonly share: number;
  /** Sizes that are measured of one kernel at most. */
  readonly most: number;
}

/** Within this factor of the roofline no better sizes are looked for. */
const ENOUGH = 1.1;

/** Times that policies choose again among what was climbed: another layout may be the best then. */
const ROUNDS = 3;

/**
 * Measures other sizes of the policies' choices: of each node's chosen kernel those that lie uphill from its candidates.
 * All kernels are climbed in step, so that each step's measurements share one race.
 */
export async function climbVariants(
  bench: CostBench,
  network: Network,
  policies: readonly Policy[],
  { share, most }: ClimbEffort,
): Promise<void> {
  const climbed = new Set<SizeGrid<Candidate>>();
  for (let round = 0; round < ROUNDS; round++) {
    const slopes = policies
      .flatMap((policy) => {
        const choice = network.choose(policy, bench.book, { measured: true });
        return slopesOf(network, choice, bench.book, share);
      })
      .filter(({ grid }) => {
        const isNew = !climbed.has(grid);
        climbed.add(grid);
        return isNew;
      });
    if (slopes.length === 0) return;
    const climbs = slopes.map((slope) => {
      const { grid, starts } = slope;
      const isEnough = enoughFor(bench.book, slope);
      return climbing(starts, (point) => grid.neighbours(point), { most, isEnough });
    });
    await climbTogether(climbs, (asked) => measured(bench, slopes, asked));
  }
}

/** A kernel's sizes, and where to begin. */
interface Slope {
  readonly options: NodeOptions;
  readonly grid: SizeGrid<Candidate>;
  readonly starts: readonly GridPoint[];
}

/** The chosen kernels with other sizes among the costliest steps, which together make a share of the network's time. */
function slopesOf(network: Network, { chosen }: Choice, book: CostBook, share: number): Slope[] {
  // Equal nodes have equal candidates.
  const steps = new Map<Candidate, { readonly options: NodeOptions; time: number }>();
  let total = 0;
  for (const options of network.choices) {
    const candidate = chosen.get(options.node);
    if (!candidate) continue;
    const time = book.ofCandidate(options.node, candidate).median;
    const step = steps.get(candidate);
    if (step) step.time += time;
    else steps.set(candidate, { options, time });
    total += time;
  }
  const slopes: Slope[] = [];
  let before = 0;
  for (const [{ sizes }, { options, time }] of [...steps].sort(([, a], [, b]) => b.time - a.time)) {
    if (before >= share * total) break;
    before += time;
    if (!sizes) continue;
    const { grid } = sizes;
    const defaults = options.candidates.flatMap((other) =>
      other.sizes?.grid === grid ? [other.sizes.at] : [],
    );
    slopes.push({ options, grid, starts: [sizes.at, ...defaults] });
  }
  return slopes;
}

/** Whether a kernel is so near to what none can beat that the search may end. */
function enoughFor(book: CostBook, { options: { node }, grid }: Slope) {
  return ({ point, cost }: { readonly point: GridPoint; readonly cost: number }): boolean => {
    const query = book.candidateQuery(node, grid.at(point));
    return query !== undefined && cost <= ENOUGH * book.floorOf(query);
  };
}

async function measured(
  bench: CostBench,
  slopes: readonly Slope[],
  asked: readonly (readonly GridPoint[])[],
): Promise<Prices[]> {
  const { book } = bench;
  const candidates = asked.map((points, i) => points.map((point) => slopes[i].grid.at(point)));
  const entrants = candidates.flatMap((list, i): Entrant[] => {
    const { node, candidates: all } = slopes[i].options;
    return list.flatMap((candidate) => entrantsOf(book, node, all, candidate));
  });
  await bench.measure(entrants);
  return candidates.map((list, i) => {
    const { node } = slopes[i].options;
    return list.map((candidate) =>
      book.isMeasuredFor(node, candidate) ? book.ofCandidate(node, candidate).median : undefined,
    );
  });
}
