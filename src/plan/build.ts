/** From a choice to a plan: transforms where layouts differ, parts written in place, memory for everything. */
import {
  GPU_TYPE_BYTES,
  codeOf,
  type GpuType,
  type KernelFeature,
  type KernelSource,
} from '../devices/gpu.js';
import { UnsupportedError } from '../errors.js';
import { topologicalOrder, type Constant, type Graph, type Node, type Value } from '../graph/index.js';
import { transformKernel } from '../kernels/transform/index.js';
import type { Cost } from '../tune/profile/model.js';
import { bytesOf, rowMajor, sizeOf, type Layout } from '../tensor/index.js';
import { assignMemory } from './memory/index.js';
import {
  gpuTypeOf,
  runOnce,
  type Candidate,
  type CandidateContext,
  type KernelStep,
  type Operand,
} from '../candidates/candidate.js';
import { kernelStoring } from '../candidates/halves.js';
import { plainest, sumOfCosts, type CostBook } from './costs/costs.js';
import { DraftTable, plainType } from './drafts.js';
import { isAbsorbed, kernelOf } from './fusion.js';
import { copiedInputs, findParts, type Part } from './parts.js';
import type { Plan, PlanLaunch, PlanPreparation, PlanStep } from './plan.js';

/** A plan, and the constants that its constant tensors hold, in the same order. */
export interface BuiltPlan {
  readonly plan: Plan;
  readonly constants: readonly Constant[];
}

/**
 * Makes the plan of a choice.
 * @param chosen a candidate for every node
 * @param costs what steps take, to be written into the plan
 * @throws UnsupportedError naming a kernel that needs what the device has not
 */
export function buildPlan(
  graph: Graph,
  context: CandidateContext,
  chosen: ReadonlyMap<Node, Candidate>,
  costs?: CostBook,
): BuiltPlan {
  return new PlanBuilder(graph, context, chosen, costs).build();
}

/** What kernels may need, as messages name it. */
const FEATURE_NAMES: Readonly<Record<KernelFeature, string>> = {
  f16: 'element type f16',
  subgroups: 'subgroup operations',
  'subgroup-matrix': 'matrix products by subgroups',
  cuda: 'kernels in CUDA C++',
  wgmma: 'matrix products by warpgroups',
  cudnn: 'cuDNN',
  cublaslt: 'cuBLASLt',
};

class PlanBuilder {
  readonly #graph: Graph;
  readonly #context: CandidateContext;
  readonly #chosen: ReadonlyMap<Node, Candidate>;
  readonly #costs: CostBook | undefined;
  readonly #parts: ReadonlyMap<Value, Part>;
  readonly #drafts = new DraftTable();
  readonly #steps: PlanStep[] = [];
  readonly #preparations: PlanPreparation[] = [];
  /** What preparations fill, by what they do to which tensors: the tensors by their index in the workspace. */
  readonly #prepared = new Map<string, ReadonlyMap<number, number>>();
  /** Tensors that are assembled from parts, as soon as the first part is computed. */
  readonly #assembled = new Map<Node, number>();

  constructor(
    graph: Graph,
    context: CandidateContext,
    chosen: ReadonlyMap<Node, Candidate>,
    costs: CostBook | undefined,
  ) {
    this.#graph = graph;
    this.#context = context;
    this.#chosen = chosen;
    this.#costs = costs;
    this.#parts = findParts(graph, chosen);
  }

  build(): BuiltPlan {
    const inputs = this.#graph.inputs.map((value) => ({
      name: value.name,
      tensor: this.#drafts.add(value, rowMajor(value.type.dims.length), plainType(value)),
    }));
    for (const [i, node] of topologicalOrder(this.#graph).entries()) this.#addNode(node, i);
    const outputs = this.#graph.outputs.map(({ name, value }) => ({
      name,
      tensor: this.#form(value, rowMajor(value.type.dims.length), plainType(value)),
    }));
    const uses = { inputs, outputs, preparations: this.#preparations, steps: this.#steps };
    const { constants, ...memory } = assignMemory({ ...uses, drafts: this.#drafts }, this.#context.limits);
    const { half } = this.#context;
    return { plan: { ...(half && { half }), ...uses, ...memory }, constants };
  }

  #addNode(node: Node, index: number): void {
    const chosen = this.#candidateOf(node);
    // Its only reader does its work.
    if (isAbsorbed(chosen)) return;
    const { own: candidate, producer, values } = kernelOf(node, chosen);
    const inputs = values.map((value, i) => {
      const layout = candidate.inputs[i];
      return value && layout && this.#form(value, layout, this.#typeOf(value));
    });
    if (candidate.slices) {
      this.#addSlices(node, candidate, candidate.slices, inputs[0]);
      return;
    }
    if (candidate.alias !== undefined) {
      const source = inputs[candidate.alias];
      if (source === undefined) throw new TypeError(`${node.label} is an alias of a missing input`);
      this.#drafts.addAlias(node.outputs[0], candidate.outputs[0], source);
      return;
    }
    const outputs = node.outputs.map((value, i) => this.#output(node, value, candidate.outputs[i]));
    const launches = this.#launches(node, candidate, inputs, outputs);
    this.#steps.push({
      op: producer ? `${producer.op.title}+${node.op.title}` : node.op.title,
      name: node.name,
      node: index,
      kernel: candidate.id,
      inputLayouts: candidate.inputs.map((layout) => layout?.name ?? ''),
      outputLayout: candidate.outputs[0].name,
      output: node.outputs[0].type,
      launches,
      reads: this.#activations(inputs),
      writes: outputs,
      flops: node.flops + (producer?.flops ?? 0),
      // Of two ops in one, those of what it reads and writes.
      bytes: producer ? this.#bytesOf([...values, ...node.outputs]) : this.#idealBytes(node),
      movedBytes: this.#movedBytes(launches),
      cost: this.#nodeCost(node, chosen),
    });
  }

  /** Outputs that are pieces of the input's memory. @param offsets bytes from its beginning */
  #addSlices(
    node: Node,
    { outputs }: Candidate,
    offsets: readonly number[],
    source: number | undefined,
  ): void {
    if (source === undefined) throw new TypeError(`${node.label} slices a missing input`);
    for (const [i, value] of node.outputs.entries()) {
      this.#drafts.addSlice(value, outputs[i], source, offsets[i]);
    }
  }

  #launches(
    node: Node,
    candidate: Candidate,
    inputs: readonly (number | undefined)[],
    outputs: readonly number[],
  ): PlanLaunch[] {
    if (node.outputs.every((value) => sizeOf(value.type.dims) === 0)) return [];
    const steps = candidate.build({
      // The layouts asked for: the same placement may have another name in memory (NHWC of one channel).
      inputs: inputs.map((tensor, i) => {
        const layout = candidate.inputs[i];
        return tensor === undefined || !layout ? undefined : { ...this.#drafts.at(tensor), layout };
      }),
      outputs: outputs.map((tensor) => this.#drafts.at(tensor)),
    });
    const once = runOnce(candidate, steps, (i) => this.#isConstant(inputs[i]));
    const prepared = this.#prepare(node, candidate, once, inputs);
    const workspace = candidate.workspace.map(
      (bytes, i) => prepared.get(i) ?? this.#drafts.addScratch(`${node.name}/scratch${i}`, bytes),
    );
    const needed = steps.filter(
      (step) =>
        !once.includes(step) &&
        (candidate.assembles === undefined ||
          !step.operands.some((operand) => this.#isInPlace(node, operand))),
    );
    return needed.map((step) => this.#bind(candidate, step, { input: inputs, output: outputs, workspace }));
  }

  /** The tensors that are no constants, each once. */
  #activations(inputs: readonly (number | undefined)[]): number[] {
    const present = inputs.filter((tensor) => tensor !== undefined);
    return [...new Set(present)].filter((tensor) => !this.#isConstant(tensor));
  }

  #isConstant(tensor: number | undefined): boolean {
    return tensor === undefined || this.#drafts.at(tensor).constant !== undefined;
  }

  /**
   * Takes launches out of a step, to run before the first run. Nodes that want the same of the same constants share it.
   * @param once the launches, which read constants alone
   * @returns what they fill, by index in the workspace
   */
  #prepare(
    node: Node,
    candidate: Candidate,
    once: readonly KernelStep[],
    inputs: readonly (number | undefined)[],
  ): ReadonlyMap<number, number> {
    if (once.length === 0) return new Map();
    const key = JSON.stringify(
      once.map(({ source, operands }) => [
        codeOf(source),
        source.grid,
        operands.map((operand) => (operand.kind === 'input' ? inputs[operand.index] : operand)),
      ]),
    );
    const known = this.#prepared.get(key);
    if (known) return known;
    const filled = new Map(
      (candidate.prepared ?? []).map((i) => [
        i,
        this.#drafts.addScratch(
          `${node.name}/prepared${i}`,
          candidate.workspace[i],
          this.#preparations.length,
        ),
      ]),
    );
    this.#prepared.set(key, filled);
    const workspace = candidate.workspace.map((_, i) => filled.get(i));
    const places = { input: inputs, output: [], workspace };
    this.#preparations.push({
      launches: once.map((step) => this.#bind(candidate, step, places)),
      tensors: [...filled.values()],
    });
    return filled;
  }

  /** A candidate's launch on tensors. */
  #bind(
    { id }: Candidate,
    { source, operands }: KernelStep,
    places: Readonly<Record<Operand['kind'], readonly (number | undefined)[]>>,
  ): PlanLaunch {
    const tensors = operands.map(({ kind, index }) => {
      const tensor = places[kind][index];
      if (tensor === undefined) throw new TypeError(`${id} binds a missing ${kind} ${index}`);
      return tensor;
    });
    return this.#launch(source, tensors);
  }

  /** @throws UnsupportedError when the kernel needs what the device has not, such as 16-bit floats */
  #launch(source: KernelSource, tensors: readonly number[]): PlanLaunch {
    const missing = source.features.find((feature) => !this.#context.features.has(feature));
    if (missing) {
      throw new UnsupportedError(`${FEATURE_NAMES[missing]} on this GPU`, {
        part: `kernel ${source.id}`,
        remedy: 'Run the model on the CPU, or convert it to f32.',
      });
    }
    return { source, tensors };
  }

  /** Whether an operand is an input that its producer has written into this node's output already. */
  #isInPlace(node: Node, { kind, index }: Operand): boolean {
    const value = kind === 'input' ? node.inputs[index] : undefined;
    return value !== undefined && this.#parts.has(value);
  }

  /** The tensor that a node writes: one of its own, or its part of a larger one. */
  #output(node: Node, value: Value, layout: Layout): number {
    const part = this.#parts.get(value);
    if (part) return this.#drafts.addPart(value, this.#whole(part.node), part.origin, layout);
    return this.#assembled.get(node) ?? this.#drafts.add(value, layout, this.#typeOf(value));
  }

  /** The tensor that a node assembles. */
  #whole(node: Node): number {
    let tensor = this.#assembled.get(node);
    if (tensor === undefined) {
      const [value] = node.outputs;
      tensor = this.#drafts.add(value, this.#candidateOf(node).outputs[0], this.#typeOf(value));
      this.#assembled.set(node, tensor);
    }
    return tensor;
  }

  /** A value in a layout and type: as it is in memory already, as a constant, or by a transform. */
  #form(value: Value, layout: Layout, type: GpuType): number {
    const found = this.#drafts.find(value, layout, type);
    if (found !== undefined) return found;
    const source = this.#drafts.original(value);
    const tensor = this.#drafts.add(value, layout, type);
    if (value.constant) return tensor;
    if (source === undefined) throw new TypeError(`${value.name} is read before it is computed`);
    this.#addTransform(value, source, tensor);
    return tensor;
  }

  #addTransform(value: Value, from: number, to: number): void {
    const x = this.#drafts.at(from);
    const y = this.#drafts.at(to);
    const [read, written] = [x, y].map((view) => ({ ...view, layout: plainest(view.layout, view.dims) }));
    const { limits, half } = this.#context;
    const source = kernelStoring(half, transformKernel(read, written, limits));
    const launches = sizeOf(y.dims) === 0 ? [] : [this.#launch(source, [from, to])];
    this.#steps.push({
      op: 'Transform',
      name: value.name,
      node: null,
      kernel: source.id,
      inputLayouts: [x.layout.name],
      outputLayout: y.layout.name,
      output: value.type,
      launches,
      reads: [from],
      writes: [to],
      flops: 0,
      bytes: source.bytes,
      movedBytes: this.#movedBytes(launches),
      cost: this.#costs?.ofTransform(value.type.dims, x, y) ?? null,
    });
  }

  #candidateOf(node: Node): Candidate {
    const candidate = this.#chosen.get(node);
    if (!candidate) throw new TypeError(`${node.label} has no candidate`);
    return candidate;
  }

  #typeOf(value: Value): GpuType {
    return gpuTypeOf(value.type.dtype, this.#context.storage);
  }

  /** What a step takes; of a node that assembles its inputs, the copies of those that are not written in place. */
  #nodeCost(node: Node, candidate: Candidate): Cost | null {
    const costs = this.#costs;
    if (!costs) return null;
    if (candidate.assembles === undefined) return costs.ofCandidate(node, candidate);
    const copies = copiedInputs(node, candidate, this.#parts).map(([value, layout]) => {
      const form = { layout, type: this.#typeOf(value) };
      return costs.ofTransform(value.type.dims, form, form);
    });
    return sumOfCosts(copies);
  }

  /** Bytes that the launches read and write: each tensor once per launch, with its padding; scratch memory too. */
  #movedBytes(launches: readonly PlanLaunch[]): number {
    let total = 0;
    for (const { tensors } of launches) {
      for (const tensor of new Set(tensors)) {
        const { within, bytes, dims, type } = this.#drafts.at(tensor);
        total += within ? sizeOf(dims) * GPU_TYPE_BYTES[type] : bytes;
      }
    }
    return total;
  }

  /** Bytes of values as they are stored. */
  #bytesOf(values: readonly (Value | undefined)[]): number {
    return values.reduce(
      (sum, value) => sum + (value ? sizeOf(value.type.dims) * GPU_TYPE_BYTES[this.#typeOf(value)] : 0),
      0,
    );
  }

  /** The op's ideal bytes, scaled from the model's element types to those that are stored. */
  #idealBytes(node: Node): number {
    const values = [...node.inputs, ...node.outputs].filter((value) => value !== undefined);
    const declared = values.reduce((sum, value) => sum + bytesOf(value.type), 0);
    return declared === 0 ? 0 : Math.round((node.bytes * this.#bytesOf(values)) / declared);
  }
}
