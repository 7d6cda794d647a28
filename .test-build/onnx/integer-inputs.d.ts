import { type Dims } from '../tensor/index.js';
import type { NodeImporter } from './node-importer.js';
/**
 * The value of an optional integer input of rank 0 or 1 as numbers; undefined when it is left out.
 * @throws ShapeError for another type, rank or a huge length; ValueNeeded when it depends on graph inputs that are not bound
 */
export declare function integerInput(node: NodeImporter, index: number, name: string): number[] | undefined;
/**
 * A list that is attribute `name` before operator set `since`, and input `index` from then on; undefined when it
 * is left out.
 */
export declare function integerList(node: NodeImporter, name: string, index: number, since: number): readonly number[] | undefined;
/** A list that must be there. @throws ShapeError when it is not */
export declare function required<T>(list: T | undefined, name: string): T;
/** Checks the length of a list. @throws ShapeError unless it is `length` */
export declare function expectLength(list: readonly unknown[], length: number, name: string): void;
/**
 * A list that is given for some axes, as one for all axes of a tensor.
 * @param axes as in the model; all axes in order when undefined
 * @param fallback value of the axes that are not named
 */
export declare function spreadOverAxes<T>(list: readonly T[], axes: readonly number[] | undefined, dims: Dims, name: string, fallback: (axis: number) => T): T[];
