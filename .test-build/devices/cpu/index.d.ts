import { type Graph } from '../../graph/index.js';
import type { Device, Executable } from '../device.js';
export declare class CpuDevice implements Device {
    readonly kind = "cpu";
    readonly description = "CPU (one thread)";
    prepare(graph: Graph): Promise<Executable>;
    dispose(): Promise<void>;
}
