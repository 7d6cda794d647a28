/** Rewrites that simplify a graph without changing what it computes. One file each. */
import type { Graph } from '../graph.js';
/** Applies all rewrites, in place, until none finds anything more; returns how often each one fitted. */
export declare function rewriteGraph(graph: Graph): Map<string, number>;
