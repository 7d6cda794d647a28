import { type ModelPort } from '../graph/index.js';
import { type ImageOptions } from '../host/inputs.js';
import type { DimBindings, TensorMap } from '../session/index.js';
/** One run of the model. */
export interface PlannedRun {
    /** What the run is about, for people: the name of its file. */
    readonly label: string;
    /** The files behind each input, in the order of the batch. */
    readonly files: Readonly<Record<string, readonly string[]>>;
    /** Reads them. */
    load(): Promise<TensorMap>;
}
/**
 * The runs that `--input` values ask for. A model with one input runs once per file (or per batch of files, where
 * its first dimension is fixed beyond 1); one with several inputs runs once, with one file each.
 * @param specs `FILE`, `DIR` or `NAME=FILE`
 * @param bindings what `--dims` fixes
 * @throws InputError for inputs without a file, unknown names and files that fit no input
 */
export declare function planRuns(ports: readonly ModelPort[], specs: readonly string[], bindings: DimBindings, images: ImageOptions): Promise<PlannedRun[]>;
