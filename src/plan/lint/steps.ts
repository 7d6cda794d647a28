/** Single steps that lose time: padding that is moved, element-wise steps that run alone, kernels far from their roof. */
import type { Node, Value } from '../../graph/index.js';
import { GPU_TYPE_BYTES } from '../../devices/gpu.js';
import { Binary } from '../../ops/binary.js';
import { ElementwiseChain } from '../../ops/elementwise-chain.js';
import { Unary } from '../../ops/unary.js';
import { physicalSize, sizeOf } from '../../tensor/index.js';
import type { Bound } from '../../tune/profile/model.js';
import type { PlanTensor } from '../plan.js';
import { WORTH, inMegabytes, inMicroseconds, inPercent, listed, type Finding } from './finding.js';
import type { LintSubject, PlacedStep } from './subject.js';

/** A step this many times slower than the roofline allows, and this part of the network's time, is worth a word. */
const FAR = 3;
const FAR_WORTH = 0.02;
/** Padding of a blocked tensor, as a part of its elements, that is worth a word. */
const PADDED = 0.2;

/** Blocked tensors that are more than a fifth larger than their elements: what moving the padding takes. */
export function padding(subject: LintSubject): Finding[] {
  const { plan, roofs, total } = subject;
  return plan.tensors.flatMap((tensor, index): Finding[] => {
    const { extra, share } = paddingOf(tensor);
    if (share <= PADDED) return [];
    const steps = subject.steps.flatMap((step, place) =>
      touches(step.launches, index) > 0 ? [{ step, place }] : [],
    );
    const moved = extra * steps.reduce((sum, { step }) => sum + touches(step.launches, index), 0);
    const nanoseconds = (moved / roofs.copy.median) * 1e9;
    if (nanoseconds <= WORTH * total) return [];
    const { name, layout, dims } = tensor;
    const channels = layout.block ? `${dims[layout.block.axis]} in blocks of ${layout.block.size}` : '';
    const message =
      `${name} is ${inPercent(share)} larger in ${layout.name} than its elements (${channels}): ` +
      `${listed(steps.map(({ step }) => step.name))} ${steps.length > 1 ? 'move' : 'moves'} ${inMegabytes(moved)} of ` +
      `padding, ${inMicroseconds(nanoseconds)} at the copy roof. An unblocked layout has none.`;
    return [{ kind: 'padding', steps: steps.map(({ place }) => place), nanoseconds, message }];
  });
}

/** Bytes beyond a tensor's elements, and what part of these they are. */
function paddingOf({ layout, dims, type }: PlanTensor): { extra: number; share: number } {
  const elements = sizeOf(dims);
  if (!layout.block || elements === 0) return { extra: 0, share: 0 };
  const extra = physicalSize(layout, dims) - elements;
  return { extra: extra * GPU_TYPE_BYTES[type], share: extra / elements };
}

/** Launches that bind a tensor. */
function touches(launches: PlacedStep['step']['launches'], tensor: number): number {
  return launches.filter(({ tensors }) => tensors.includes(tensor)).length;
}

/** Element-wise nodes that run as steps of their own behind another one: what their traffic takes. */
export function unfused(subject: LintSubject): Finding[] {
  return subject.network.choices.flatMap(({ node }): Finding[] => {
    const placed = isElementwise(node) ? subject.stepOf(node) : undefined;
    if (!placed || placed.step.launches.length === 0) return [];
    const { step, place } = placed;
    const nanoseconds = step.cost?.median ?? 0;
    const reason = whyAlone(subject, node);
    if (reason === undefined || nanoseconds <= WORTH * subject.total) return [];
    const message =
      `${step.name} (${step.op}) runs alone: ${inMicroseconds(nanoseconds)} to move ${inMegabytes(step.movedBytes)}. ` +
      reason;
    return [{ kind: 'unfused', steps: [place], nanoseconds, message }];
  });
}

function isElementwise({ op }: Node): boolean {
  return op instanceof Unary || op instanceof Binary || op instanceof ElementwiseChain;
}

/** Why no step before takes a node in; undefined where there is none that could. */
function whyAlone(subject: LintSubject, node: Node): string | undefined {
  const inputs = node.inputs.filter((value): value is Value => value !== undefined && !value.constant);
  const computed = inputs.filter((value) => writerOf(subject, value) !== undefined);
  if (computed.length === 0) return undefined;
  const shared = computed.find((value) => value.consumers.size > 1 || value.outputNames.size > 0);
  if (shared && computed.length === 1) {
    const readers = [...shared.consumers].filter((reader) => reader !== node).map(({ name }) => name);
    const also = shared.outputNames.size > 0 ? ['the network, as an output'] : [];
    return `${shared.name} is also read by ${listed([...readers, ...also])}, so that its producer has to write it.`;
  }
  const writers = computed.flatMap((value) => writerOf(subject, value) ?? []);
  const names = writers.map(({ name, op }) => `${name} (${op.title})`);
  return `${listed([...new Set(names)])} cannot take it in: layers take one activation, and convolutions one addition of their own shape before it.`;
}

/** The node whose step writes a value; reshapes and splits that launch nothing are passed over. */
function writerOf(subject: LintSubject, value: Value): Node | undefined {
  for (let node = value.producer; node;) {
    const { alias, slices } = subject.candidateOf(node);
    if (alias === undefined && !slices) return node;
    node = node.inputs[alias ?? 0]?.producer;
  }
  return undefined;
}

/** Steps that take far longer than the roofline allows, and a part of the network's time that matters. */
export function farFromRoof(subject: LintSubject): Finding[] {
  return subject.steps.flatMap((step, place): Finding[] => {
    const { cost, name, kernel, op } = step;
    if (!cost || cost.floor <= 0 || cost.median <= FAR * cost.floor) return [];
    // So little work is all latency, and there is no roof near which it could be.
    if (cost.bound === 'launch') return [];
    if (cost.median <= FAR_WORTH * subject.total) return [];
    const nanoseconds = cost.median - cost.floor;
    const times = (cost.median / cost.floor).toFixed(1);
    const verb = cost.origin === 'measured' ? 'takes' : 'is expected to take';
    const message =
      `${name} (${op}) ${verb} ${inMicroseconds(cost.median)}, ${times} times the ${inMicroseconds(cost.floor)} that ` +
      `${ROOFS[cost.bound]} allows, as ${kernel}. ${remedyFor(subject, { step, place })}`;
    return [{ kind: 'far-from-roof', steps: [place], nanoseconds, message }];
  });
}

const ROOFS: Readonly<Record<Bound, string>> = {
  memory: 'the bandwidth',
  arithmetic: 'the arithmetic rate',
  launch: 'launching',
};

function remedyFor(subject: LintSubject, { step }: PlacedStep): string {
  if (step.cost?.origin === 'modelled')
    return 'That is the model\'s guess for kernels of this class: measure it (tuning "measured").';
  if (step.node === null) return 'It is the only way to convert between these layouts.';
  const ways = subject.network.choices[step.node].candidates.length;
  if (ways === 1) return 'It is the only way to run it.';
  return `There are ${ways} ways to run it; effort "high" measures them all.`;
}
