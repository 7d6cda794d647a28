/** The per-layer table: what each step of a measured run did, moved and took. */
import type { StepProfile } from '../devices/device.js';
import { type DType } from '../tensor/index.js';
/** One layer, in raw numbers. */
export interface LayerReport {
    /** The operator, with an activation that is fused into it: `Conv+Relu`. */
    readonly op: string;
    readonly node: string;
    /** Type of the first output. */
    readonly output: {
        readonly dtype: DType;
        readonly dims: readonly number[];
    };
    /** Memory layout of the first output. */
    readonly layout: string;
    readonly kernel: string;
    /** Ideal bytes: each input read once, each output written once. */
    readonly bytes: number;
    readonly flops: number;
    readonly milliseconds: number;
}
/**
 * One report per step, with the median time over several runs of one graph. Runs of another graph than the
 * last one's (inputs of other shapes) are left out.
 */
export declare function layerReports(runs: readonly (readonly StepProfile[])[]): LayerReport[];
/** The table with totals. */
export declare function layerTable(layers: readonly LayerReport[]): string[];
/** What the table's columns mean, in one line. */
export declare function layerLegend(runs: number): string;
