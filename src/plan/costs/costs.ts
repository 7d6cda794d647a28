/** What kernels and transforms of a network cost: measured where somebody has measured them, else by the model. */
import { gpuTypeOf, type Candidate, type CandidateContext } from '../../candidates/candidate.js';
import type { SizeGrid } from '../../candidates/grid.js';
import type { GpuType } from '../../devices/gpu.js';
import type { Graph, Node } from '../../graph/index.js';
import {
  LAYOUT_KINDS,
  bytesOf,
  formatDims,
  layoutOf,
  samePlacement,
  sizeOf,
  type Dims,
  type Layout,
} from '../../tensor/index.js';
import { costKey } from '../../tune/store/cost-key.js';
import type { CostRecord } from '../../tune/store/cost-store.js';
import { spreadOf, type Subject } from '../../tune/timing/measure.js';
import { classOf, workOf, type Cost, type Estimator, type Work } from '../../tune/profile/model.js';
import { candidateSubject, transformSubject } from '../../tune/timing/subject.js';
import { isAbsorbed, kernelOf, kernelTypes } from '../fusion.js';

/** Something whose cost can be measured. */
export class CostQuery {
  readonly subject: Subject;
  readonly work: Work;
  /** For people: `Conv+Relu 64x64x56x56 f32`. */
  readonly what: string;
  readonly #cold: boolean;
  #key: string | undefined;

  /** @param cold whether weights come from beyond the cache, and code from beyond the instruction caches */
  constructor(subject: Subject, what: string, cold: boolean) {
    this.subject = subject;
    this.work = workOf(subject.name, subject, cold);
    this.what = what;
    this.#cold = cold;
  }

  /** Equal keys cost the same: kernels' texts, sizes, and which buffers hold weights. Hashed when it is first asked for. */
  get key(): string {
    const { launches, buffers, constants = [] } = this.subject;
    return (this.#key ??= costKey(launches, buffers, { constants, cold: this.#cold }));
  }
}

/** A tensor's layout and stored type. */
export interface Form {
  readonly layout: Layout;
  readonly type: GpuType;
}

/** Nothing is launched. */
const FREE: Cost = { origin: 'measured', median: 0, low: 0, high: 0, bound: 'launch', floor: 0 };

/** What several things take together: measured if all of them are. */
export function sumOfCosts(costs: readonly Cost[]): Cost {
  const sum = { median: 0, low: 0, high: 0, floor: 0 };
  let longest = FREE;
  let origin: Cost['origin'] = 'measured';
  for (const cost of costs) {
    sum.median += cost.median;
    sum.low += cost.low;
    sum.high += cost.high;
    sum.floor += cost.floor;
    if (cost.median > longest.median) longest = cost;
    if (cost.origin === 'modelled') origin = 'modelled';
  }
  return { ...sum, origin, bound: longest.bound };
}

export interface CostBookOptions {
  readonly context: CandidateContext;
  readonly estimator: Estimator;
  /** Measured costs by key. */
  readonly records?: ReadonlyMap<string, CostRecord>;
  /** Whether weights come from beyond the cache in every run: see `passesCache`. */
  readonly cold: boolean;
}

/**
 * Whether a run of a network moves so much that its weights have left the cache when they are needed again.
 * @param storage how f32 tensors are stored
 */
export function passesCache(graph: Graph, cacheBytes: number, storage: CandidateContext['storage']): boolean {
  let bytes = 0;
  for (const node of graph.nodes) {
    const ends = [...node.inputs, ...node.outputs].filter((value) => value !== undefined);
    const declared = ends.reduce((sum, { type }) => sum + bytesOf(type), 0);
    const halved = ends.reduce((sum, { type }) => sum + (type.dtype === 'f32' ? bytesOf(type) / 2 : 0), 0);
    const share = storage === 'f16' && declared > 0 ? 1 - halved / declared : 1;
    bytes += node.bytes * share;
  }
  return bytes > cacheBytes;
}

export class CostBook {
  readonly context: CandidateContext;
  readonly estimator: Estimator;
  readonly cold: boolean;
  readonly #records: Map<string, CostRecord>;
  readonly #measured = new Map<string, Cost>();
  /** Keys of what cannot run on this device. */
  readonly #failed = new Set<string>();
  /** Nanoseconds below which the model may not go: of kernels that were not measured because another was good enough. */
  readonly #atLeast = new Map<string, number>();
  readonly #candidates = new Map<Candidate, CostQuery | undefined>();
  readonly #transforms = new Map<string, CostQuery | undefined>();
  /** What the model learns from, and the keys of what it has. */
  readonly #teachers: (readonly [Node, Candidate])[] = [];
  readonly #taught = new Set<string>();
  /** Ids of what was measured, by what it does and its class. */
  readonly #names = new Map<string, Set<string>>();

  constructor({ context, estimator, records = new Map(), cold }: CostBookOptions) {
    this.context = context;
    this.estimator = estimator;
    this.cold = cold;
    this.#records = new Map(records);
    for (const record of this.#records.values()) this.#note(record);
  }

  /** Whether anything was measured. */
  get hasRecords(): boolean {
    return this.#records.size > 0;
  }

  /** What was measured, in no order that matters. */
  get records(): readonly CostRecord[] {
    return [...this.#records.values()];
  }

  /** Keys of what failed. */
  get failed(): readonly string[] {
    return [...this.#failed];
  }

  /** Lets the model learn from what is known of these candidates, now and whenever it is settled. */
  learnFrom(candidates: Iterable<readonly [Node, Candidate]>): void {
    this.#teachers.push(...candidates);
    this.settle();
  }

  /** Lets estimates follow what was measured; between two calls they stay as they are. */
  settle(): void {
    if (!this.hasRecords) return;
    for (const [node, candidate] of this.#teachers) {
      const query = this.candidateQuery(node, candidate);
      const record = query && this.#records.get(query.key);
      if (!record || this.#taught.has(query.key)) continue;
      this.#taught.add(query.key);
      this.estimator.learn(query.work, spreadOf(record.samples).median);
    }
    this.estimator.settle();
  }

  /** What a node takes with one of its candidates. */
  ofCandidate(node: Node, candidate: Candidate): Cost {
    return this.#costOf(this.candidateQuery(node, candidate));
  }

  /** What the conversion of a tensor takes. */
  ofTransform(dims: Dims, from: Form, to: Form): Cost {
    return this.#costOf(this.transformQuery(dims, from, to));
  }

  /** Undefined where nothing is launched. */
  candidateQuery(node: Node, candidate: Candidate): CostQuery | undefined {
    // Equal nodes share their candidates, and what those cost.
    if (!this.#candidates.has(candidate)) {
      this.#candidates.set(candidate, this.#candidateQuery(node, candidate));
    }
    return this.#candidates.get(candidate);
  }

  transformQuery(dims: Dims, from: Form, to: Form): CostQuery | undefined {
    const key = `${formatDims(dims)} ${formName(from)} ${formName(to)}`;
    if (!this.#transforms.has(key)) this.#transforms.set(key, this.#transformQuery(dims, from, to));
    return this.#transforms.get(key);
  }

  /** Whether there is nothing to be learned by measuring: it was done, it failed, or it was dismissed. */
  isSettled({ key }: CostQuery): boolean {
    return this.#records.has(key) || this.#measured.has(key) || this.#atLeast.has(key);
  }

  /** Whether the cost of a node's candidate was measured, or is nothing. */
  isMeasuredFor(node: Node, candidate: Candidate): boolean {
    if (candidate.assembles !== undefined) return true;
    const query = this.candidateQuery(node, candidate);
    return !query || this.#records.has(query.key);
  }

  /** Of a node's kernels those that were measured in other sizes than its candidates have. */
  otherSizes(node: Node, candidates: readonly Candidate[]): Candidate[] {
    if (!this.hasRecords) return [];
    const own = new Set(candidates);
    const found = new Set<Candidate>();
    const grids = new Set<SizeGrid<Candidate>>();
    for (const { id, sizes } of candidates) {
      if (!sizes || grids.has(sizes.grid)) continue;
      grids.add(sizes.grid);
      const names = this.#names.get(nameOf(titleOf(node, this.context), classOf(id))) ?? [];
      for (const name of names) {
        const other = sizes.grid.find(name);
        if (other && !own.has(other) && this.isMeasuredFor(node, other)) found.add(other);
      }
    }
    return [...found];
  }

  #note({ what, kernelClass, id }: CostRecord): void {
    const name = nameOf(what, kernelClass);
    const ids = this.#names.get(name);
    if (ids) ids.add(id);
    else this.#names.set(name, new Set([id]));
  }

  /** Takes in what was measured: it counts from now on. */
  add(query: CostQuery, record: CostRecord): void {
    this.#records.set(query.key, record);
    this.#note(record);
    this.#costOf(query);
  }

  /** Notes that a kernel cannot run on this device. */
  fail({ key }: Pick<CostQuery, 'key'>): void {
    this.#failed.add(key);
    this.#measured.set(key, { ...FREE, median: Infinity, low: Infinity, high: Infinity });
  }

  hasFailed({ key }: CostQuery): boolean {
    return this.#failed.has(key);
  }

  /** Of a node's candidates those that have not failed; all where none is left. */
  working(node: Node, candidates: readonly Candidate[]): readonly Candidate[] {
    if (this.#failed.size === 0) return candidates;
    const left = candidates.filter((candidate) => {
      const query = this.candidateQuery(node, candidate);
      return !query || !this.hasFailed(query);
    });
    return left.length > 0 ? left : candidates;
  }

  /** Notes that nothing was to be gained by measuring this beside a kernel that takes so many nanoseconds. */
  dismiss(query: CostQuery, nanoseconds: number): void {
    this.#atLeast.set(query.key, nanoseconds);
  }

  /** What the roofline allows, nanoseconds. */
  floorOf(query: CostQuery): number {
    return this.#costOf(query).floor;
  }

  #costOf(query: CostQuery | undefined): Cost {
    if (!query) return FREE;
    if (this.#records.size === 0 && this.#measured.size === 0) return this.estimator.estimate(query.work);
    const known = this.#measured.get(query.key);
    if (known) return known;
    const record = this.#records.get(query.key);
    if (!record) {
      const estimate = this.estimator.estimate(query.work);
      const least = this.#atLeast.get(query.key) ?? 0;
      return estimate.median < least ? { ...estimate, median: least } : estimate;
    }
    const cost = this.estimator.judge(query.work, spreadOf(record.samples));
    this.#measured.set(query.key, cost);
    return cost;
  }

  #candidateQuery(node: Node, candidate: Candidate): CostQuery | undefined {
    if (launchesNothing(candidate)) return undefined;
    if (node.outputs.every(({ type }) => sizeOf(type.dims) === 0)) return undefined;
    const kernel = kernelOf(node, candidate);
    const constants = new Set(kernel.values.flatMap((value, i) => (value?.constant ? [i] : [])));
    const subject = candidateSubject(kernel.own, kernelTypes(node, kernel), this.context, constants);
    return this.#query(subject, titleOf(node, this.context, kernel.producer));
  }

  #transformQuery(dims: Dims, from: Form, to: Form): CostQuery | undefined {
    if (sizeOf(dims) === 0) return undefined;
    const [x, y] = [from, to].map(({ layout, type }) => ({ dims, layout: plainest(layout, dims), type }));
    const subject = transformSubject(x, y, this.context);
    return this.#query(subject, `Transform ${formatDims(dims)} ${formName(from)} to ${formName(to)}`);
  }

  #query(subject: Subject, what: string): CostQuery | undefined {
    return subject.launches.length === 0 ? undefined : new CostQuery(subject, what, this.cold);
  }
}

/** The names of a candidate's layouts: those of equal names compete with each other alone. */
export function layoutsOf({ inputs, outputs }: Candidate): string {
  return [...inputs, ...outputs].map((layout) => layout?.name ?? '').join();
}

/**
 * The first of the layouts by kind that places a tensor's elements alike. Conversions are made between these, so that one
 * movement is one kernel with one cost whatever the names: of one image CHWN is NCHW.
 */
export function plainest(layout: Layout, dims: Dims): Layout {
  const kinds = LAYOUT_KINDS.map((kind) => layoutOf(kind, dims.length));
  return kinds.find((other) => samePlacement(other, layout, dims)) ?? layout;
}

function launchesNothing(candidate: Candidate): boolean {
  return candidate.alias !== undefined || candidate.slices !== undefined || isAbsorbed(candidate);
}

/** Of a conversion's title what does not name its layouts: `Transform 1x64x56x56`. */
export function transformTitle(title: string): string {
  return title.split(' ', 2).join(' ');
}

/** What a node does, for people. @param producer the node whose work is done with it */
export function titleOf(
  { op, outputTypes: [output] }: Node,
  { storage }: CandidateContext,
  producer?: Node,
): string {
  const title = producer ? `${producer.op.title}+${op.title}` : op.title;
  return `${title} ${formatDims(output.dims)} ${gpuTypeOf(output.dtype, storage)}`;
}

function nameOf(what: string, kernelClass: string): string {
  return `${what} ${kernelClass}`;
}

function formName({ layout, type }: Form): string {
  return `${layout.name} ${type}`;
}
