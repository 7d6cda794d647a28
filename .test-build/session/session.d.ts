import { type Graph, type Model, type ModelPort } from '../graph/index.js';
import type { Device, RunOptions, StepProfile } from '../devices/device.js';
import { Tensor } from '../tensor/index.js';
import { type DimBindings } from './binding.js';
/** Tensors by name. */
export type TensorMap = Readonly<Record<string, Tensor>>;
export interface SessionOptions {
    /** Shapes to prepare for now; without it, shapes are taken from the first run's inputs. */
    readonly dims?: DimBindings;
    /** Why the device was taken, for `session.deviceReason`. */
    readonly deviceReason?: string;
    /** Simplify the graph (fold constants and batch normalisation, fuse activations); on by default. */
    readonly rewrite?: boolean;
}
/** A run with the time of every step. */
export interface Profile {
    readonly outputs: TensorMap;
    readonly steps: readonly StepProfile[];
}
export declare class Session {
    #private;
    readonly model: Model;
    readonly device: Device;
    private constructor();
    /** Use `createSession`. Prepares the graph at once when `dims` or the model fix all shapes. */
    static create(model: Model, device: Device, options?: SessionOptions): Promise<Session>;
    /** Why it runs on this device. */
    get deviceReason(): string;
    get inputs(): readonly ModelPort[];
    get outputs(): readonly ModelPort[];
    /**
     * Runs the model.
     * @param inputs a tensor per input name
     * @returns a tensor per output name
     * @throws InputError for unknown or missing names, wrong types or shapes
     */
    run(inputs: TensorMap, options?: Omit<RunOptions, 'profile'>): Promise<TensorMap>;
    /** Runs the model and times every step. */
    profile(inputs: TensorMap, options?: Omit<RunOptions, 'profile'>): Promise<Profile>;
    /**
     * The simplified graph for given shapes, as it runs.
     * @throws InputError when they leave a dimension open, or when shapes depend on the data of an input
     */
    graph(given?: DimBindings): Promise<Graph>;
    /** Frees all that the session holds, the device included, once its runs have ended. Later calls reject. */
    dispose(): Promise<void>;
}
