/** What a session needs of a model, wherever it comes from: its ports, and a graph for given shapes. */
import { type DType, type Tensor } from '../tensor/index.js';
import type { Graph, Value } from './graph.js';
/** A dimension: a number, a name that stands for one, or null where the model says nothing. */
export type ModelDim = number | string | null;
/** An input or output as the model declares it. `dims` is undefined when not even the rank is declared. */
export interface ModelPort {
    readonly name: string;
    readonly dtype: DType;
    readonly dims: readonly ModelDim[] | undefined;
}
/** What fixes a model's shapes: dims of its inputs, and the values of inputs that decide about shapes. */
export interface Binding {
    readonly dims: ReadonlyMap<string, readonly number[]>;
    readonly values?: ReadonlyMap<string, Tensor>;
}
/** A network before its shapes are fixed. Immutable: sessions may share one. */
export interface Model {
    readonly name: string;
    readonly inputs: readonly ModelPort[];
    readonly outputs: readonly ModelPort[];
    /**
     * The network's graph for given input shapes.
     * @throws ValueNeeded when a shape depends on the value of an input that is not bound
     */
    build(binding: Binding): Graph;
}
/**
 * Raised when the value of a tensor decides about shapes and is not known. The session then binds the values of
 * the graph inputs it depends on, and builds again.
 */
export declare class ValueNeeded extends Error {
    readonly inputs: readonly Value[];
    readonly label: string;
    readonly purpose: string;
    constructor(inputs: readonly Value[], label: string, purpose: string);
}
/** One line about a port: `image: f32 Nx1x28x28`. */
export declare function formatPort({ name, dtype, dims }: ModelPort): string;
