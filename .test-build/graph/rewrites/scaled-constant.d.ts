import { Constant } from '../graph.js';
/** Element i is multiplied by `factors[floor(i / run) mod factors.length]`. */
export interface ChannelFactors {
    readonly factors: Float64Array;
    /** Consecutive elements that share a factor. */
    readonly run: number;
}
/** A constant times a factor per channel, of the same type. */
export declare function scaledConstant(constant: Constant, by: ChannelFactors): Constant;
