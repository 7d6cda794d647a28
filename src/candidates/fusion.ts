/** Two nodes as one kernel: the second reads what the first computes, and nobody else does. */
import type { Op } from '../ops/op.js';
import type { TensorType } from '../tensor/index.js';
import type { Candidate, CandidateContext, NodeTypes, Refusal } from './candidate.js';

/** Types around two ops of which the second reads what the first computes. */
export interface FusionTypes {
  /** The first op's. */
  readonly inputs: NodeTypes['inputs'];
  /** What is computed between them. */
  readonly middle: TensorType;
  /** What the second op reads besides. */
  readonly others: NodeTypes['inputs'];
  readonly outputs: NodeTypes['outputs'];
}

/** The candidates of two ops, best first; their inputs are the first op's and then the others, their outputs the second's. */
export type FusionProvider<P extends Op, C extends Op> = (
  producer: P,
  consumer: C,
  types: FusionTypes,
  context: CandidateContext,
) => readonly (Candidate | Refusal)[];

/** A provider for two classes of ops. */
export interface FusionEntry {
  /** The candidates if the ops are of the entry's classes, else undefined. */
  readonly match: (
    producer: Op,
    consumer: Op,
    types: FusionTypes,
    context: CandidateContext,
  ) => readonly (Candidate | Refusal)[] | undefined;
}

/** An entry for a producer's class and a consumer's. */
export function fusion<P extends Op, C extends Op>(
  producerClass: abstract new (...args: never[]) => P,
  consumerClass: abstract new (...args: never[]) => C,
  provider: FusionProvider<P, C>,
): FusionEntry {
  return {
    match: (producer, consumer, types, context) =>
      producer instanceof producerClass && consumer instanceof consumerClass
        ? provider(producer, consumer, types, context)
        : undefined,
  };
}
