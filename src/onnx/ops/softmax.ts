/** Softmax and its kin. */
export {};
