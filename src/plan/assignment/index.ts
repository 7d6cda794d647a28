/** The cheapest choice for a whole network: exact, with a proof or a stated gap, and with what else would cost. */
export * from './layouts.js';
export * from './network.js';
export * from './pbqp.js';
export type { SearchBudget } from './search.js';
