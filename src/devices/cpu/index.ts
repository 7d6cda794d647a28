/** The device that is always there and always right: it evaluates nodes one by one in host memory. */
import { DeviceError, LanewiseError, LimitError, SessionError } from '../../errors.js';
import {
  countParameters,
  lastUses,
  peakActivationBytes,
  topologicalOrder,
  type Graph,
  type Node,
  type Value,
} from '../../graph/index.js';
import type { InputTensors } from '../../ops/op.js';
import { Tensor, rowMajor } from '../../tensor/index.js';
import type { Device, Executable, RunOptions, RunResult, StepProfile } from '../device.js';
import type { CpuKernel } from './kernel.js';
import { kernelFor } from './kernels.js';

export class CpuDevice implements Device {
  readonly kind = 'cpu';
  readonly description = 'CPU (one thread)';

  prepare(graph: Graph): Promise<Executable> {
    const order = topologicalOrder(graph);
    const weights = countParameters(graph).bytes;
    const activations = peakActivationBytes(order, graph.inputs);
    if (weights + activations > graph.limits.maxTotalBytes) {
      throw new LimitError(
        `the network takes ${weights} bytes of weights and ${activations} of activations`,
        {
          remedy: `The limit is ${graph.limits.maxTotalBytes} in all; raise limits.maxTotalBytes if this is meant.`,
        },
      );
    }
    return Promise.resolve(new CpuExecutable(graph, order));
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }
}

interface Step {
  readonly node: Node;
  readonly kernel: CpuKernel;
  /** Values that nothing after this step reads. */
  readonly dying: readonly Value[];
}

/** Work between two turns of the event loop: a page stays responsive, and runs can be aborted. */
const SLICE_MS = 12;

class CpuExecutable implements Executable {
  readonly #graph: Graph;
  #steps: readonly Step[] | undefined;

  constructor(graph: Graph, order: readonly Node[]) {
    const dying = lastUses(order);
    this.#graph = graph;
    this.#steps = order.map((node, i) => ({ node, kernel: kernelFor(node), dying: dying[i] }));
  }

  async run(inputs: ReadonlyMap<string, Tensor>, options: RunOptions): Promise<RunResult> {
    const steps = this.#steps;
    if (!steps) throw disposed();
    const tensors = new Map<Value, Tensor>();
    for (const value of this.#graph.inputs) {
      const tensor = inputs.get(value.name);
      if (tensor) tensors.set(value, tensor);
    }
    const profile: StepProfile[] = [];
    let sliceStart = performance.now();
    for (const [done, step] of steps.entries()) {
      const start = performance.now();
      if (start - sliceStart > SLICE_MS) {
        await nextTurn();
        sliceStart = performance.now();
      }
      options.signal?.throwIfAborted();
      options.onProgress?.({ what: step.node.label, done, total: steps.length });
      const milliseconds = evaluate(step, tensors);
      if (options.profile) {
        profile.push(profileOf(step, milliseconds));
      }
    }
    const outputs = ownOutputs(this.#graph, inputs.values(), tensors);
    if (!options.profile) return { outputs };
    const milliseconds = profile.reduce((sum, step) => sum + step.milliseconds, 0);
    return { outputs, steps: profile, milliseconds };
  }

  dispose(): Promise<void> {
    this.#steps = undefined;
    return Promise.resolve();
  }
}

/** What is handed out: each output with memory of its own, whatever kernels share with their inputs and with weights. */
function ownOutputs(
  graph: Graph,
  inputs: Iterable<Tensor>,
  tensors: ReadonlyMap<Value, Tensor>,
): Map<string, Tensor> {
  const taken = new Set<ArrayBufferLike>(Array.from(inputs, ({ data }) => data.buffer));
  for (const node of graph.nodes) {
    for (const value of node.inputs) if (value?.constant) taken.add(value.constant.tensor.data.buffer);
  }
  const outputs = new Map<string, Tensor>();
  for (const { name, value } of graph.outputs) {
    const tensor = tensorOf(value, tensors);
    const isTaken = value.constant !== undefined || taken.has(tensor.data.buffer);
    const own = isTaken ? new Tensor(tensor.dtype, tensor.dims, tensor.data.slice()) : tensor;
    taken.add(own.data.buffer);
    outputs.set(name, own);
  }
  return outputs;
}

function profileOf({ node, kernel }: Step, milliseconds: number): StepProfile {
  const output = node.outputs[0].type;
  return {
    op: node.op.title,
    name: node.name,
    kernel: kernel.id,
    layout: rowMajor(output.dims.length).name,
    output,
    bytes: node.bytes,
    flops: node.flops,
    milliseconds,
  };
}

/** Runs one step and returns its time in milliseconds. */
function evaluate({ node, kernel, dying }: Step, tensors: Map<Value, Tensor>): number {
  const inputs = node.inputs.map((value) => value && tensorOf(value, tensors));
  const start = performance.now();
  const outputs = runKernel(kernel, node, inputs);
  const milliseconds = performance.now() - start;
  for (const [i, value] of node.outputs.entries()) tensors.set(value, outputs[i]);
  for (const value of dying) tensors.delete(value);
  return milliseconds;
}

/** @throws what the kernel throws, with the node's name; DeviceError when memory runs out */
function runKernel(kernel: CpuKernel, node: Node, inputs: InputTensors): Tensor[] {
  try {
    return kernel.run(node, inputs);
  } catch (error) {
    if (error instanceof LanewiseError) throw error.at(node.label);
    throw new DeviceError(`${kernel.id} failed (${error instanceof Error ? error.message : String(error)})`, {
      node: node.label,
      remedy: 'Memory may have run out: try a smaller batch. Otherwise please report this with the model.',
      cause: error,
    });
  }
}

function tensorOf(value: Value, tensors: ReadonlyMap<Value, Tensor>): Tensor {
  const tensor = value.constant?.tensor ?? tensors.get(value);
  if (!tensor)
    throw new SessionError(`value "${value.name}" was not computed`, { remedy: 'Please report this.' });
  return tensor;
}

function disposed(): SessionError {
  return new SessionError('the session was disposed', { remedy: 'Create a new one.' });
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}
