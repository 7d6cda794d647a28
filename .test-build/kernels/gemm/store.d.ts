import { type GemmProblem } from './problem.js';
/** Declarations in front of `STORE_*`: what is added, and where y's elements lie. */
export declare function epilogue(problem: GemmProblem): string;
/** Whether rows of y can be stored as vectors. */
export declare function storesVectors({ y, rows, cols }: GemmProblem): boolean;
/** The text of `store`. */
export declare function storeText(problem: GemmProblem): string;
