/**
 * Two nodes as one kernel, as a choice among others: the consumer's candidate does the producer's work too, and the
 * producer has a candidate that says so and launches nothing. A form of the value between them that only these two know
 * makes sure that they are chosen together.
 */
import {
  isCandidate,
  type Candidate,
  type CandidateContext,
  type NodeTypes,
} from '../candidates/candidate.js';
import { fusionsFor } from '../candidates/index.js';
import type { Node, Value } from '../graph/index.js';
import type { Layout } from '../tensor/index.js';

/** A candidate of a node that also computes the node's first input. */
export interface Absorbing extends Candidate {
  /** The node whose work it does. */
  readonly producer: Node;
  /** The kernel, as a candidate whose inputs are those of `kernelOf`. */
  readonly own: Candidate;
}

/** A candidate of a node that leaves its work to its only reader. */
export interface Absorbed extends Candidate {
  readonly consumer: Node;
}

/** The two sides of one fused kernel. */
export interface FusedPair {
  readonly absorbed: Absorbed;
  readonly absorbing: Absorbing;
}

export function isAbsorbing(candidate: Candidate): candidate is Absorbing {
  return 'own' in candidate;
}

export function isAbsorbed(candidate: Candidate): candidate is Absorbed {
  return 'consumer' in candidate;
}

/** Whether a layout is the form of a value that never reaches memory. */
export function isUnwritten({ name }: Layout): boolean {
  return name.startsWith(UNWRITTEN);
}

/** A kernel and what it reads. */
export interface KernelOfNode {
  readonly own: Candidate;
  /** The node whose work it does too. */
  readonly producer: Node | undefined;
  readonly values: readonly (Value | undefined)[];
}

/** What a node's candidate runs: of two nodes in one kernel, the first one's inputs and then the second one's others. */
export function kernelOf(node: Node, candidate: Candidate): KernelOfNode {
  if (!isAbsorbing(candidate)) return { own: candidate, producer: undefined, values: node.inputs };
  const { own, producer } = candidate;
  return { own, producer, values: [...producer.inputs, ...node.inputs.slice(1)] };
}

/** Types of what a kernel reads and writes. */
export function kernelTypes(node: Node, { values }: KernelOfNode): NodeTypes {
  return { inputs: values.map((value) => value?.type), outputs: node.outputTypes };
}

const UNWRITTEN = 'within ';

/** Whether candidates of the two nodes alone read and write in the layouts of a kernel for both. */
export function isInLayoutsOf(
  { absorbed, absorbing }: FusedPair,
  ofProducer: readonly Candidate[],
  ofConsumer: readonly Candidate[],
): boolean {
  return (
    ofProducer.some(({ inputs: [x] }) => x?.name === absorbed.inputs[0]?.name) &&
    ofConsumer.some(({ outputs: [y] }) => y.name === absorbing.outputs[0].name)
  );
}

/** The ways to run a node together with the one that computes its first input. */
export function fusedPairs(consumer: Node, context: CandidateContext): FusedPair[] {
  const [value] = consumer.inputs;
  const producer = value?.producer;
  const isOnlyReader = value?.consumers.size === 1 && value.outputNames.size === 0;
  const once = consumer.inputs.filter((other) => other === value).length === 1;
  if (!producer || !isOnlyReader || !once || producer.outputs.length !== 1) return [];
  const types = {
    inputs: producer.inputTypes,
    middle: value.type,
    others: consumer.inputTypes.slice(1),
    outputs: consumer.outputTypes,
  };
  return fusionsFor(producer.op, consumer.op, types, context)
    .filter(isCandidate)
    .map((found) => {
      // Other sizes are looked for on behalf of one node, by candidates that read its own inputs.
      const own = { ...found, sizes: undefined };
      const between: Layout = {
        name: `${UNWRITTEN}${own.id}`,
        order: value.type.dims.map((_, axis) => axis),
      };
      const others = own.inputs.slice(producer.inputs.length);
      return {
        absorbed: {
          id: `within_${own.id}`,
          inputs: own.inputs.slice(0, producer.inputs.length),
          outputs: [between],
          workspace: [],
          consumer,
          build: () => [],
        },
        absorbing: { ...own, inputs: [between, ...others], producer, own },
      };
    });
}
