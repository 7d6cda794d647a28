/** Rewrites that simplify a graph without changing what it computes. One file each. */
import type { Graph } from '../graph.js';

/** One kind of simplification. */
export interface Rewrite {
  readonly name: string;
  /** Applies it wherever it fits; returns how often. */
  apply(graph: Graph): number;
}

const REWRITES: readonly Rewrite[] = [];

/** Applies all rewrites, in place, until none finds anything more; returns how often each one fitted. */
export function rewriteGraph(graph: Graph): Map<string, number> {
  const counts = new Map<string, number>();
  let changed = true;
  while (changed) {
    changed = false;
    for (const { name, apply } of REWRITES) {
      const count = apply(graph);
      if (count > 0) changed = true;
      counts.set(name, (counts.get(name) ?? 0) + count);
    }
    graph.prune();
  }
  return counts;
}
