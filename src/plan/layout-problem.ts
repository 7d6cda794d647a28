/** A network's choice of candidates as the plain data that `assignment/` solves. */
import { gpuTypeOf, type Candidate } from '../candidates/candidate.js';
import type { Graph, Node, Value } from '../graph/index.js';
import { rowMajor, samePlacement, type Layout } from '../tensor/index.js';
import type { LayoutNode, LayoutOption, LayoutProblem, LayoutTransform } from './assignment/index.js';
import type { CostBook, CostQuery, Form } from './costs/costs.js';
import { plainType } from './drafts.js';
import { isUnwritten } from './fusion.js';
import { copiedInputs, fitsInto, possibleParts, writesParts, type Part } from './parts.js';

/** A node with the candidates that it may run as. */
export interface NodeChoices {
  readonly node: Node;
  readonly candidates: readonly Candidate[];
}

/** A form, and whether whoever computed the tensor in it could have written it as a part of a larger one. */
interface PartForm extends Form {
  readonly partable: boolean;
}

/** Numbers for forms, the same for the same. */
class FormTable {
  readonly #forms: PartForm[] = [];
  readonly #numbers = new Map<string, number>();

  numberOf({ layout, type, partable }: PartForm): number {
    const { name, order, block } = layout;
    const key = [name, ...order, block?.axis, block?.size, type, partable].join();
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#forms.push({ layout, type, partable }) - 1;
      this.#numbers.set(key, number);
    }
    return number;
  }

  at(number: number): PartForm {
    return this.#forms[number];
  }
}

/** A problem, and what its transforms stand for. */
export interface PosedProblem {
  readonly problem: LayoutProblem;
  /** What a transform of a solution launches: a conversion, a copy into a larger tensor, or both. */
  readonly queriesOf: (transform: LayoutTransform) => CostQuery[];
  /** What a node launches that copies inputs into the tensor that it assembles. */
  readonly copiesOf: (node: Node, candidate: Candidate) => CostQuery[];
}

/**
 * Poses the problem; node k of it is `choices[k]`.
 * @param choices for every node of the graph, in topological order
 */
export function layoutProblem(graph: Graph, choices: readonly NodeChoices[], book: CostBook): PosedProblem {
  const builder = new ProblemBuilder(graph, choices, book);
  return {
    problem: builder.build(),
    queriesOf: (transform) => builder.queriesOf(transform),
    copiesOf: (node, candidate) => builder.copiesOf(node, candidate),
  };
}

class ProblemBuilder {
  readonly #graph: Graph;
  readonly #choices: readonly NodeChoices[];
  readonly #book: CostBook;
  readonly #forms = new FormTable();
  readonly #values: Value[] = [];
  readonly #numbers = new Map<Value, number>();
  readonly #parts: ReadonlyMap<Value, Part>;

  constructor(graph: Graph, choices: readonly NodeChoices[], book: CostBook) {
    this.#graph = graph;
    this.#choices = choices;
    this.#book = book;
    const byNode = new Map(choices.map(({ node, candidates }) => [node, candidates]));
    this.#parts = possibleParts(graph, (node) => byNode.get(node)?.find(isAssembler)?.assembles);
  }

  build(): LayoutProblem {
    const port = (value: Value): number =>
      this.#form(value, rowMajor(value.type.dims.length), plainType(value));
    return {
      nodes: this.#choices.map((choice) => this.#node(choice)),
      inputs: new Map(this.#graph.inputs.map((value) => [this.#number(value), port(value)])),
      outputs: this.#graph.outputs
        .filter(({ value }) => !value.constant)
        .map(({ value }) => ({ value: this.#number(value), layout: port(value) })),
      transform: (value, from, to) =>
        this.#transform(this.#values[value], this.#forms.at(from), this.#forms.at(to)),
    };
  }

  #node({ node, candidates }: NodeChoices): LayoutNode {
    return {
      label: node.label,
      inputs: node.inputs.map((value) => (value && !value.constant ? this.#number(value) : undefined)),
      outputs: node.outputs.map((value) => this.#number(value)),
      options: candidates.map((candidate) => this.#option(node, candidate)),
    };
  }

  #option(node: Node, candidate: Candidate): LayoutOption {
    return {
      inputs: node.inputs.map((value, i) => {
        const layout = candidate.inputs[i];
        return value && !value.constant && layout ? this.#form(value, layout) : undefined;
      }),
      outputs: node.outputs.map((value, i) =>
        this.#form(value, candidate.outputs[i], undefined, this.#isPartable(value, candidate)),
      ),
      cost: isAssembler(candidate)
        ? this.#copies(node, candidate)
        : this.#book.ofCandidate(node, candidate).median,
    };
  }

  /** Whether a candidate that computes the value can write it in place, should its reader assemble it in that layout. */
  #isPartable(value: Value, candidate: Candidate): boolean {
    const part = this.#parts.get(value);
    const [layout] = candidate.outputs;
    return !part || (writesParts(candidate) && fitsInto(value, part, layout, layout));
  }

  #copies(node: Node, candidate: Candidate): number {
    return this.#copiedForms(node, candidate).reduce(
      (sum, [{ type }, form]) => sum + this.#book.ofTransform(type.dims, form, form).median,
      0,
    );
  }

  /** An assembling node copies the inputs that are no parts; those that may be are priced with their producers. */
  #copiedForms(node: Node, candidate: Candidate): (readonly [Value, Form])[] {
    return copiedInputs(node, candidate, this.#parts).map(([value, layout]) => [
      value,
      { layout, type: this.#typeOf(value) },
    ]);
  }

  copiesOf(node: Node, candidate: Candidate): CostQuery[] {
    if (!isAssembler(candidate)) return [];
    return this.#copiedForms(node, candidate).flatMap(
      ([{ type }, form]) => this.#book.transformQuery(type.dims, form, form) ?? [],
    );
  }

  queriesOf({ value, from, to }: LayoutTransform): CostQuery[] {
    const { dims } = this.#values[value].type;
    return this.#moves(this.#values[value], this.#forms.at(from), this.#forms.at(to)).flatMap(
      ([a, b]) => this.#book.transformQuery(dims, a, b) ?? [],
    );
  }

  #transform(value: Value, from: PartForm, to: PartForm): number {
    if (isUnwritten(from.layout) || isUnwritten(to.layout)) return from === to ? 0 : Infinity;
    let total = 0;
    for (const [a, b] of this.#moves(value, from, to)) {
      total += this.#book.ofTransform(value.type.dims, a, b).median;
    }
    return total;
  }

  /** How a value gets from one form to another: by a conversion, a copy into a larger tensor, both, or nothing. */
  #moves(value: Value, from: PartForm, to: PartForm): (readonly [Form, Form])[] {
    const same = from.type === to.type && samePlacement(from.layout, to.layout, value.type.dims);
    const moves: (readonly [Form, Form])[] = same ? [] : [[from, to]];
    const part = this.#parts.get(value);
    if (!part || !to.partable) return moves;
    const inPlace = same && from.partable && fitsInto(value, part, from.layout, to.layout);
    return inPlace ? moves : [...moves, [to, to]];
  }

  #form(value: Value, layout: Layout, type = this.#typeOf(value), partable = true): number {
    // Whether it could be a part only matters where it may become one.
    return this.#forms.numberOf({ layout, type, partable: partable || !this.#parts.has(value) });
  }

  #typeOf(value: Value): Form['type'] {
    return gpuTypeOf(value.type.dtype, this.#book.context.storage);
  }

  #number(value: Value): number {
    let number = this.#numbers.get(value);
    if (number === undefined) {
      number = this.#values.push(value) - 1;
      this.#numbers.set(value, number);
    }
    return number;
  }
}

function isAssembler({ assembles }: Candidate): boolean {
  return assembles !== undefined;
}
