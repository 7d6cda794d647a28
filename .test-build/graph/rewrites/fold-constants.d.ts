import { type Rewrite } from './rewrite.js';
/**
 * Evaluates them by their references, within the bounds of `foldOp`. Large fills stay fills: materialising them
 * here would cost more memory than the run saves time.
 */
export declare const foldConstants: Rewrite;
