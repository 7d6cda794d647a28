import { type GemmKernel, type GemmProblem } from './problem.js';
export interface GemvConfig {
    readonly id: string;
    readonly problem: GemmProblem;
    readonly maxGrid: number;
    /** Invocations per workgroup, a power of two of at least 8; 128 by default. */
    readonly workgroup?: number;
}
/** Why the kernel does not apply, or undefined. */
export declare function gemvRefusal({ a, b, rows, cols, depth }: GemmProblem): string | undefined;
export declare function gemvKernel({ id, problem, maxGrid, workgroup }: GemvConfig): GemmKernel;
