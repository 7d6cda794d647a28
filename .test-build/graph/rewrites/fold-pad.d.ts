import { type Rewrite } from './rewrite.js';
/** The padded copy of the input, written and read again, is saved. */
export declare const foldPad: Rewrite;
