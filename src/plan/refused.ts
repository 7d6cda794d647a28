/** Kernels that a device refuses to compile: what launches them is chosen no more. */
import type { Candidate, CandidateContext } from '../candidates/candidate.js';
import { codeOf, type KernelSource } from '../devices/gpu.js';
import { DeviceError, type CompileError } from '../errors.js';
import type { Node } from '../graph/index.js';
import { LAYOUT_KINDS } from '../tensor/index.js';
import { classOf } from '../tune/profile/model.js';
import { candidateSubject } from '../tune/timing/subject.js';
import type { Breather } from './breather.js';
import type { CostBook, CostQuery } from './costs/costs.js';
import { kernelOf, kernelTypes } from './fusion.js';
import type { Choice, Network } from './network.js';
import type { Plan } from './plan.js';

/** So many refused kernels make others of their kind suspicious: a driver that miscompiles a tile does so with most. */
const SUSPICIOUS = 3;

/** What a session has learned of its device: it outlives the networks that are planned. */
export class RefusedKernels {
  /** By what the kernels do. */
  readonly #errors = new Map<string, CompileError>();

  get size(): number {
    return this.#errors.size;
  }

  /** What was left out and why, a sentence for each kernel, whatever its sizes. */
  get notes(): string[] {
    const byId = new Map<string, string>();
    for (const { kernel, what } of this.#errors.values()) {
      if (!byId.has(kernel)) byId.set(kernel, `The ${what} on this device: the plan does without it.`);
    }
    const untried = Array.from(
      this.#suspects(),
      (kind) => `Others of the kind ${kind} were left out untried, where there are kernels of other kinds.`,
    );
    return [...byId.values(), ...untried];
  }

  /** Kinds of which so many kernels were refused that trying all tiles and layouts would take too long. */
  #suspects(): Set<string> {
    const kinds = new Map<string, Set<string>>();
    for (const { kernel } of this.#errors.values()) {
      const kind = kindOf(kernel);
      kinds.set(kind, (kinds.get(kind) ?? new Set()).add(kernel));
    }
    return new Set([...kinds].flatMap(([kind, ids]) => (ids.size >= SUSPICIOUS ? [kind] : [])));
  }

  add(errors: readonly CompileError[]): void {
    for (const error of errors) this.#errors.set(error.code, error);
  }

  /** An error about a network that cannot do without them, saying so. */
  blame(error: DeviceError): DeviceError {
    const [first] = this.#errors.values();
    if (!first) return error;
    return new DeviceError(`${error.what} (${first.what})`, { remedy: error.remedy, cause: first });
  }

  /**
   * Fails all candidates of a network that launch one of them, be it once before the first run, and those of suspicious
   * kinds where a node has others.
   * @returns how many had not failed before
   */
  async failCandidates(network: Network, book: CostBook, breather: Breather): Promise<number> {
    let failed = 0;
    const seen = new Set<Candidate>();
    const suspects = this.#suspects();
    for (const { node, candidates, fused } of network.choices) {
      const absorbing = fused.map((pair) => pair.absorbing);
      const doubted = new Set<CostQuery>();
      for (const candidate of [...candidates, ...book.otherSizes(node, candidates), ...absorbing]) {
        // Equal nodes share theirs.
        if (seen.has(candidate)) continue;
        seen.add(candidate);
        const query = book.candidateQuery(node, candidate);
        if (!query) continue;
        const sources = sourcesOf(node, candidate, network.context);
        if (this.#isAmong(sources)) failed += fail(book, query);
        else if (sources.some(({ id }) => suspects.has(kindOf(id)))) doubted.add(query);
      }
      const hasOthers = candidates.some((candidate) => {
        const query = book.candidateQuery(node, candidate);
        return !query || !(doubted.has(query) || book.hasFailed(query));
      });
      if (hasOthers) for (const query of doubted) failed += fail(book, query);
      await breather.breathe();
    }
    return failed;
  }

  /**
   * Fails what a plan launches of them: its kernels differ from those that candidates are priced by where a tensor is a part
   * of a larger one. Conversions count: other layouts may do without.
   * @returns how many had not failed before
   */
  failChosen(network: Network, book: CostBook, { chosen, transforms }: Choice, plan: Plan): number {
    const prepared = new Set(
      plan.preparations
        .filter(({ launches }) => this.#isAmong(launches.map(({ source }) => source)))
        .flatMap(({ tensors }) => tensors),
    );
    let failed = 0;
    for (const { node: place, launches } of plan.steps) {
      const isRefused =
        this.#isAmong(launches.map(({ source }) => source)) ||
        launches.some(({ tensors }) => tensors.some((tensor) => prepared.has(tensor)));
      if (place === null || !isRefused) continue;
      const { node } = network.choices[place];
      const candidate = chosen.get(node);
      const query = candidate && book.candidateQuery(node, candidate);
      if (query) failed += fail(book, query);
    }
    for (const query of transforms) {
      if (this.#isAmong(query.subject.launches.map(({ source }) => source))) failed += fail(book, query);
    }
    return failed;
  }

  #isAmong(sources: readonly KernelSource[]): boolean {
    return sources.some((source) => this.#errors.has(codeOf(source)));
  }
}

/** A kernel's id without its sizes and layouts: `conv_implicit_f32`. */
function kindOf(id: string): string {
  const layouts: readonly string[] = LAYOUT_KINDS;
  return classOf(id)
    .split('_')
    .filter((token) => !layouts.includes(token))
    .join('_');
}

/** @returns 1, or 0 for what had failed before */
function fail(book: CostBook, query: CostQuery): number {
  if (book.hasFailed(query)) return 0;
  book.fail(query);
  return 1;
}

/** Everything that a candidate launches, preparations included. */
function sourcesOf(node: Node, candidate: Candidate, context: CandidateContext): KernelSource[] {
  const kernel = kernelOf(node, candidate);
  return candidateSubject(kernel.own, kernelTypes(node, kernel), context).launches.map(
    ({ source }) => source,
  );
}
