/** Plans graphs for one device: candidates, costs, the choice, the plan. */
import type { CandidateContext } from '../candidates/candidate.js';
import type { Progress } from '../devices/device.js';
import type { GpuDevice } from '../devices/gpu.js';
import { DeviceError, type CompileError } from '../errors.js';
import type { Graph } from '../graph/index.js';
import { processorsOf } from '../kernels/gemm/choice.js';
import { identityKey } from '../tune/store/cost-key.js';
import type { CostStore } from '../tune/store/cost-store.js';
import { Estimator } from '../tune/profile/model.js';
import { profileFor, type FoundProfile, type ProfileSubject } from '../tune/profile/profiles.js';
import { Breather } from './breather.js';
import { buildPlan, type BuiltPlan } from './build.js';
import { CostBench } from './costs/cost-bench.js';
import { CostBook, passesCache } from './costs/costs.js';
import {
  checkFresh,
  chosenBy,
  documentOf,
  parsePlan,
  type LoadedPlan,
  type PlanDocument,
  type PlanFacts,
  type Tuning,
} from './document.js';
import { measureCosts, type Effort } from './costs/measure-costs.js';
import { Network, type Choice } from './network.js';
import { numbersOf, type Precision } from '../candidates/precision.js';
import { POLICY_NAMES, policyNamed, type PolicyName } from './policies/index.js';
import type { Policy } from './policies/policy.js';
import { RefusedKernels } from './refused.js';
import { rivalsOf, trial, type RunTimer, type TrialEntrant, type TrialRun } from './trial.js';

export interface PlannerOptions {
  readonly policy: PolicyName;
  readonly dtype: Precision;
  readonly tuning: Tuning;
  readonly effort: Effort;
  /** Saved plans, as `session.plan` gave them: the one that was made for a graph decides. */
  readonly plans?: readonly unknown[] | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Other policies whose choices are to rest on measured costs too, for comparison. */
  readonly compared?: readonly PolicyName[] | undefined;
  /** Told of kernels that fail on this device while they are measured or compiled: they are not chosen. */
  readonly onFailure?: ((id: string, error: DeviceError) => void) | undefined;
  /** Times whole runs, where choices are too close to be told apart by the costs of their kernels. */
  readonly timeRuns?: ((graph: Graph, plans: readonly BuiltPlan[]) => ReturnType<RunTimer>) | undefined;
  /** Ends planning, measuring included: it then rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What is planned for: a device that is there, or one of which only the profile is. */
export interface PlanTarget extends ProfileSubject {
  /** The device to measure on; undefined if it is not there, or if its times mean nothing. */
  readonly device: GpuDevice | undefined;
}

/** A device as a target. */
export function targetOf(device: GpuDevice): PlanTarget {
  const { identity, limits, features } = device;
  return { identity, limits, features, device: device.software ? undefined : device };
}

/** A network with everything that its plan rests on. */
export interface PlannedNetwork {
  readonly network: Network;
  readonly book: CostBook;
  readonly profile: FoundProfile;
  /** Undefined where a saved plan decided. */
  readonly choice: Choice | undefined;
  readonly built: BuiltPlan;
  /** Whole runs that were timed because the choice was too close; empty where it was not. */
  readonly runs: readonly TrialRun[];
  /** What was left out of it because it does not compile: sentences. */
  readonly notes: readonly string[];
  readonly document: PlanDocument;
}

function factsOf({ device, dtype, policy, tuning, predicted, bound, optimal }: LoadedPlan): PlanFacts {
  return { device, dtype, policy, tuning, predicted, bound, optimal };
}

export class Planner {
  readonly #target: PlanTarget;
  readonly #options: PlannerOptions;
  readonly #store: CostStore;
  readonly #given: readonly LoadedPlan[];
  readonly #refused = new RefusedKernels();

  /** @throws PlanError for a saved plan that cannot be read */
  constructor(target: PlanTarget, options: PlannerOptions, store: CostStore) {
    this.#target = target;
    this.#options = options;
    this.#store = store;
    this.#given = (options.plans ?? []).map(parsePlan);
  }

  /**
   * @param graph as it is to run
   * @throws UnsupportedError naming a node that cannot run on a GPU; PlanError for a saved plan that does not fit; the signal's
   * reason
   */
  async plan(graph: Graph): Promise<PlannedNetwork> {
    const { limits, features } = this.#target;
    const { dtype, policy, tuning, compared = [], signal } = this.#options;
    const { book, profile } = await this.#costs(graph, { limits, features, ...numbersOf(dtype) });
    const isSaved = this.#given.length > 0;
    // A saved plan needs no prices where nothing is compared: the kernels that it names are the only ones that are made.
    if (isSaved && compared.length === 0) return this.#load(new Network(graph, book.context), book, profile);
    const network = await Network.priced(graph, book, new Breather(signal));
    book.learnFrom(network.typicalCandidates());
    if (isSaved) return this.#load(network, book, profile);
    if (this.#refused.size > 0) await this.#refused.failCandidates(network, book, new Breather(signal));
    const measured =
      tuning === 'measured' && (await this.#measure(network, book, [...compared, policy], profile));
    return this.#decide(network, book, profile, measured);
  }

  /**
   * Plans a network again, without kernels that do not compile; other graphs are planned without them too.
   * @returns undefined where that leaves nothing out: a saved plan decided, or what launches them has no alternative
   * @throws DeviceError naming a node of which no kernel is left
   */
  async planWithout(
    { network, book, profile, choice, built, document }: PlannedNetwork,
    refused: readonly CompileError[],
  ): Promise<PlannedNetwork | undefined> {
    if (!choice) return undefined;
    this.#refused.add(refused);
    const chosen = this.#refused.failChosen(network, book, choice, built.plan);
    const breather = new Breather(this.#options.signal);
    const others = await this.#refused.failCandidates(network, book, breather);
    if (chosen + others === 0) return undefined;
    for (const error of refused) this.#options.onFailure?.(error.kernel, error);
    return this.#decide(network, book, profile, document.tuning === 'measured');
  }

  /** @param measured whether to choose among what was measured alone */
  async #decide(
    network: Network,
    book: CostBook,
    profile: FoundProfile,
    measured: boolean,
  ): Promise<PlannedNetwork> {
    const { dtype, policy, signal } = this.#options;
    // The choice is one piece of work.
    await new Breather(signal).breathe();
    const cheapest = this.#choose(network, book, policyNamed(policy, profile.profile.thresholds), measured);
    const { choice, built, runs } = await this.#tried(network, book, profile, {
      choice: cheapest,
      built: buildPlan(network.graph, network.context, cheapest.chosen, book),
    });
    const document = documentOf(network, choice.chosen, built.plan, {
      device: this.#target.identity,
      dtype,
      policy,
      tuning: measured ? 'measured' : 'modelled',
      predicted: choice.cost,
      bound: cheapest.lowerBound,
      optimal: choice === cheapest && choice.optimal,
    });
    return { network, book, profile, choice, built, runs, notes: this.#refused.notes, document };
  }

  /** @throws DeviceError where every kernel of a node has failed, with why */
  #choose(network: Network, book: CostBook, policy: Policy, measured: boolean): Choice {
    try {
      return network.choose(policy, book, { measured });
    } catch (error) {
      throw error instanceof DeviceError ? this.#refused.blame(error) : error;
    }
  }

  /** The cheapest choice, or another policy's, where runs say that it is faster. */
  async #tried(
    network: Network,
    book: CostBook,
    { profile }: FoundProfile,
    cheapest: TrialEntrant,
  ): Promise<TrialEntrant & { readonly runs: readonly TrialRun[] }> {
    const { policy, tuning, effort, timeRuns } = this.#options;
    const asked = policy === 'optimal' && tuning === 'measured' && effort !== 'low';
    if (!asked || !timeRuns || !this.#target.device) return { ...cheapest, runs: [] };
    const others = POLICY_NAMES.filter((name) => name !== policy).map((name) =>
      network.choose(policyNamed(name, profile.thresholds), book, { measured: true }),
    );
    const entrants = [
      cheapest,
      ...rivalsOf(cheapest.choice, others).map((choice) => ({
        choice,
        built: buildPlan(network.graph, network.context, choice.chosen, book),
      })),
    ];
    if (entrants.length === 1) return { ...cheapest, runs: [] };
    const { identity } = this.#target;
    const { costs } = await this.#store.load(identity);
    const { winner, runs, records } = await trial(network, entrants, costs, (plans) =>
      timeRuns(network.graph, plans),
    );
    if (records.length > 0) await this.#store.save(identity, { costs: records });
    return { ...entrants[winner], runs };
  }

  /** Measures what the choices under several policies rest on. @returns false where there is no device to measure on */
  async #measure(
    network: Network,
    book: CostBook,
    policies: readonly PolicyName[],
    { profile }: FoundProfile,
  ): Promise<boolean> {
    const { device, identity } = this.#target;
    if (!device) return false;
    const { effort, onProgress, onFailure, signal } = this.#options;
    const named = policies.map((name) => policyNamed(name, profile.thresholds));
    const bench = new CostBench(device, book, { onProgress, onFailure, signal });
    try {
      await measureCosts(bench, network, named, effort);
    } finally {
      bench.end();
      // What was measured is worth keeping, whatever came then.
      if (bench.records.length > 0) await this.#store.save(identity, { costs: bench.records });
    }
    return true;
  }

  async #costs(graph: Graph, given: CandidateContext): Promise<{ book: CostBook; profile: FoundProfile }> {
    const known = await this.#store.load(this.#target.identity);
    const profile = profileFor(this.#target, known.profile);
    const { roofs } = profile.profile;
    const estimator = new Estimator(profile.profile);
    const context = { ...given, processors: processorsOf(roofs.f32.median) };
    const cold = passesCache(graph, roofs.cacheBytes, given.storage);
    return { book: new CostBook({ context, estimator, records: known.costs, cold }), profile };
  }

  #load(network: Network, book: CostBook, profile: FoundProfile): PlannedNetwork {
    const { loaded, chosen } = chosenBy(this.#given, network);
    const built = buildPlan(network.graph, network.context, chosen, book);
    checkFresh(loaded, built.plan, this.#target.identity);
    // What was predicted and proved on another device says nothing of this one.
    const facts: PlanFacts =
      identityKey(loaded.device) === identityKey(this.#target.identity)
        ? factsOf(loaded)
        : {
            ...factsOf(loaded),
            device: this.#target.identity,
            tuning: 'modelled',
            predicted: built.plan.steps.reduce((sum, { cost }) => sum + (cost?.median ?? 0), 0),
            bound: 0,
            optimal: false,
          };
    const document = documentOf(network, chosen, built.plan, facts);
    return { network, book, profile, choice: undefined, built, runs: [], notes: [], document };
  }
}
