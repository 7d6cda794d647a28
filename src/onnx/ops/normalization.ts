/** Normalisations. */
export {};
