/** Element-wise operators that follow each other become one: intermediate results are neither written nor read. */
import { Binary } from '../../ops/binary.js';
import { FLOATS } from '../../ops/element-types.js';
import { ElementwiseChain, isUnary, type ChainStep } from '../../ops/elementwise-chain.js';
import { Unary } from '../../ops/unary.js';
import { sameDims } from '../../tensor/index.js';
import type { Graph, Node, Value } from '../graph.js';
import { forEachNode, type Rewrite } from './rewrite.js';

/** Inputs of a chain: its kernel binds a buffer for each, and GPUs have at least eight. */
const MAX_INPUTS = 6;
/** Steps of a chain: their results are kept in registers. */
const MAX_STEPS = 16;

/**
 * For GPUs, where such operators take as long as their memory traffic: a chain of n reads and writes once instead of
 * n times. Not among the default rewrites, because the CPU's kernels are made for single functions.
 */
export const fuseElementwise: Rewrite = {
  name: 'fuse element-wise',
  apply: (graph) => forEachNode(graph, (node) => absorbProducers(graph, node)),
};

/** A chain with the values that it is applied to. */
interface Part {
  readonly inputs: readonly Value[];
  readonly steps: readonly ChainStep[];
}

/** Takes in producers until none fits, which also makes those fit whose result several of the steps read. */
function absorbProducers(graph: Graph, node: Node): boolean {
  let changed = false;
  for (let producer = nextProducer(node); producer; producer = nextProducer(node)) {
    const part = merged(node, producer);
    graph.replace(node, new ElementwiseChain(part.inputs.length, part.steps), part.inputs);
    graph.remove(producer);
    changed = true;
  }
  return changed;
}

/** A producer that the node may take in. */
function nextProducer(node: Node): Node | undefined {
  if (!partOf(node)) return undefined;
  return node.inputs.map((value) => value?.producer).find((producer) => producer && fits(node, producer));
}

function fits(node: Node, producer: Node): boolean {
  const [result] = producer.outputs;
  const onlyReader = result.consumers.size === 1 && result.outputNames.size === 0;
  // A smaller result would be computed anew for each element over which it is broadcast.
  if (!onlyReader || !partOf(producer) || !sameDims(result.type.dims, node.outputs[0].type.dims))
    return false;
  const { inputs, steps } = merged(node, producer);
  return inputs.length <= MAX_INPUTS && steps.length <= MAX_STEPS;
}

/** A node as a chain; undefined unless it is element-wise on floats of one type. */
function partOf({ op, inputs, outputs }: Node): Part | undefined {
  const [{ type }] = outputs;
  const values = inputs.filter((value) => value !== undefined);
  if (!FLOATS.includes(type.dtype) || values.some((value) => value.type.dtype !== type.dtype))
    return undefined;
  if (op instanceof ElementwiseChain) return { inputs: values, steps: op.steps };
  if (op instanceof Unary) return part(values, (args) => ({ fn: op.fn, args: [args[0]] }));
  if (op instanceof Binary) return part(values, (args) => ({ fn: op.fn, args: [args[0], args[1]] }));
  return undefined;
}

/** A single step; a value that is read twice is one input. */
function part(values: readonly Value[], step: (args: readonly number[]) => ChainStep): Part {
  const inputs = [...new Set(values)];
  return { inputs, steps: [step(values.map((value) => inputs.indexOf(value)))] };
}

/** The producer's steps, then the node's. */
function merged(node: Node, producer: Node): Part {
  const [after, before] = [partOf(node), partOf(producer)];
  if (!after || !before) throw new TypeError(`${node.label} and ${producer.label} are no chain`);
  const result = producer.outputs[0];
  const inputs = [...new Set([...before.inputs, ...after.inputs.filter((value) => value !== result)])];
  const place = (value: Value): number => inputs.indexOf(value);
  const produced = inputs.length + before.steps.length - 1;
  const steps = [
    ...before.steps.map((step) => renumbered(step, before, place, inputs.length)),
    ...after.steps.map((step) =>
      renumbered(step, after, (value) => (value === result ? produced : place(value)), produced + 1),
    ),
  ];
  return { inputs, steps };
}

/** A step with the new numbers of its arguments: of inputs by `place`, of the chain's own steps from `first` on. */
function renumbered(
  step: ChainStep,
  { inputs }: Part,
  place: (value: Value) => number,
  first: number,
): ChainStep {
  const number = (arg: number): number =>
    arg < inputs.length ? place(inputs[arg]) : first + arg - inputs.length;
  return isUnary(step)
    ? { fn: step.fn, args: [number(step.args[0])] }
    : { fn: step.fn, args: [number(step.args[0]), number(step.args[1])] };
}
