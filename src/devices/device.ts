/** What a session asks of a device: to prepare a graph once, and to run it many times. */
import type { Graph } from '../graph/index.js';
import type { Tensor, TensorType } from '../tensor/index.js';
import type { GpuTensor } from './webgpu/index.js';

/** How far a long piece of work has come. */
export interface Progress {
  /** What is being done, as a person reads it: `Conv "conv1"`. */
  readonly what: string;
  readonly done: number;
  readonly total: number;
}

/** Tensors in GPU memory by name. */
export type GpuTensorMap = Readonly<Record<string, GpuTensor>>;

export interface RunOptions {
  /** Measures every step. */
  readonly profile?: boolean;
  /** Stops between two steps; the run then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /**
   * Where outputs go: to host memory when left out; `gpu` leaves each in a fresh GPU buffer; tensors by name are
   * written to, and other outputs dropped.
   */
  readonly outputs?: 'gpu' | GpuTensorMap | undefined;
}

/** One step of a measured run: plain data. */
export interface StepProfile {
  /** The op with what is fused into it (`Conv+Relu`), or `Transform`. */
  readonly op: string;
  /** The node's name; for a transform, the converted tensor's. */
  readonly name: string;
  /** What ran it: a kernel's id. */
  readonly kernel: string;
  /** Layout of the first output. */
  readonly layout: string;
  /** Type of the first output. */
  readonly output: TensorType;
  /** Ideal bytes: each input read once, each output written once. */
  readonly bytes: number;
  readonly flops: number;
  readonly milliseconds: number;
}

export interface RunResult {
  readonly outputs: ReadonlyMap<string, Tensor>;
  /** What was asked for in GPU memory; `outputs` is empty then. */
  readonly gpuOutputs?: ReadonlyMap<string, GpuTensor>;
  /** Present when asked for by `profile`. */
  readonly steps?: readonly StepProfile[];
  /**
   * Milliseconds of the whole run on the device, transfers apart; present when asked for by `profile`. Less than the
   * sum of the steps on a GPU, where each step is timed alone.
   */
  readonly milliseconds?: number;
}

/** A graph made ready for a device. */
export interface Executable {
  /**
   * Inputs are keyed by name and have been checked against the graph. GPU tensors come only to devices with a
   * `gpuDevice`.
   */
  run(inputs: ReadonlyMap<string, Tensor | GpuTensor>, options: RunOptions): Promise<RunResult>;
  /** Frees what it holds once the runs under way have ended; running afterwards is an error. */
  dispose(): Promise<void>;
}

/** Something that can run graphs. */
export interface Device {
  readonly kind: 'cpu' | 'webgpu' | 'cuda';
  /** The hardware, for people. */
  readonly description: string;
  /** The WebGPU device that it runs on, where it does. */
  readonly gpuDevice?: GPUDevice | undefined;
  /** @throws LimitError when weights and activations together pass the graph's limits */
  prepare(graph: Graph): Promise<Executable>;
  dispose(): Promise<void>;
}
