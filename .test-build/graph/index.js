/** The graph between a model file and a plan, and the rewrites that simplify it. */
export * from './folding.js';
export * from './graph.js';
export * from './lifetimes.js';
export * from './model.js';
//# sourceMappingURL=index.js.map