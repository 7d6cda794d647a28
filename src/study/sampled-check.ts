/**
 * Whether a kernel computes what it should, at the size at which it is timed: some elements of its output against the op's
 * reference in double precision. Buffers are filled on the device with numbers that the host can compute one by one, so that
 * tensors of hundreds of megabytes need not travel.
 */
import { GPU_TYPE_BYTES, type GpuBuffer, type GpuDevice, type GpuSlice } from '../devices/gpu.js';
import { viewSize, type TensorView } from '../kernels/view.js';
import type { Op } from '../ops/op.js';
import {
  Tensor,
  offsetOf,
  relativeError,
  sizeOf,
  stridesOf,
  type Dims,
  type DType,
} from '../tensor/index.js';
import { randomStream } from '../tensor/random.js';
import type { KernelStep } from '../candidates/candidate.js';
import { RandomBuffers } from '../tune/timing/buffers.js';
import { checkFillKernel, filledValue, filledWord, halfOf } from './check-fill.js';

/** A part of an input. */
export interface Box {
  readonly origin: readonly number[];
  readonly dims: Dims;
}

/** What of the inputs an element of the output depends on. */
export interface Dependence {
  /** Of each input a part such that the op, given these parts, computes the element. */
  readonly boxes: readonly Box[];
  /** Where the element is in what the op then computes. */
  readonly at: readonly number[];
}

export interface CheckTask {
  readonly op: Op;
  readonly inputs: readonly TensorView[];
  readonly output: TensorView;
  readonly workspace: readonly number[];
  readonly steps: readonly KernelStep[];
  /** What an element of the output depends on. */
  readonly dependence: (index: readonly number[]) => Dependence;
}

/** Elements that are compared. */
const SAMPLES = 48;

/**
 * Runs a candidate's launches once.
 * @returns the relative error of the sampled outputs
 * @throws DeviceError where it does not compile or run
 */
export async function sampledError(device: GpuDevice, task: CheckTask): Promise<number> {
  const memory = new RandomBuffers(device);
  try {
    const { inputs, output, workspace, steps } = task;
    const held: Record<'input' | 'output' | 'workspace', GpuBuffer[]> = {
      input: [],
      output: [],
      workspace: [],
    };
    for (const view of inputs) held.input.push(await filled(device, memory, view));
    held.output.push(await memory.allocate(bytesOf(output), 'checked output'));
    for (const bytes of workspace) {
      held.workspace.push(await memory.allocate(wordsOf(bytes), 'checked workspace'));
    }
    const kernels = await device.compile(steps.map(({ source }) => source));
    const dispatches = steps.map(({ operands }, i) => ({
      kernel: kernels[i],
      slices: operands.map(({ kind, index }): GpuSlice => {
        const buffer = held[kind][index];
        return { buffer, offset: 0, bytes: buffer.bytes };
      }),
    }));
    const { indices, values } = sampledAnswers(task);
    const places = indices.map((index) => offsetOf(output.layout, output.dims, index));
    const size = GPU_TYPE_BYTES[output.type];
    const readbacks = places.map((place): GpuSlice => ({
      buffer: held.output[0],
      offset: Math.floor((place * size) / 4) * 4,
      bytes: 4,
    }));
    const recording = await device.record(dispatches, readbacks);
    try {
      const words = await device.submit(recording);
      const actual = words.map((bytes, i) => elementOf(bytes, storageOf(output), places[i]));
      return relativeError(actual, values);
    } finally {
      device.release(recording);
    }
  } finally {
    memory.freeAll();
  }
}

/** What a right answer is made of: the op's, on inputs that were filled. */
export type AnswerTask = Pick<CheckTask, 'op' | 'inputs' | 'output' | 'dependence'>;

/** Where the output is looked at, and what the op's reference says of these elements. */
export function sampledAnswers(task: AnswerTask): {
  readonly indices: readonly (readonly number[])[];
  readonly values: readonly number[];
} {
  const indices = sampledIndices(task.output.dims);
  return { indices, values: indices.map((index) => expectedAt(task, index)) };
}

/** A buffer of numbers that the host knows; where the layout pads, zeros there, as kernels may expect. */
async function filled(device: GpuDevice, memory: RandomBuffers, view: TensorView): Promise<GpuBuffer> {
  const buffer = await memory.allocate(bytesOf(view), 'checked input');
  const [kernel] = await device.compile([checkFillKernel(buffer.bytes, device.limits.maxGrid)]);
  const slices = [{ buffer, offset: 0, bytes: buffer.bytes }];
  const recording = await device.record([{ kernel, slices }]);
  await device.submit(recording);
  device.release(recording);
  const { block } = view.layout;
  if (!block || view.dims[block.axis] % block.size === 0) return buffer;
  const count = viewSize(view);
  const words = new Uint32Array(wordsOf(count * GPU_TYPE_BYTES[view.type]) / 4);
  for (let i = 0; i < words.length; i++) words[i] = filledWord(i);
  const elements = storageOf(view) === 'f16' ? new Uint16Array(words.buffer) : words;
  // Only the last block of the axis has padding: walk over its places.
  const blocks = Math.ceil(view.dims[block.axis] / block.size);
  const rest = view.dims[block.axis] % block.size;
  const others = view.dims.map((dim, axis) => (axis === block.axis ? 1 : dim));
  const strides = stridesOf(others);
  const first = (blocks - 1) * block.size;
  for (let flat = 0; flat < sizeOf(others); flat++) {
    const index = strides.map((stride, axis) =>
      axis === block.axis ? first : Math.floor(flat / stride) % others[axis],
    );
    const start = offsetOf(view.layout, view.dims, index);
    elements.fill(0, start + rest, start + block.size);
  }
  device.write(buffer, 0, words);
  return buffer;
}

/** Indices spread over a tensor, the same every time; the first and the last element among them. */
function sampledIndices(dims: Dims): number[][] {
  const next = randomStream(dims.join());
  const random = Array.from({ length: SAMPLES - 2 }, () => dims.map((dim) => Math.floor(next() * dim)));
  return [dims.map(() => 0), ...random, dims.map((dim) => dim - 1)];
}

function expectedAt({ op, inputs, dependence }: AnswerTask, index: readonly number[]): number {
  const { boxes, at } = dependence(index);
  const [result] = op.reference(inputs.map((view, i) => boxOf(view, boxes[i])));
  const strides = stridesOf(result.dims);
  return result.toFloat64()[at.reduce((sum, position, axis) => sum + position * strides[axis], 0)];
}

/** A part of an input as it lies on the device, in double precision. */
function boxOf(view: TensorView, { origin, dims }: Box): Tensor {
  const type = storageOf(view);
  const strides = stridesOf(dims);
  const values = Float64Array.from({ length: sizeOf(dims) }, (_, flat) => {
    const index = dims.map((dim, axis) => origin[axis] + (Math.floor(flat / strides[axis]) % dim));
    return filledValue(type, offsetOf(view.layout, view.dims, index));
  });
  const dtype: DType = 'f64';
  return Tensor.from(dtype, dims, values);
}

function elementOf(bytes: Uint8Array, type: 'f32' | 'f16', place: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return type === 'f16' ? halfOf(view.getUint16((place % 2) * 2, true)) : view.getFloat32(0, true);
}

/** @throws TypeError for integers, which no experiment stores */
function storageOf({ type }: TensorView): 'f32' | 'f16' {
  if (type === 'f32' || type === 'f16') return type;
  throw new TypeError(`outputs of type ${type} are not checked`);
}

function bytesOf(view: TensorView): number {
  return wordsOf(viewSize(view) * GPU_TYPE_BYTES[view.type]);
}

/** Bytes of whole words. */
function wordsOf(bytes: number): number {
  return Math.max(4, Math.ceil(bytes / 4) * 4);
}
