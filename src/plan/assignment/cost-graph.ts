/**
 * A PBQP in the form that the solver works on: at most one matrix between two nodes. Graphs are never changed; what
 * makes one smaller returns the smaller graph, and how to complete an assignment of it.
 */

/** A cost matrix between two different nodes; the rows are the states of `a`. */
export interface CostEdge {
  readonly a: number;
  readonly b: number;
  /** Row-major: `costs[i * |b| + j]`. */
  readonly costs: Float64Array;
}

export interface CostGraph {
  /** Cost of each state of each node. */
  readonly vectors: readonly Float64Array[];
  readonly edges: readonly CostEdge[];
  /** Added to the cost of every assignment. */
  readonly constant: number;
}

/** A state per node. */
export type Assignment = readonly number[];

/** A graph that is smaller than the one it was made from. */
export interface Reduced {
  readonly graph: CostGraph;
  /** Completes an assignment of the smaller graph to one of the larger. */
  readonly lift: (assignment: Assignment) => number[];
}

/** A graph with parallel edges merged into one, all with `a < b`. */
export function mergeEdges(
  vectors: readonly Float64Array[],
  edges: readonly CostEdge[],
  constant = 0,
): CostGraph {
  const merged = new Map<number, CostEdge>();
  for (const edge of edges) {
    const { a, b, costs } = edge.a < edge.b ? edge : transposed(edge, vectors);
    const key = a * vectors.length + b;
    const before = merged.get(key)?.costs;
    merged.set(key, { a, b, costs: before ? costs.map((cost, k) => cost + before[k]) : costs });
  }
  return { vectors, edges: [...merged.values()], constant };
}

function transposed({ a, b, costs }: CostEdge, vectors: readonly Float64Array[]): CostEdge {
  const rows = vectors[a].length;
  const columns = vectors[b].length;
  const turned = new Float64Array(costs.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) turned[j * rows + i] = costs[i * columns + j];
  }
  return { a: b, b: a, costs: turned };
}

/** Cost of an assignment. */
export function costOf(graph: CostGraph, assignment: Assignment): number {
  let cost = graph.constant;
  for (const [node, vector] of graph.vectors.entries()) cost += vector[assignment[node]];
  for (const { a, b, costs } of graph.edges) {
    cost += costs[assignment[a] * graph.vectors[b].length + assignment[b]];
  }
  return cost;
}

/** The edges at each node. */
export function incidence(graph: CostGraph): CostEdge[][] {
  const incident: CostEdge[][] = graph.vectors.map(() => []);
  for (const edge of graph.edges) {
    incident[edge.a].push(edge);
    incident[edge.b].push(edge);
  }
  return incident;
}

/** The other end of an edge, and how to walk its matrix from this end: state i, other's state j at i * own + j * other. */
export function seenFrom(
  edge: CostEdge,
  node: number,
  vectors: readonly Float64Array[],
): { readonly neighbour: number; readonly own: number; readonly other: number } {
  const columns = vectors[edge.b].length;
  return edge.a === node
    ? { neighbour: edge.b, own: columns, other: 1 }
    : { neighbour: edge.a, own: 1, other: columns };
}

/** The graph with only some states of each node: `kept[node]`, ascending. */
export function restrict(graph: CostGraph, kept: readonly (readonly number[])[]): Reduced {
  const whole = kept.map((states, node) => states.length === graph.vectors[node].length);
  const vectors = graph.vectors.map((vector, node) =>
    whole[node] ? vector : Float64Array.from(kept[node], (state) => vector[state]),
  );
  const edges = graph.edges.map((edge) => {
    const { a, b, costs } = edge;
    if (whole[a] && whole[b]) return edge;
    const columns = graph.vectors[b].length;
    const part = new Float64Array(kept[a].length * kept[b].length);
    let k = 0;
    for (const i of kept[a]) for (const j of kept[b]) part[k++] = costs[i * columns + j];
    return { a, b, costs: part };
  });
  return {
    graph: { vectors, edges, constant: graph.constant },
    lift: (assignment) => assignment.map((state, node) => kept[node][state]),
  };
}

/** The graph without a node, which has taken a state: its row of every matrix joins the neighbour's vector. */
export function fix(graph: CostGraph, node: number, state: number): Reduced {
  const vectors = [...graph.vectors];
  const edges: CostEdge[] = [];
  const renamed = (other: number): number => (other > node ? other - 1 : other);
  for (const edge of graph.edges) {
    if (edge.a !== node && edge.b !== node) {
      edges.push({ a: renamed(edge.a), b: renamed(edge.b), costs: edge.costs });
      continue;
    }
    const { neighbour, own, other } = seenFrom(edge, node, graph.vectors);
    vectors[neighbour] = vectors[neighbour].map((cost, j) => cost + edge.costs[state * own + j * other]);
  }
  vectors.splice(node, 1);
  return {
    graph: { vectors, edges, constant: graph.constant + graph.vectors[node][state] },
    lift: (assignment) => [...assignment.slice(0, node), state, ...assignment.slice(node)],
  };
}

/** A connected part of a graph. */
export interface Component {
  readonly graph: CostGraph;
  /** The node in the whole graph that each of its nodes is. */
  readonly nodes: readonly number[];
}

/** The connected components, in order of their first nodes. Each has constant 0. */
export function components(graph: CostGraph): Component[] {
  const incident = incidence(graph);
  /** Where each node is within its component. */
  const place = new Int32Array(graph.vectors.length).fill(-1);
  const groups: number[][] = [];
  for (const start of graph.vectors.keys()) {
    if (place[start] >= 0) continue;
    const nodes = [start];
    place[start] = 0;
    for (const node of nodes) {
      for (const { a, b } of incident[node]) {
        const neighbour = a === node ? b : a;
        if (place[neighbour] < 0) place[neighbour] = nodes.push(neighbour) - 1;
      }
    }
    nodes.sort((a, b) => a - b);
    for (const [i, node] of nodes.entries()) place[node] = i;
    groups.push(nodes);
  }
  return groups.map((nodes) => {
    const edges = nodes.flatMap((node) => incident[node].filter(({ a }) => a === node));
    const own = edges.map(({ a, b, costs }) => ({ a: place[a], b: place[b], costs }));
    return { graph: { vectors: nodes.map((node) => graph.vectors[node]), edges: own, constant: 0 }, nodes };
  });
}
