/**
 * The result of planning: what is launched, on which memory, in which layouts. Plain data. Nothing is decided at run
 * time.
 */
import type { GpuType, KernelSource } from '../devices/gpu.js';
import type { Cost } from '../tune/profile/model.js';
import type { DType, Dims, Layout, TensorType } from '../tensor/index.js';

/** A tensor in device memory. */
export interface PlanTensor {
  readonly name: string;
  /** The model's element type. */
  readonly dtype: DType;
  /** What is stored. */
  readonly type: GpuType;
  readonly dims: Dims;
  readonly layout: Layout;
  /** Bytes in memory, padding included. */
  readonly bytes: number;
  readonly place: Place;
}

/** Where a tensor lies. */
export type Place =
  /** In the arena: activations and scratch memory. `bank` is one of the arena's buffers. */
  | { readonly kind: 'arena'; readonly bank: number; readonly offset: number }
  /** Among the constants: the `index`-th. */
  | { readonly kind: 'constant'; readonly index: number }
  /** In memory of its own, which the `index`-th preparation fills. */
  | { readonly kind: 'prepared'; readonly index: number };

/** One launch of a step: a kernel, and per binding the tensor it points to. */
export interface PlanLaunch {
  readonly source: KernelSource;
  /** Indices into the plan's tensors. */
  readonly tensors: readonly number[];
}

/** What is made of constants before the first run, and kept as they are: weights in another form. */
export interface PlanPreparation {
  /** They bind constants and the tensors below. */
  readonly launches: readonly PlanLaunch[];
  /** What they fill: indices into the plan's tensors. */
  readonly tensors: readonly number[];
}

/** What runs one node, or one transform between two. */
export interface PlanStep {
  /** The op with what is fused into it (`Conv+Relu`), or `Transform`. */
  readonly op: string;
  /** The node's name; for a transform, the converted tensor's. */
  readonly name: string;
  /** The node's place in the graph's topological order; null for a transform. */
  readonly node: number | null;
  /** The candidate's id. */
  readonly kernel: string;
  /** Names of the layouts of the inputs, constants included. */
  readonly inputLayouts: readonly string[];
  readonly outputLayout: string;
  /** Type of the first output. */
  readonly output: TensorType;
  readonly launches: readonly PlanLaunch[];
  /** Indices into the plan's tensors: the activations that it reads, constants and scratch memory apart. */
  readonly reads: readonly number[];
  /** Indices into the plan's tensors: its outputs. A part of a larger tensor has the place of the whole. */
  readonly writes: readonly number[];
  readonly flops: number;
  /** Ideal bytes. */
  readonly bytes: number;
  /** Bytes that the launches bind, padding and scratch memory included: what is moved if each is moved once. */
  readonly movedBytes: number;
  /** What it is expected to take; null if the plan was made without costs. */
  readonly cost: Cost | null;
}

/** An input or output of the network. */
export interface PlanPort {
  readonly name: string;
  /** Index into the plan's tensors. */
  readonly tensor: number;
}

export interface Plan {
  /** What is stored in tensors of type f16, if it is not that. */
  readonly half?: 'bf16';
  readonly tensors: readonly PlanTensor[];
  readonly inputs: readonly PlanPort[];
  readonly outputs: readonly PlanPort[];
  readonly preparations: readonly PlanPreparation[];
  readonly steps: readonly PlanStep[];
  /** Bytes of each of the arena's buffers. */
  readonly banks: readonly number[];
  /** The largest set of tensors alive at once, in bytes: no plan in this order can do with less. */
  readonly lowerBound: number;
  /**
   * Bytes of the constants in their layouts and of what is prepared of them; constants that nothing else needs are in
   * memory no longer than until it is made.
   */
  readonly constantBytes: number;
}
