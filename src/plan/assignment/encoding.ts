/**
 * The choice of layouts as a PBQP, as Anderson and Gregg pose it (CGO 2018): nodes are the network's nodes, states
 * their options, edges the values that one computes and another reads.
 *
 * A value that several nodes read is converted once per distinct layout, however many of them ask for it, and a sum
 * over pairs of nodes cannot say that: such a value becomes a node of its own, whose states are the sets of layouts
 * that it may be asked for in. Its producer's option and the set decide which transforms run; a reader's option is
 * possible if the set holds its layouts.
 */
import { LimitError } from '../../errors.js';
import { transformsFrom, type LayoutProblem, type LayoutSet, type NetworkValue } from './network.js';
import type { PbqpEdge, PbqpProblem } from './pbqp.js';

/** A node's options that no neighbour can tell apart, the cheapest first. */
export type OptionGroup = readonly number[];

/** The states of each node: one for all options in the same layouts. Layouts that nobody asks for do not matter. */
export function statesOf(problem: LayoutProblem, values: readonly NetworkValue[]): OptionGroup[][] {
  const traits = problem.nodes.map(({ options }) => options.map((): number[] => []));
  for (const { producer, sources, readers } of values) {
    if (producer !== undefined) for (const [i, source] of sources.entries()) traits[producer][i].push(source);
    for (const [node, sets] of readers) for (const [i, set] of sets.entries()) traits[node][i].push(set);
  }
  return problem.nodes.map(({ options }, node) => {
    const groups = new Map<string, number[]>();
    for (const [i, trait] of traits[node].entries()) {
      const key = trait.join();
      groups.set(key, [...(groups.get(key) ?? []), i]);
    }
    // The difference of infinite costs is no number: they are equal.
    const byCost = (i: number, j: number): number => options[i].cost - options[j].cost || i - j;
    return Array.from(groups.values(), (group) => group.sort(byCost));
  });
}

/** The problem whose node k, for each node k of the network, has the given states; nodes for values follow. */
export function encode(
  problem: LayoutProblem,
  values: readonly NetworkValue[],
  states: readonly OptionGroup[][],
): PbqpProblem {
  const encoder = new Encoder();
  for (const [node, { options }] of problem.nodes.entries()) {
    encoder.addNode(states[node].map(([cheapest]) => options[cheapest].cost));
  }
  for (const value of values) encoder.addValue(value, states);
  return encoder;
}

/** A node of which a value only sees some trait of its states: a layout, or a set of them. */
interface End {
  readonly node: number;
  /** By state. */
  readonly traits: readonly number[];
}

class Encoder implements PbqpProblem {
  readonly nodes: (readonly number[])[] = [];
  readonly edges: PbqpEdge[] = [];
  /** Ports by their node and which of its states they tell apart. */
  readonly #ports = new Map<string, number>();

  addNode(costs: readonly number[]): number {
    return this.nodes.push(costs) - 1;
  }

  addValue(value: NetworkValue, states: readonly OptionGroup[][]): void {
    const { producer, sources, wanted, readers } = value;
    const source =
      producer === undefined
        ? { node: this.addNode([0]), traits: sources }
        : this.#port({ node: producer, traits: states[producer].map(([option]) => sources[option]) });
    const asking = Array.from(readers, ([node, sets]) =>
      this.#port({ node, traits: states[node].map(([option]) => sets[option]) }),
    );
    const [only] = asking;
    const target =
      asking.length === 1
        ? { node: only.node, traits: only.traits.map((set) => set | wanted) }
        : this.#shared(value, asking);
    this.#connect(source, target, (from, set) =>
      transformsFrom(value, from, set).reduce((sum, { cost }) => sum + cost, 0),
    );
  }

  /**
   * An end whose states differ in the trait. Where many options share few layouts this makes matrices small: it is a
   * node of its own that must agree with the other. Inputs that always have one layout in common share it.
   */
  #port(end: End): End {
    const traits = [...new Set(end.traits)];
    if (2 * traits.length > end.traits.length) return end;
    const key = [end.node, ...end.traits.map((trait) => traits.indexOf(trait))].join();
    let node = this.#ports.get(key);
    if (node === undefined) {
      node = this.addNode(traits.map(() => 0));
      this.#ports.set(key, node);
      this.#connect(end, { node, traits }, (own, other) => (own === other ? 0 : Infinity));
    }
    return { node, traits };
  }

  /** A node for the sets of layouts that a value may be asked for in. */
  #shared(value: NetworkValue, asking: readonly End[]): End {
    const traits = possibleUnions(value, asking);
    const shared = { node: this.addNode(traits.map(() => 0)), traits };
    for (const end of asking)
      this.#connect(shared, end, (union, set) => ((set & ~union) === 0 ? 0 : Infinity));
    return shared;
  }

  #connect(a: End, b: End, cost: (a: number, b: number) => number): void {
    const costs = a.traits.flatMap((x) => b.traits.map((y) => cost(x, y)));
    this.edges.push({ a: a.node, b: b.node, costs });
  }
}

/** Sets of layouts that one value may be asked for in. */
const MAX_SETS = 4096;

/** The sets that the network and the readers of a value can ask for together. */
function possibleUnions({ id, wanted }: NetworkValue, asking: readonly End[]): LayoutSet[] {
  let unions = [wanted];
  for (const { traits } of asking) {
    const grown = new Set<LayoutSet>();
    for (const union of unions) for (const set of traits) grown.add(union | set);
    if (grown.size > MAX_SETS) {
      throw new LimitError(
        `value ${id} of the plan may be asked for in more than ${MAX_SETS} sets of layouts`,
        {
          remedy: 'Offer fewer layouts to the nodes that read it.',
        },
      );
    }
    unions = [...grown];
  }
  return unions.sort((a, b) => a - b);
}
