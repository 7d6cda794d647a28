/** A plan as a graph of steps: who reads what whom wrote. */
import type { PlanDocument } from '../../plan/document.js';
import type { Place } from '../../plan/plan.js';

export type FlowKind = 'input' | 'step' | 'transform' | 'output';

export interface FlowNode {
  readonly kind: FlowKind;
  /** The step, or the input's or output's place among them. */
  readonly index: number;
  /** The tensor that it stands for: what it writes, or what it is. */
  readonly tensor: number | undefined;
}

export interface FlowEdge {
  /** Indices into the nodes. */
  readonly from: number;
  readonly to: number;
  /** What is read. */
  readonly tensor: number;
}

export interface Flow {
  /** Inputs, then steps in order, then outputs. */
  readonly nodes: readonly FlowNode[];
  readonly edges: readonly FlowEdge[];
}

/** A tensor that somebody wrote. */
interface Written {
  readonly tensor: number;
  readonly node: number;
}

/**
 * The graph of a plan. A tensor under another name (a reshaped one, a piece, a part of a larger one) has the memory of
 * what was written there last.
 */
export function flowOf(plan: Pick<PlanDocument, 'inputs' | 'outputs' | 'steps' | 'tensors'>): Flow {
  const nodes: FlowNode[] = [];
  const edges: FlowEdge[] = [];
  const written: Written[] = [];
  const read = (tensor: number, to: number): void => {
    const from = writerOf(plan, written, tensor);
    if (from !== undefined && from !== to) edges.push({ from, to, tensor });
  };
  for (const [index, { tensor }] of plan.inputs.entries()) {
    written.push({ tensor, node: nodes.push({ kind: 'input', index, tensor }) - 1 });
  }
  for (const [index, step] of plan.steps.entries()) {
    const kind = step.node === null ? 'transform' : 'step';
    const node = nodes.push({ kind, index, tensor: step.writes[0] }) - 1;
    for (const tensor of step.reads) read(tensor, node);
    for (const tensor of step.writes) written.push({ tensor, node });
  }
  for (const [index, { tensor }] of plan.outputs.entries()) {
    read(tensor, nodes.push({ kind: 'output', index, tensor }) - 1);
  }
  return { nodes, edges };
}

/** The node that wrote what is read as `tensor`: itself, else what lies where it lies; undefined for constants. */
function writerOf(
  { tensors }: Pick<PlanDocument, 'tensors'>,
  written: readonly Written[],
  tensor: number,
): number | undefined {
  let sharing: number | undefined;
  for (let i = written.length - 1; i >= 0; i--) {
    if (written[i].tensor === tensor) return written[i].node;
    if (sharing === undefined && overlap(tensors[tensor], tensors[written[i].tensor]))
      sharing = written[i].node;
  }
  return sharing;
}

interface Region {
  readonly place: Place;
  readonly bytes: number;
}

/** Whether two tensors share memory of the arena. */
export function overlap(a: Region, b: Region): boolean {
  if (a.place.kind !== 'arena' || b.place.kind !== 'arena' || a.place.bank !== b.place.bank) return false;
  return a.place.offset < b.place.offset + b.bytes && b.place.offset < a.place.offset + a.bytes;
}
