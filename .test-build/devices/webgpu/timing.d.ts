import { type BoundDispatch } from './dispatch.js';
/** Dispatches that are timed together. */
type Pass = readonly BoundDispatch[];
/** Cuts a list of dispatches into passes of the given lengths. */
export declare function splitPasses(dispatches: Pass, lengths: readonly number[]): Pass[];
/** Nanoseconds per pass; each runs `repeats` times in a row, and its time is divided by that. */
export declare function timePasses(device: GPUDevice, passes: readonly Pass[], repeats: number): Promise<number[]>;
export {};
