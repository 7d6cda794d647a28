import { type GemmKernel, type GemmProblem } from './problem.js';
import { type Tile } from './tile.js';
export interface GemmConfig {
    readonly id: string;
    readonly problem: GemmProblem;
    readonly tile: Tile;
    /** Parts of the depth; above 1 the partial sums go to scratch memory and `gemmReduceKernel` has to follow. */
    readonly parts: number;
    readonly maxGrid: number;
}
/** Scratch memory of a config in parts. */
export declare function gemmPartialBytes({ problem, parts }: Pick<GemmConfig, 'problem' | 'parts'>): number;
export declare function gemmKernel(config: GemmConfig): GemmKernel;
/** Adds the parts of a `gemmKernel` in parts, and finishes. */
export declare function gemmReduceKernel(config: GemmConfig): GemmKernel;
