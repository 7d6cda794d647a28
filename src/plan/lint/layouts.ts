/**
 * Layouts that do not pay for their transforms. What a layout gains is not estimated step by step: the network is
 * chosen anew with the steps concerned held near another layout and all others as they are, and the difference counts.
 */
import { gpuTypeOf, type Candidate } from '../../candidates/candidate.js';
import type { Node, Value } from '../../graph/index.js';
import { Binary } from '../../ops/binary.js';
import { Cast } from '../../ops/cast.js';
import { ElementwiseChain } from '../../ops/elementwise-chain.js';
import { Unary } from '../../ops/unary.js';
import { rowMajor, samePlacement, type Layout, type LayoutKind } from '../../tensor/index.js';
import type { Form } from '../costs/costs.js';
import { WORTH, inMicroseconds, listed, type Finding } from './finding.js';
import { kindOf, type LintSubject, type PlacedStep } from './subject.js';

/** A value on its way to a reader, or to the network's end. */
interface Edge {
  readonly value: Value;
  readonly from: Form;
  readonly to: Form;
  /** Undefined for the network's input and output. */
  readonly producer: Node | undefined;
  readonly consumer: Node | undefined;
  readonly converted: boolean;
}

/** Steps joined by tensors that pass between them as they are, with the transforms around them. */
interface Island {
  readonly nodes: ReadonlySet<Node>;
  readonly entries: readonly Edge[];
  readonly exits: readonly Edge[];
}

interface TransformedIsland extends Island {
  readonly transforms: readonly PlacedStep[];
}

/** More islands than this are not looked at, those with the dearest transforms first: each takes milliseconds. */
const MAX_ISLANDS = 24;

/**
 * Layout islands: a largest set of steps joined by tensors that pass between them unconverted, entered and left by
 * transforms only, which as a whole would make the network faster in the layout of its surroundings. Where all its
 * steps compute element by element, so that no layout can gain anything, it is a ping-pong.
 */
export function islands(subject: LintSubject): Finding[] {
  const edges = edgesOf(subject);
  const found = islandsOf(subject, edges)
    .map((island): TransformedIsland => {
      return { ...island, transforms: transformsOf(subject, [...island.entries, ...island.exits]) };
    })
    .filter(({ transforms }) => worth(subject, costOf(transforms)))
    .sort((a, b) => costOf(b.transforms) - costOf(a.transforms))
    .slice(0, MAX_ISLANDS);
  if (found.length === 0) return [];
  const { time } = subject;
  const findings = found.flatMap((island) => {
    const outside = [...island.entries.map(({ from }) => from), ...island.exits.map(({ to }) => to)];
    const best = cheapest(subject, island.nodes, kindsOf(outside));
    if (!best || !worth(subject, time - best.time)) return [];
    return islandFinding(subject, island, { kind: best.kind, gain: time - best.time });
  });
  return apart(subject, findings);
}

/** Of islands that share a transform only the best: without it, the other is none any more. */
function apart({ steps }: LintSubject, findings: readonly Finding[]): Finding[] {
  const taken = new Set<number>();
  const best = [...findings].sort((a, b) => b.nanoseconds - a.nanoseconds);
  return best.filter((finding) => {
    const transforms = finding.steps.filter((place) => steps[place].node === null);
    if (transforms.some((place) => taken.has(place))) return false;
    for (const place of transforms) taken.add(place);
    return true;
  });
}

/** Values that are converted to several layouts for several readers, which would do better to agree on one. */
export function doubleConversions(subject: LintSubject): Finding[] {
  const byValue = new Map<Value, Edge[]>();
  for (const edge of edgesOf(subject)) {
    if (edge.converted) byValue.set(edge.value, [...(byValue.get(edge.value) ?? []), edge]);
  }
  const candidates = [...byValue].flatMap(([value, edges]) => {
    const steps = transformsOf(subject, edges);
    return steps.length > 1 && worth(subject, costOf(steps)) ? [{ value, edges, steps }] : [];
  });
  if (candidates.length === 0) return [];
  const { time } = subject;
  return candidates.slice(0, MAX_ISLANDS).flatMap(({ value, edges, steps }): Finding[] => {
    const readers = new Set(edges.flatMap(({ consumer }) => consumer ?? []));
    const best = cheapest(subject, readers, kindsOf(edges.map(({ to }) => to)));
    if (!best || !worth(subject, time - best.time)) return [];
    const targets = steps.map(({ step }) => step.outputLayout);
    const layout = nameOf(
      edges.map(({ to }) => to),
      best.kind,
    );
    const message =
      `${value.name} is converted to ${listed(targets)} for ${listed(namesOf(readers))}, which takes ` +
      `${inMicroseconds(costOf(steps))}; if all read it as ${layout}, the network would take ` +
      `${inMicroseconds(time - best.time)} less. ${REMEDY}`;
    return [{ kind: 'ping-pong', steps: placesOf(steps), nanoseconds: time - best.time, message }];
  });
}

const REMEDY = 'Let costs decide: policy "optimal", with measured costs.';

function islandFinding(
  subject: LintSubject,
  { nodes, entries, exits, transforms }: TransformedIsland,
  { kind, gain }: { readonly kind: LayoutKind; readonly gain: number },
): Finding {
  const steps = [...nodes].flatMap((node) => subject.stepOf(node) ?? []);
  const places = [...placesOf(transforms), ...placesOf(steps)].sort((a, b) => a - b);
  const inside = nameOf(entries.map(({ to }) => to));
  const outside = nameOf([...entries.map(({ from }) => from), ...exits.map(({ to }) => to)], kind);
  const pingPong = [...nodes].every((node) => isElementwise(node, subject.candidateOf(node)));
  const around = inMicroseconds(costOf(transforms));
  const less = `the network would take ${inMicroseconds(gain)} less with them in ${outside}`;
  const message = pingPong
    ? `${listed([...new Set(entries.map(({ value }) => value.name))])} is converted to ${inside} and back after ` +
      `${listed(namesOf(nodes))}, to which the layout makes no difference: the transforms take ${around}, and ${less}. ${REMEDY}`
    : `${listed(namesOf(nodes))} ${nodes.size > 1 ? 'form' : 'forms'} an island in ${inside}: the transforms around it ` +
      `take ${around}, more than the layout gains; ${less}. ${REMEDY}`;
  return { kind: pingPong ? 'ping-pong' : 'layout-island', steps: places, nanoseconds: gain, message };
}

/** The layout near which the nodes let the network take least. */
function cheapest(
  subject: LintSubject,
  nodes: ReadonlySet<Node>,
  kinds: readonly LayoutKind[],
): { readonly kind: LayoutKind; readonly time: number } | undefined {
  const tried = kinds.map((kind) => ({ kind, time: subject.timeWith(nodes, kind) }));
  return tried.sort((a, b) => a.time - b.time)[0];
}

function edgesOf({ network, chosen }: LintSubject): Edge[] {
  const { graph, context } = network;
  const inner = (value: Value, layout: Layout): Form => ({
    layout,
    type: gpuTypeOf(value.type.dtype, context.storage),
  });
  const computed = (value: Value): Form => {
    const { producer } = value;
    const layout = producer && chosen.get(producer)?.outputs[producer.outputs.indexOf(value)];
    return layout ? inner(value, layout) : port(value);
  };
  const edge = (value: Value, to: Form, consumer?: Node): Edge => {
    const from = computed(value);
    const same = from.type === to.type && samePlacement(from.layout, to.layout, value.type.dims);
    return { value, from, to, producer: value.producer, consumer, converted: !same };
  };
  const edges: Edge[] = [];
  for (const { node } of network.choices) {
    for (const [i, value] of node.inputs.entries()) {
      const layout = chosen.get(node)?.inputs[i];
      if (value && !value.constant && layout) edges.push(edge(value, inner(value, layout), node));
    }
  }
  for (const { value } of graph.outputs) if (!value.constant) edges.push(edge(value, port(value)));
  return edges;
}

function islandsOf({ network }: LintSubject, edges: readonly Edge[]): Island[] {
  const parents = new Map<Node, Node>();
  const find = (node: Node): Node => {
    let root = node;
    for (let next = parents.get(root); next; next = parents.get(root)) root = next;
    return root;
  };
  for (const { producer, consumer, converted } of edges) {
    if (!producer || !consumer || converted) continue;
    const [a, b] = [find(producer), find(consumer)];
    if (a !== b) parents.set(a, b);
  }
  const groups = new Map<Node, { nodes: Set<Node>; entries: Edge[]; exits: Edge[]; open: boolean }>();
  const groupOf = (node: Node): { nodes: Set<Node>; entries: Edge[]; exits: Edge[]; open: boolean } => {
    const root = find(node);
    let group = groups.get(root);
    if (!group) groups.set(root, (group = { nodes: new Set(), entries: [], exits: [], open: false }));
    return group;
  };
  for (const { node } of network.choices) groupOf(node).nodes.add(node);
  for (const edge of edges) {
    const { producer, consumer, converted } = edge;
    if (!converted) {
      // An unconverted end of the network: the surroundings have its layout on that side.
      const inside = producer && consumer ? undefined : (producer ?? consumer);
      if (inside) groupOf(inside).open = true;
      continue;
    }
    if (consumer) groupOf(consumer).entries.push(edge);
    if (producer) groupOf(producer).exits.push(edge);
  }
  return [...groups.values()].filter(
    ({ entries, exits, open }) => !open && entries.length > 0 && exits.length > 0,
  );
}

/** The steps that make the conversions, each once. */
function transformsOf(subject: LintSubject, edges: readonly Edge[]): PlacedStep[] {
  const steps = new Map<number, PlacedStep>();
  for (const { value, to, converted } of edges) {
    if (!converted) continue;
    for (const placed of subject.conversionsOf(value)) {
      const target = placed.step.launches[0]?.tensors.at(-1);
      const layout = target === undefined ? undefined : subject.plan.tensors[target].layout;
      if (layout && samePlacement(layout, to.layout, value.type.dims)) steps.set(placed.place, placed);
    }
  }
  return [...steps.values()].sort((a, b) => a.place - b.place);
}

/** Whether a step takes as long in any layout: it computes element by element, or not at all. */
function isElementwise({ op }: Node, { alias, slices }: Candidate): boolean {
  return (
    alias !== undefined ||
    slices !== undefined ||
    op instanceof Unary ||
    op instanceof Binary ||
    op instanceof ElementwiseChain ||
    op instanceof Cast
  );
}

function worth({ total }: LintSubject, nanoseconds: number): boolean {
  return nanoseconds > WORTH * total;
}

function costOf(steps: readonly PlacedStep[]): number {
  return steps.reduce((sum, { step }) => sum + (step.cost?.median ?? 0), 0);
}

function placesOf(steps: readonly PlacedStep[]): number[] {
  return steps.map(({ place }) => place);
}

function namesOf(nodes: ReadonlySet<Node>): string[] {
  return Array.from(nodes, ({ name }) => name);
}

function kindsOf(forms: readonly Form[]): LayoutKind[] {
  return [...new Set(forms.flatMap(({ layout }) => kindOf(layout) ?? []))];
}

/** How the network's ends are stored: as the model has them. */
function port({ type: { dims, dtype } }: Value): Form {
  return { layout: rowMajor(dims.length), type: gpuTypeOf(dtype, 'f32') };
}

/** A layout's name among the forms: of the kind, or else the first. */
function nameOf(forms: readonly Form[], kind?: LayoutKind): string {
  const named = forms.find(({ layout }) => kind === undefined || kindOf(layout) === kind);
  return (named ?? forms[0]).layout.name;
}
