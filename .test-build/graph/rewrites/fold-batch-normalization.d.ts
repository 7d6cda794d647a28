import { type Rewrite } from './rewrite.js';
/**
 * y = scale * (w * x + b) + shift per output channel is the same layer with weights scale * w and bias
 * scale * b + shift.
 */
export declare const foldBatchNormalization: Rewrite;
