/** Linear quantisation, and the operators that work on quantised tensors. */
export {};
