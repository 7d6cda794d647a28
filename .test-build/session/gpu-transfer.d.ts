import type { GpuType } from '../devices/gpu.js';
import { Tensor, type DType, type Dims } from '../tensor/index.js';
/**
 * A tensor's elements as the device stores them, row-major.
 * @throws InputError when a 64-bit integer does not fit into 32 bits
 */
export declare function toStored(tensor: Tensor, type: GpuType, name: string): ArrayBufferView;
/** The model's tensor out of the stored bytes of a row-major one. */
export declare function fromStored(bytes: Uint8Array<ArrayBuffer>, type: GpuType, dtype: DType, dims: Dims): Tensor;
