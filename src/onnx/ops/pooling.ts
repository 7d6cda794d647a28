/** Pooling windows, global pooling and unpooling. */
export {};
