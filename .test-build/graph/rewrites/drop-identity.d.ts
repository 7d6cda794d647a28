import { type Rewrite } from './rewrite.js';
export declare const dropIdentity: Rewrite;
