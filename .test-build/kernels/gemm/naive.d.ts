import { type GemmKernel, type GemmProblem } from './problem.js';
export interface NaiveGemmConfig {
    readonly id: string;
    readonly problem: GemmProblem;
    readonly maxGrid: number;
}
export declare function naiveGemmKernel({ id, problem, maxGrid }: NaiveGemmConfig): GemmKernel;
