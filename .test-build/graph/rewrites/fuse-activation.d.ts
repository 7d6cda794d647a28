import { type Rewrite } from './rewrite.js';
/** The layer's kernel applies the function while the result is in registers: one read and one write are saved. */
export declare const fuseActivation: Rewrite;
