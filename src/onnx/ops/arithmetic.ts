/** Element-wise arithmetic with broadcasting. */
export {};
