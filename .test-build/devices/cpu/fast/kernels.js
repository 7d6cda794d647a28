/** The contract between the blocked algorithms and the two sets of inner loops (WebAssembly SIMD, plain JavaScript). */
/** Floats in a row of a copied-in block, without its padding: the deepest piece of K that one kernel call reduces. */
export const maxDepth = 512;
/**
 * Bytes from one row of a copied-in block of A to the next. A constant, because it then becomes an
 * immediate offset of the loads; 16 floats more than `maxDepth`, so that the rows of a tile do not share L1 sets.
 */
export const rowBytes = (maxDepth + 16) * 4;
//# sourceMappingURL=kernels.js.map