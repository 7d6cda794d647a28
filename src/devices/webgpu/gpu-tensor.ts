/** Tensors in GPU memory, for programs that use WebGPU themselves. */
import { DeviceError, ShapeError } from '../../errors.js';
import { Tensor, checkDims, createStorage, formatType, sizeOf, type Dims } from '../../tensor/index.js';
import { GPU_TYPE_BYTES, type GpuType } from '../gpu.js';
import { COPY_ALIGNMENT, alignUp, sizeFor } from '../gpu-memory.js';
import { BUFFER_USAGE, MAP_READ } from './constants.js';
import { firstLine, guarded } from './scopes.js';

/**
 * A tensor in a `GPUBuffer`: dense, in row-major order, at a multiple of four bytes, and filling whole multiples of
 * four bytes (so that three f16 elements take eight bytes). Sessions take it as an input and give it as an output
 * without a trip through host memory.
 *
 * A session copies its inputs from the buffer, which therefore needs the usage `COPY_SRC`, and copies outputs into
 * it, for which it needs `COPY_DST`.
 *
 *     const session = await createSession(model, { gpuDevice });
 *     const image = await GpuTensor.upload(gpuDevice, new Tensor('f32', [1, 3, 224, 224], pixels));
 *     const { probabilities } = await session.run({ image }, { outputs: 'gpu' });
 *     bindGroupOfMyOwnShader(probabilities.buffer);
 *     probabilities.dispose();
 */
export class GpuTensor {
  /** The elements' type. Models' i64, i16, i8 are i32 here, and u64, u16, u8 and bool are u32. */
  readonly dtype: GpuType;
  readonly dims: Dims;
  readonly buffer: GPUBuffer;
  /** Byte in the buffer where the elements begin. */
  readonly offset: number;

  /**
   * Takes a piece of a buffer for a tensor; nothing is copied, and the buffer stays the caller's.
   * @throws ShapeError when the elements do not lie within the buffer, or not at a multiple of four bytes
   */
  constructor(dtype: GpuType, dims: Dims, buffer: GPUBuffer, offset = 0) {
    checkType(dtype);
    checkDims(dims);
    this.dtype = dtype;
    this.dims = [...dims];
    this.buffer = buffer;
    this.offset = offset;
    const fits = Number.isSafeInteger(offset) && offset >= 0 && offset % COPY_ALIGNMENT === 0;
    if (!fits || offset + this.bytes > buffer.size) {
      throw new ShapeError(
        `a GPU tensor of type ${formatType(this)} does not lie at byte ${offset} of a buffer of ${buffer.size}`,
        { remedy: `It takes ${this.bytes} bytes, at a multiple of ${COPY_ALIGNMENT}.` },
      );
    }
  }

  /**
   * A tensor with a buffer of its own, filled from host memory; the caller disposes of it.
   * @param tensor one of type f32, f16, i32 or u32
   * @throws ShapeError for another type; DeviceError when memory is exhausted
   */
  static async upload(device: GPUDevice, tensor: Tensor): Promise<GpuTensor> {
    const { dtype, dims, data } = tensor;
    const bytes = new Uint8Array(sizeFor(data.byteLength));
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    checkType(dtype);
    const usage = BUFFER_USAGE.STORAGE | BUFFER_USAGE.COPY_SRC | BUFFER_USAGE.COPY_DST;
    const { value, error } = guarded(device, () => {
      const buffer = device.createBuffer({ size: bytes.length, usage });
      device.queue.writeBuffer(buffer, 0, bytes);
      return buffer;
    });
    const problem = await error;
    if (!problem) return new GpuTensor(dtype, dims, value);
    throw new DeviceError(`${formatType(tensor)} could not be uploaded (${firstLine(problem)})`, {
      remedy: 'Use smaller tensors, or dispose of others.',
    });
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.dims);
  }

  /** Bytes that it takes in the buffer: whole multiples of four. */
  get bytes(): number {
    return alignUp(this.size * GPU_TYPE_BYTES[this.dtype], COPY_ALIGNMENT);
  }

  /**
   * Copies the elements to host memory, after all work that was submitted before.
   * @param device the buffer's own
   * @throws DeviceError when the buffer is destroyed, of another device, or not made for `COPY_SRC`
   */
  async download(device: GPUDevice): Promise<Tensor> {
    const usage = BUFFER_USAGE.MAP_READ | BUFFER_USAGE.COPY_DST;
    const { value, error } = guarded(device, () => {
      const staging = device.createBuffer({ size: sizeFor(this.bytes), usage });
      const encoder = device.createCommandEncoder();
      if (this.bytes > 0) encoder.copyBufferToBuffer(this.buffer, this.offset, staging, 0, this.bytes);
      device.queue.submit([encoder.finish()]);
      return { staging, mapped: staging.mapAsync(MAP_READ) };
    });
    const { staging, mapped } = value;
    try {
      const [problem] = await Promise.all([error, mapped]);
      if (problem) throw new Error(problem.message);
      const data = createStorage(this.dtype, this.size);
      const bytes = new Uint8Array(staging.getMappedRange(), 0, data.byteLength);
      new Uint8Array(data.buffer).set(bytes);
      return new Tensor(this.dtype, this.dims, data);
    } catch (cause) {
      throw new DeviceError(`${this.toString()} cannot be read (${firstLine(cause as Error)})`, {
        remedy:
          'Pass the device that made its buffer, with the usage COPY_SRC, and read it before disposing of it.',
        cause,
      });
    } finally {
      staging.destroy();
    }
  }

  /** Destroys the buffer, and with it all that lies there. */
  dispose(): void {
    this.buffer.destroy();
  }

  toString(): string {
    return `GpuTensor(${formatType(this)})`;
  }
}

function checkType(dtype: string): asserts dtype is GpuType {
  if (Object.hasOwn(GPU_TYPE_BYTES, dtype)) return;
  throw new ShapeError(`"${dtype}" is not an element type in GPU memory`, {
    remedy: `Use one of ${Object.keys(GPU_TYPE_BYTES).join(', ')}.`,
  });
}
