/** Runs graphs on a GPU: plans, compiles and allocates once per graph, then one submission per run. */
import type { Device, Executable } from '../devices/device.js';
import type { GpuDevice } from '../devices/gpu.js';
import type { Graph } from '../graph/index.js';
import { type PolicyName } from '../plan/policy.js';
/** A GPU for one session; `release` gives it back: destroys it, unless others share it. */
export interface GpuLease {
    readonly gpu: GpuDevice;
    release(): void;
}
export interface GpuOptions {
    readonly policy?: PolicyName;
    /** How floats are stored; arithmetic accumulates in f32 either way. */
    readonly dtype?: 'f32' | 'f16';
}
export declare class GpuRunner implements Device {
    #private;
    readonly kind: 'webgpu' | 'cuda';
    readonly description: string;
    /** @throws UnsupportedError when half precision is asked for and the device has none */
    constructor(lease: GpuLease, { policy, dtype }?: GpuOptions);
    prepare(graph: Graph): Promise<Executable>;
    dispose(): Promise<void>;
}
