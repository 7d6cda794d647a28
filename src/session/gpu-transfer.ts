/** Tensors to and from what GPUs store. */
import { InputError } from '../errors.js';
import type { GpuType } from '../devices/gpu.js';
import { BUFFER_USAGE } from '../devices/webgpu/constants.js';
import type { GpuTensor } from '../devices/webgpu/index.js';
import { Tensor, createStorage, isBigInteger, type DType, type Dims } from '../tensor/index.js';

/**
 * A tensor's elements as the device stores them, row-major.
 * @throws InputError when a 64-bit integer does not fit into 32 bits
 */
export function toStored(tensor: Tensor, type: GpuType, name: string): ArrayBufferView {
  if (tensor.dtype === type) return tensor.data;
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
  return Tensor.from(type, tensor.dims, tensor.toFloat64()).data;
}

/** The model's tensor out of the stored bytes of a row-major one. */
export function fromStored(bytes: Uint8Array<ArrayBuffer>, type: GpuType, dtype: DType, dims: Dims): Tensor {
  const stored = createStorage(type, 0);
  const View = stored.constructor as new (
    buffer: ArrayBuffer,
    offset: number,
    length: number,
  ) => typeof stored;
  const size = dims.reduce((product, dim) => product * dim, 1);
  const tensor = new Tensor(type, dims, new View(bytes.buffer, bytes.byteOffset, size));
  if (dtype === type) return tensor;
  return Tensor.from(dtype, dims, tensor.toFloat64());
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
