import type { ModelPort } from '../graph/index.js';
import type { DimBindings } from '../session/index.js';
export interface AssumedDims {
    /** The caller's bindings with the assumed ones. */
    readonly dims: DimBindings;
    /** What was assumed: `N = 1`. */
    readonly assumed: readonly string[];
    /** What has to be given, as `--dims` takes it: `H=...`, `image=1x3x...`. */
    readonly missing: readonly string[];
}
/**
 * Completes dims for a model's inputs: a symbolic or unknown first dimension (the batch) is taken as 1; every
 * other open one is listed as missing.
 */
export declare function assumeDims(ports: readonly ModelPort[], given: DimBindings): AssumedDims;
