/** What branch and bound needs of a graph: a lower bound, a good assignment, and states that can be left out. */
import { incidence, restrict, seenFrom, type CostEdge, type CostGraph, type Reduced } from './cost-graph.js';

/** Differences below this part of the numbers compared are rounding. */
const ROUNDING = 1e-12;

/**
 * Leaves out states that no assignment of finite cost can have, until every state has a partner of finite cost at
 * every edge (arc consistency). Undefined if a node has no state left: no assignment has a finite cost.
 */
export function keepSupported(graph: CostGraph): Reduced | undefined {
  const alive = graph.vectors.map((vector) => Uint8Array.from(vector, (cost) => (cost < Infinity ? 1 : 0)));
  let changed = true;
  while (changed) {
    changed = false;
    for (const edge of graph.edges) {
      for (const node of [edge.a, edge.b]) {
        const { neighbour, own, other } = seenFrom(edge, node, graph.vectors);
        const partners = alive[neighbour];
        for (let i = 0; i < alive[node].length; i++) {
          if (alive[node][i] === 0) continue;
          let j = 0;
          while (j < partners.length && (partners[j] === 0 || edge.costs[i * own + j * other] === Infinity))
            j++;
          if (j < partners.length) continue;
          alive[node][i] = 0;
          changed = true;
        }
      }
    }
  }
  const kept = alive.map((states) => [...states.keys()].filter((i) => states[i] === 1));
  return kept.some((states) => states.length === 0) ? undefined : restrict(graph, kept);
}

/**
 * Removes the edges whose matrix is a row vector plus a column vector: they join the nodes' own vectors. Among these
 * are all edges of nodes with one state.
 */
export function withoutSeparable(graph: CostGraph): CostGraph {
  const vectors = [...graph.vectors];
  const edges: CostEdge[] = [];
  for (const edge of graph.edges) {
    const parts = separated(edge, vectors);
    if (!parts) {
      edges.push(edge);
      continue;
    }
    const { a, b } = edge;
    vectors[a] = vectors[a].map((cost, i) => cost + parts.rows[i]);
    vectors[b] = vectors[b].map((cost, j) => cost + parts.columns[j]);
  }
  return { vectors, edges, constant: graph.constant };
}

function separated(
  { a, b, costs }: CostEdge,
  vectors: readonly Float64Array[],
): { rows: Float64Array; columns: Float64Array } | undefined {
  const height = vectors[a].length;
  const width = vectors[b].length;
  if (width === 1) return { rows: costs, columns: new Float64Array(1) };
  if (height === 1) return { rows: new Float64Array(1), columns: costs };
  const rows = Float64Array.from({ length: height }, (_, i) => costs[i * width] - costs[0]);
  const columns = costs.subarray(0, width);
  let largest = 0;
  for (const cost of costs) largest = Math.max(largest, Math.abs(cost));
  if (largest === Infinity) return undefined;
  const separable = costs.every(
    (cost, k) => Math.abs(cost - rows[Math.floor(k / width)] - columns[k % width]) <= ROUNDING * largest,
  );
  return separable ? { rows, columns } : undefined;
}

/**
 * Leaves out states that another state of the same node can always replace at no more cost (Goldstein's criterion,
 * Biophysical Journal 66, 1994). At least one best assignment stays.
 * @param graph every state of which is supported
 * @param isLate whether there is no time for another node
 */
export function withoutDominated(graph: CostGraph, isLate: () => boolean): Reduced {
  const incident = incidence(graph);
  const kept = graph.vectors.map((vector, node) => {
    const states = [...vector.keys()];
    if (isLate()) return states;
    const isDominated = (i: number): boolean =>
      states.some(
        (j) => j !== i && vector[i] >= vector[j] && leastExcess(graph, incident[node], node, i, j) >= 0,
      );
    for (const i of vector.keys()) if (isDominated(i)) states.splice(states.indexOf(i), 1);
    return states;
  });
  return restrict(graph, kept);
}

/** At least how much more state i of a node costs than state j, whatever the neighbours' states are. */
function leastExcess(
  graph: CostGraph,
  edges: readonly CostEdge[],
  node: number,
  i: number,
  j: number,
): number {
  let sum = graph.vectors[node][i] - graph.vectors[node][j];
  for (const edge of edges) {
    const { neighbour, own, other } = seenFrom(edge, node, graph.vectors);
    let least = Infinity;
    for (let k = 0; k < graph.vectors[neighbour].length; k++) {
      const cost = edge.costs[i * own + k * other];
      // Where state i is impossible anyway it cannot be better.
      if (cost === Infinity) continue;
      least = Math.min(least, cost - edge.costs[j * own + k * other]);
    }
    sum += least;
  }
  return sum;
}

/**
 * The same costs distributed anew: every assignment costs what it did (to rounding), no entry is negative, and the
 * constant, now a lower bound, is as large as a few sweeps make it. Each node gathers the least costs of its edges,
 * and gives equal shares of its vector to the edges ahead: the sequential message passing of Kolmogorov (TRW-S, IEEE
 * PAMI 28, 2006), which approaches the bound of the linear relaxation. The vectors are then lower bounds on what each
 * state costs above the constant.
 * @param graph some assignment of which has a finite cost
 * @param sweeps pairs of a forward and a backward sweep; fewer if the bound stops growing
 * @param isLate whether there is no time for another
 */
export function tighten(graph: CostGraph, sweeps: number, isLate = (): boolean => false): CostGraph {
  const vectors = graph.vectors.map((vector) => vector.slice());
  const edges = graph.edges.map(({ a, b, costs }) => ({ a, b, costs: costs.slice() }));
  let { constant } = graph;
  const incident = incidence({ vectors, edges, constant });
  const gather = (node: number): void => {
    for (const edge of incident[node]) pull(edge, node, vectors);
    constant += lower(vectors[node], Math.min(...vectors[node]));
  };
  const forward = [...vectors.keys()];
  const backward = [...forward].reverse();
  for (let sweep = 0; sweep < sweeps && !isLate(); sweep++) {
    const before = constant;
    for (const order of [forward, backward]) {
      for (const node of order) {
        gather(node);
        const ahead = incident[node].filter(({ a, b }) => (order === forward ? a === node : b === node));
        if (ahead.length === 0) continue;
        const share = 1 / Math.max(ahead.length, incident[node].length - ahead.length);
        for (const edge of ahead) push(edge, node, share, vectors);
        const left = 1 - share * ahead.length;
        if (left > ROUNDING) scale(vectors[node], left);
        else vectors[node].fill(0);
      }
    }
    if (constant - before <= 1e-7 * Math.abs(constant)) break;
  }
  for (const node of forward) gather(node);
  return { vectors, edges, constant };
}

/** Subtracts a number from every entry, and returns it. */
function lower(vector: Float64Array, amount: number): number {
  for (let i = 0; i < vector.length; i++) vector[i] -= amount;
  return amount;
}

function scale(vector: Float64Array, factor: number): void {
  for (let i = 0; i < vector.length; i++) vector[i] *= factor;
}

/** Moves the least cost of each row of an edge, seen from a node, into the node's vector. */
function pull(edge: CostEdge, node: number, vectors: readonly Float64Array[]): void {
  const { neighbour, own, other } = seenFrom(edge, node, vectors);
  const { costs } = edge;
  const vector = vectors[node];
  const rowLength = vectors[neighbour].length * other;
  for (let i = 0; i < vector.length; i++) {
    const start = i * own;
    const end = start + rowLength;
    let least = Infinity;
    for (let k = start; k < end; k += other) if (costs[k] < least) least = costs[k];
    vector[i] += least;
    // An impossible state stays so in the matrix.
    if (least === 0 || least === Infinity) continue;
    for (let k = start; k < end; k += other) costs[k] -= least;
  }
}

/** Copies a share of a node's vector into the rows of an edge. */
function push(edge: CostEdge, node: number, share: number, vectors: readonly Float64Array[]): void {
  const { neighbour, own, other } = seenFrom(edge, node, vectors);
  const rowLength = vectors[neighbour].length * other;
  for (const [i, cost] of vectors[node].entries()) {
    const end = i * own + rowLength;
    for (let k = i * own; k < end; k += other) edge.costs[k] += share * cost;
  }
}

/**
 * A good assignment, mostly: each node in turn takes the state that is best with the nodes before it, then nodes
 * change their states one at a time as long as that makes it cheaper. Its cost may be infinite.
 */
export function roundOff(graph: CostGraph): number[] {
  const incident = incidence(graph);
  const assignment = new Array<number>(graph.vectors.length).fill(-1);
  const best = (node: number): number => {
    const costs = graph.vectors[node].slice();
    for (const edge of incident[node]) {
      const { neighbour, own, other } = seenFrom(edge, node, graph.vectors);
      const state = assignment[neighbour];
      if (state < 0) continue;
      for (let i = 0; i < costs.length; i++) costs[i] += edge.costs[i * own + state * other];
    }
    const state = costs.indexOf(Math.min(...costs));
    // Of equal states keep the one it has, so that the passes end.
    return assignment[node] >= 0 && costs[assignment[node]] <= costs[state] ? assignment[node] : state;
  };
  for (let pass = 0; pass < 10; pass++) {
    let changed = false;
    for (const node of assignment.keys()) {
      const state = best(node);
      changed ||= state !== assignment[node];
      assignment[node] = state;
    }
    if (!changed) break;
  }
  return assignment;
}
