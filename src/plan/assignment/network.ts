/** The choice of layouts for a network as plain data, and what a given choice costs. */
import { LimitError } from '../../errors.js';

/** One way to run a node. */
export interface LayoutOption {
  /** The layout wanted for each input; undefined where the node lists no value. */
  readonly inputs: readonly (number | undefined)[];
  readonly outputs: readonly number[];
  /** Nanoseconds; Infinity forbids the option. */
  readonly cost: number;
}

export interface LayoutNode {
  /** How messages name it. */
  readonly label: string;
  /** Values that it reads; undefined for inputs left out and for constants, which come in any layout for free. */
  readonly inputs: readonly (number | undefined)[];
  /** Values that it computes. */
  readonly outputs: readonly number[];
  readonly options: readonly LayoutOption[];
}

/**
 * A network. Values are named by any numbers. Layouts are named by numbers too, which mean what the caller likes,
 * value by value: also an element type with a layout, if values are converted between types.
 */
export interface LayoutProblem {
  /** In any order. */
  readonly nodes: readonly LayoutNode[];
  /** Values that no node computes, and the layout each comes in. */
  readonly inputs: ReadonlyMap<number, number>;
  /** Layouts in which the network's outputs are wanted. */
  readonly outputs: readonly { readonly value: number; readonly layout: number }[];
  /**
   * Nanoseconds to convert a value; Infinity if that is impossible. Layouts between which both ways cost 0 are one
   * layout: they place the elements alike.
   */
  readonly transform: (value: number, from: number, to: number) => number;
}

/** A conversion of a value from the layout it is computed in. */
export interface LayoutTransform {
  readonly value: number;
  /** Layouts that are one are named by the one that the problem lists first. */
  readonly from: number;
  readonly to: number;
  /** Nanoseconds. */
  readonly cost: number;
}

/** A set of layouts of one value: bit k stands for `layouts[k]`. */
export type LayoutSet = number;

/** A value that somebody asks for. */
export interface NetworkValue {
  readonly id: number;
  /** The node that computes it; undefined for inputs of the network. */
  readonly producer: number | undefined;
  /** The layouts that it may come or be asked for in; those that are one, once. */
  readonly layouts: readonly number[];
  /** Which of `layouts` it comes in, by the producer's option; one for an input of the network. */
  readonly sources: readonly number[];
  /** Layouts that the network itself asks for. */
  readonly wanted: LayoutSet;
  /** Nodes that read it, and the layouts that each asks for, by its option. */
  readonly readers: ReadonlyMap<number, readonly LayoutSet[]>;
  /** Nanoseconds from `layouts[from]` to `layouts[to]`. */
  readonly cost: (from: number, to: number) => number;
}

/**
 * The values that somebody asks for.
 * @throws TypeError if the problem contradicts itself
 */
export function valuesOf(problem: LayoutProblem): NetworkValue[] {
  const drafts = new Map<number, ValueDraft>();
  const define = (id: number, producer: number | undefined, layouts: readonly number[]): void => {
    if (drafts.has(id)) throw new TypeError(`value ${id} is computed twice`);
    drafts.set(id, new ValueDraft(id, producer, layouts, problem.transform));
  };
  const find = (id: number, reader: string): ValueDraft => {
    const draft = drafts.get(id);
    if (!draft) throw new TypeError(`${reader} asks for value ${id}, which nothing computes`);
    return draft;
  };
  for (const [id, layout] of problem.inputs) define(id, undefined, [layout]);
  for (const [index, node] of problem.nodes.entries()) {
    checkNode(node);
    for (const [k, id] of node.outputs.entries()) {
      define(
        id,
        index,
        node.options.map(({ outputs }) => outputs[k]),
      );
    }
  }
  for (const [index, { label, inputs, options }] of problem.nodes.entries()) {
    for (const [k, id] of inputs.entries()) {
      if (id === undefined) continue;
      find(id, label).addReader(
        index,
        options.map((option) => option.inputs[k]),
      );
    }
  }
  for (const { value, layout } of problem.outputs) find(value, 'the network').addOutput(layout);
  return [...drafts.values()].filter(({ wanted, readers }) => wanted !== 0 || readers.size > 0);
}

function checkNode({ label, inputs, outputs, options }: LayoutNode): void {
  if (options.length === 0) throw new TypeError(`${label} has no options`);
  for (const option of options) {
    checkCost(option.cost, `an option of ${label}`);
    const fits =
      inputs.every((id, k) => id === undefined || option.inputs[k] !== undefined) &&
      outputs.length === option.outputs.length;
    if (!fits) throw new TypeError(`an option of ${label} does not have a layout for every value`);
  }
}

function checkCost(cost: number, name: string): number {
  if (cost >= 0) return cost;
  throw new TypeError(`${name} costs ${cost} ns`);
}

/** Layouts of one value that a set can hold. */
const MAX_LAYOUTS = 30;

/** A value whose readers are being collected. */
class ValueDraft implements NetworkValue {
  readonly id: number;
  readonly producer: number | undefined;
  readonly layouts: number[] = [];
  readonly sources: readonly number[];
  readonly readers = new Map<number, readonly LayoutSet[]>();
  wanted: LayoutSet = 0;
  readonly #transform: LayoutProblem['transform'];
  readonly #places = new Map<number, number>();
  readonly #costs = new Map<number, number>();

  constructor(
    id: number,
    producer: number | undefined,
    sources: readonly number[],
    transform: LayoutProblem['transform'],
  ) {
    this.id = id;
    this.producer = producer;
    this.#transform = transform;
    this.sources = sources.map((layout) => this.#place(layout));
  }

  /** Adds one input of a node: the layout it asks for, by the node's option. */
  addReader(node: number, layouts: readonly (number | undefined)[]): void {
    const before = this.readers.get(node);
    const asked = layouts.map((layout, option) => {
      const set = layout === undefined ? 0 : 1 << this.#place(layout);
      return set | (before?.[option] ?? 0);
    });
    this.readers.set(node, asked);
  }

  addOutput(layout: number): void {
    this.wanted |= 1 << this.#place(layout);
  }

  cost = (from: number, to: number): number => {
    const key = from * MAX_LAYOUTS + to;
    let cost = this.#costs.get(key);
    if (cost === undefined) this.#costs.set(key, (cost = this.#price(this.layouts[from], this.layouts[to])));
    return cost;
  };

  /** Where a layout, or one that is the same, is among the value's layouts. */
  #place(layout: number): number {
    let place = this.#places.get(layout);
    if (place === undefined) {
      place = this.layouts.findIndex((other) => other === layout || this.#isSame(other, layout));
      if (place < 0) place = this.layouts.push(layout) - 1;
      if (place >= MAX_LAYOUTS) {
        throw new LimitError(`value ${this.id} of the plan has more than ${MAX_LAYOUTS} layouts`, {
          remedy: 'Offer fewer layouts for it.',
        });
      }
      this.#places.set(layout, place);
    }
    return place;
  }

  #isSame(a: number, b: number): boolean {
    return this.#price(a, b) === 0 && this.#price(b, a) === 0;
  }

  #price(from: number, to: number): number {
    return checkCost(this.#transform(this.id, from, to), `a transform of value ${this.id}`);
  }
}

/** The conversions of a value from one of its layouts to each in a set. */
export function transformsFrom(value: NetworkValue, from: number, asked: LayoutSet): LayoutTransform[] {
  const places = [...value.layouts.keys()].filter((to) => to !== from && (asked & (1 << to)) !== 0);
  return places.map((to) => ({
    value: value.id,
    from: value.layouts[from],
    to: value.layouts[to],
    cost: value.cost(from, to),
  }));
}

/** What a choice of options costs, kernels and transforms together, in nanoseconds. */
export interface PricedChoice {
  readonly cost: number;
  readonly transforms: readonly LayoutTransform[];
}

/** Prices any choice: `chosen[node]` is the index of the node's option. */
export function priceOf(
  problem: LayoutProblem,
  chosen: readonly number[],
  values: readonly NetworkValue[] = valuesOf(problem),
): PricedChoice {
  const transforms = values.flatMap((value) => {
    const { producer, sources, wanted, readers } = value;
    let asked = wanted;
    for (const [node, sets] of readers) asked |= sets[chosen[node]];
    return transformsFrom(value, sources[producer === undefined ? 0 : chosen[producer]], asked);
  });
  const kernels = problem.nodes.reduce((sum, { options }, node) => sum + options[chosen[node]].cost, 0);
  return { cost: transforms.reduce((sum, { cost }) => sum + cost, kernels), transforms };
}
