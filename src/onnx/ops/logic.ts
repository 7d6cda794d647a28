/** Comparison, logic, bit operations and selection. */
export {};
