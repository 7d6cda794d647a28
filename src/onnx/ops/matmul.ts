/** Matrix products. */
export {};
