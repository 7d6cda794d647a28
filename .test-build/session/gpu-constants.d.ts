/** Weights on the device: each uploaded once per layout and type, and shared by all graphs of a session. */
import type { GpuDevice, GpuSlice } from '../devices/gpu.js';
import type { PlanTensor } from '../plan/plan.js';
import { type Tensor } from '../tensor/index.js';
export declare class ConstantStore {
    #private;
    constructor(device: GpuDevice);
    /** The slice of a constant in the tensor's layout and type. */
    get(constant: Tensor, wanted: PlanTensor): Promise<GpuSlice>;
    dispose(): Promise<void>;
}
