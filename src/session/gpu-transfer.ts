/** Tensors to and from what GPUs store. */
import { InputError } from '../errors.js';
import type { GpuType } from '../devices/gpu.js';
import { BUFFER_USAGE } from '../devices/webgpu/constants.js';
import type { GpuTensor } from '../devices/webgpu/index.js';
import type { Plan, PlanTensor } from '../plan/plan.js';
import { Tensor, createStorage, isBigInteger, type DType } from '../tensor/index.js';

/** What floats on the device are: `half` is what is stored as f16, if it is not that. */
export type StoredHalf = Plan['half'];

/**
 * A tensor's elements as the device stores them, row-major.
 * @throws InputError when a 64-bit integer does not fit into 32 bits
 */
export function toStored(tensor: Tensor, type: GpuType, name: string, half?: StoredHalf): ArrayBufferView {
  const dtype = storedDType(type, half);
  if (tensor.dtype === dtype) return tensor.data;
  if (isBigInteger(tensor.dtype)) {
    const stored = type === 'i32' ? new Int32Array(tensor.size) : new Uint32Array(tensor.size);
    const source = tensor.data as BigInt64Array | BigUint64Array;
    for (let i = 0; i < source.length; i++) {
      const value = Number(source[i]);
      stored[i] = value;
      if (stored[i] !== value) {
        throw new InputError(`"${name}" holds ${source[i]}, which does not fit into 32 bits`, {
          remedy: 'GPUs compute with 32-bit integers: run this model on the CPU.',
        });
      }
    }
    return stored;
  }
  return Tensor.from(dtype, tensor.dims, tensor.toFloat64()).data;
}

/** The model's tensor out of the stored bytes of a row-major one. */
export function fromStored(
  bytes: Uint8Array<ArrayBuffer>,
  { type, dtype, dims }: Pick<PlanTensor, 'type' | 'dtype' | 'dims'>,
  half?: StoredHalf,
): Tensor {
  const storedAs = storedDType(type, half);
  const stored = createStorage(storedAs, 0);
  const View = stored.constructor as new (
    buffer: ArrayBuffer,
    offset: number,
    length: number,
  ) => typeof stored;
  const size = dims.reduce((product, dim) => product * dim, 1);
  const tensor = new Tensor(storedAs, dims, new View(bytes.buffer, bytes.byteOffset, size));
  if (dtype === storedAs) return tensor;
  return Tensor.from(dtype, dims, tensor.toFloat64());
}

function storedDType(type: GpuType, half: StoredHalf): DType {
  return type === 'f16' && half !== undefined ? half : type;
}

/**
 * Checks what WebGPU lets a program see of a buffer.
 * @throws InputError when the GPU could not copy it
 */
export function checkUsable({ buffer }: GpuTensor, usage: 'COPY_SRC' | 'COPY_DST', what: string): void {
  if ((buffer.usage & BUFFER_USAGE[usage]) === 0) {
    throw new InputError(`the buffer of ${what} was made without the usage ${usage}`, {
      remedy: `Create it with GPUBufferUsage.${usage} among its usages.`,
    });
  }
  if (buffer.mapState !== 'unmapped') {
    throw new InputError(`the buffer of ${what} is mapped`, { remedy: 'Unmap it before the run.' });
  }
}
