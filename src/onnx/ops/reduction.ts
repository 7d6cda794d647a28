/** Reductions, arg-reductions and TopK. */
export {};
