/** Graphs made ready for a device, kept by key; the least recently used go first, and never under a running run. */
import type { Executable } from '../devices/device.js';
import type { Graph } from '../graph/index.js';
/** A graph as it runs, and what runs it. */
export interface PreparedGraph {
    readonly graph: Graph;
    readonly executable: Executable;
}
export declare class PreparedGraphs {
    #private;
    /** @param capacity how many to keep while nobody uses them */
    constructor(capacity: number);
    /** Does `work` with the graph under `key`, which `make` prepares when it is not there. */
    use<T>(key: string, make: () => Promise<PreparedGraph>, work: (prepared: PreparedGraph) => T | Promise<T>): Promise<T>;
    /** Frees everything, each graph as soon as nobody uses it; resolves when all are freed. */
    clear(): Promise<void>;
}
