/**
 * Exact elimination of nodes. A node whose neighbours' states are known takes its best state; what that costs, as a
 * table over the neighbours' states, replaces it. For up to two neighbours the table is a number, a vector or a
 * matrix: the reductions R0, R1 and R2 of Scholz and Eckstein (Register allocation for irregular architectures,
 * LCTES 2002), which for a chain are dynamic programming. With more neighbours it is bucket elimination (Dechter,
 * Artificial Intelligence 113, 1999), whose work grows with the product of their numbers of states: cheap for networks
 * whose branches meet again soon, hopeless for a dense core.
 */
import { mergeEdges, type Assignment, type CostEdge, type CostGraph, type Reduced } from './cost-graph.js';
import { entryOf, minimumOnto, sumOf, type Factor } from './tables.js';

export interface EliminationLimits {
  /** Most neighbours of a node when it is eliminated. */
  readonly maxDegree: number;
  /** Most combinations of states of a node and its neighbours. */
  readonly maxTable: number;
  /** Most combinations, summed over the nodes. */
  readonly maxTotal: number;
}

/** One node's elimination. */
export interface EliminationStep {
  readonly node: number;
  /** What depended on its state. */
  readonly factors: readonly Factor[];
  /** The cost of its best state, over its neighbours at that time. */
  readonly message: Factor;
}

/**
 * Nodes that can be eliminated one after another within the limits: always the one with the least work (the greedy
 * min-weight order), until there is none.
 */
export function eliminationOrder(graph: CostGraph, limits: EliminationLimits): number[] {
  const neighbours = graph.vectors.map(() => new Set<number>());
  for (const { a, b } of graph.edges) {
    neighbours[a].add(b);
    neighbours[b].add(a);
  }
  const workOf = (node: number): number => {
    if (neighbours[node].size > limits.maxDegree) return Infinity;
    let work = graph.vectors[node].length;
    for (const other of neighbours[node]) work *= graph.vectors[other].length;
    return work > limits.maxTable ? Infinity : work;
  };
  const work = graph.vectors.map((_, node) => workOf(node));
  const order: number[] = [];
  let total = 0;
  for (;;) {
    const node = leastPlace(work);
    if (node === undefined || total + work[node] > limits.maxTotal) return order;
    total += work[node];
    order.push(node);
    const around = [...neighbours[node]];
    for (const other of around) {
      neighbours[other].delete(node);
      for (const third of around) if (third !== other) neighbours[other].add(third);
    }
    work[node] = Infinity;
    for (const other of around) work[other] = workOf(other);
  }
}

/** Where the least finite number is, the first of equal ones. */
function leastPlace(numbers: readonly number[]): number | undefined {
  let place: number | undefined;
  let least = Infinity;
  for (let i = 0; i < numbers.length; i++) {
    if (numbers[i] < least) {
      least = numbers[i];
      place = i;
    }
  }
  return place;
}

/** A graph with nodes eliminated. */
export interface Elimination extends Reduced {
  readonly steps: readonly EliminationStep[];
}

/**
 * Eliminates nodes in an order. If some nodes stay, none may have had more than two neighbours when it was
 * eliminated, so that what stays is a graph again.
 */
export function eliminate(graph: CostGraph, order: readonly number[]): Elimination {
  const sizes = graph.vectors.map((vector) => vector.length);
  const touching = graph.vectors.map((table, node) => new Set<Factor>([{ scope: [node], table }]));
  for (const { a, b, costs } of graph.edges) {
    const factor = { scope: [a, b], table: costs };
    touching[a].add(factor);
    touching[b].add(factor);
  }
  const steps: EliminationStep[] = [];
  let { constant } = graph;
  for (const node of order) {
    const factors = [...touching[node]];
    const scope = [...new Set(factors.flatMap((factor) => factor.scope))].filter((other) => other !== node);
    const joint = sumOf(factors, [...scope, node], sizes);
    const message = { scope, table: minimumOnto(joint, [...scope, node], scope, sizes) };
    steps.push({ node, factors, message });
    for (const factor of factors) for (const other of factor.scope) touching[other].delete(factor);
    for (const other of scope) touching[other].add(message);
    if (scope.length === 0) constant += message.table[0];
  }
  const gone = new Set(order);
  const nodes = [...graph.vectors.keys()].filter((node) => !gone.has(node));
  return {
    steps,
    graph: graphOf(nodes, touching, constant),
    lift: (assignment) => completed(assignment, nodes, steps, sizes),
  };
}

/** The nodes that stay, with the factors that have become part of their vectors and matrices. */
function graphOf(
  nodes: readonly number[],
  touching: readonly ReadonlySet<Factor>[],
  constant: number,
): CostGraph {
  const place = new Map(Array.from(nodes, (node, i) => [node, i]));
  const edges: CostEdge[] = [];
  const vectors = nodes.map((node, i) => {
    const factors = [...touching[node]];
    for (const { scope, table } of factors) {
      const b = place.get(scope[1]);
      if (scope[0] === node && b !== undefined) edges.push({ a: i, b, costs: table });
    }
    const own = factors.filter(({ scope }) => scope.length === 1);
    return own[0].table.map((_, state) => own.reduce((sum, { table }) => sum + table[state], 0));
  });
  return mergeEdges(vectors, edges, constant);
}

/** The eliminated nodes' best states, the last eliminated first. */
function completed(
  assignment: Assignment,
  nodes: readonly number[],
  steps: readonly EliminationStep[],
  sizes: readonly number[],
): number[] {
  const whole = new Array<number>(sizes.length).fill(0);
  for (const [i, node] of nodes.entries()) whole[node] = assignment[i];
  for (const { node, factors } of [...steps].reverse()) {
    const costs = Array.from({ length: sizes[node] }, (_, state) => {
      whole[node] = state;
      return factors.reduce((sum, factor) => sum + entryOf(factor, whole, sizes), 0);
    });
    whole[node] = Math.max(0, costs.indexOf(Math.min(...costs)));
  }
  return whole;
}

/**
 * For every state of every node, the least cost of all assignments in which the node has it: its min-marginal. Runs
 * the elimination backwards, as Shenoy and Shafer's propagation in join trees does (UAI 1990), for about twice its
 * work.
 * @param steps the elimination of all nodes of the graph
 */
export function minMarginals(graph: CostGraph, steps: readonly EliminationStep[]): Float64Array[] {
  const sizes = graph.vectors.map((vector) => vector.length);
  const position = new Map(Array.from(steps, ({ node }, i) => [node, i]));
  const roots = steps.filter(({ message }) => message.scope.length === 0);
  const total = roots.reduce((sum, { message }) => sum + message.table[0], graph.constant);
  /** The neighbour eliminated next: it has all the others among its own neighbours. */
  const parents = steps.map(({ message }) =>
    Math.min(...message.scope.map((other) => position.get(other) ?? Infinity)),
  );
  const children: number[][] = steps.map(() => []);
  for (const [i, parent] of parents.entries()) children[parent]?.push(i);
  /** The least total cost, over each step's neighbours. */
  const above: Float64Array[] = parents.map(() => Float64Array.of(total));
  const marginals = new Array<Float64Array>(sizes.length);
  for (const [i, { node, factors, message }] of [...steps.entries()].reverse()) {
    // What the rest of the graph costs; where it is infinite either way, the node's own factors are too.
    const outside = above[i].map((cost, k) => (message.table[k] === Infinity ? 0 : cost - message.table[k]));
    const scope = [...message.scope, node];
    const joint = sumOf([...factors, { scope: message.scope, table: outside }], scope, sizes);
    marginals[node] = minimumOnto(joint, scope, [node], sizes);
    for (const child of children[i])
      above[child] = minimumOnto(joint, scope, steps[child].message.scope, sizes);
  }
  return marginals;
}
