/** Operators about shapes: they change or read dims, or make constants of a given shape. */
export {};
