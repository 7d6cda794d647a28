import { type ModelPort } from '../graph/index.js';
import { Tensor } from '../tensor/index.js';
import type { Channels, Normalisation } from './pixels.js';
/** How images become tensors. */
export interface ImageOptions extends Normalisation {
    /** By the model's number of channels when left out. */
    readonly channels?: Channels | undefined;
}
/**
 * A path's input files: itself, or the images, `.npy` and `.pb` files directly in the directory, in the order of
 * their names (2 before 10).
 * @throws FormatError when it is not there, or a directory without such files
 */
export declare function inputFiles(path: string): Promise<string[]>;
/** The name that a `.pb` file gives its tensor; undefined for other files and unnamed tensors. */
export declare function nameInFile(path: string): Promise<string | undefined>;
/**
 * A file as a tensor for an input.
 * @param port the input, with all dims that are known in their place
 * @throws FormatError when the file is not what its name says; InputError when an image does not fit the input
 */
export declare function readInput(path: string, port: ModelPort, options: ImageOptions): Promise<Tensor>;
/**
 * Tensors of one image each, joined along the first dimension.
 * @throws InputError when they differ in type or in the other dims
 */
export declare function joinBatch(tensors: readonly Tensor[]): Tensor;
