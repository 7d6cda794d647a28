/** What the report says of whole networks under every policy: times, where they go, memory. */
import {
  speedup,
  timeOf,
  type MemoryResult,
  type NetworkResult,
  type PolicyResult,
} from '../../study/index.js';
import { POLICY_NAMES, type PolicyName } from '../../plan/policies/index.js';
import { barChart, stackedChart } from '../charts/index.js';
import { formatBytes, formatShare } from '../format.js';
import { countText, gainOf, gainText, largest, type Gain } from './gains.js';
import { figure, h, htmlTable, type Markup } from './markup.js';
import { errorText, exact, ratio, ratioText, timeText } from './quantities.js';

/** Kinds of layers that have a colour of their own; the rest is one. */
const MOST_KINDS = 7;

export function networkSection(networks: readonly NetworkResult[], command: string): Markup[] {
  const failures = networks.flatMap((network) =>
    network.failures.map((failure) => `${titleOf(network)}, ${failure}`),
  );
  return [
    speedFigure(networks, command),
    timeFigure(networks, command),
    policyTable(networks),
    ...(failures.length > 0 ? [h('ul', ...failures.map((failure) => h('li', failure)))] : []),
  ];
}

function titleOf({ name, batch }: { readonly name: string; readonly batch: number }): string {
  return `${name} x${batch}`;
}

function resultOf({ policies }: NetworkResult, policy: PolicyName): PolicyResult | undefined {
  return policies.find((one) => one.policy === policy);
}

/** By how much the optimal policy is faster than the slowest one. */
export function networkGain(networks: readonly NetworkResult[]): Gain | undefined {
  return largest(
    networks.flatMap((network) => {
      const optimal = resultOf(network, 'optimal');
      return network.policies.map(({ policy, samples }) =>
        gainOf(optimal && speedup(samples, optimal.samples), `${titleOf(network)} over policy ${policy}`),
      );
    }),
  );
}

function speedFigure(networks: readonly NetworkResult[], command: string): Markup {
  const best = networks.filter((network) => {
    const own = timeOf(resultOf(network, 'optimal')?.samples ?? []);
    return own && network.policies.every(({ samples }) => own.low <= (timeOf(samples)?.high ?? Infinity));
  });
  const chart = barChart({
    id: 'networks',
    title: 'Whole networks under every policy',
    description: 'For each network by how much it is faster under each policy than under the policy nchw.',
    unit: 'times as fast as policy nchw',
    series: POLICY_NAMES,
    groups: networks.map((network) => ({
      label: titleOf(network),
      values: POLICY_NAMES.map((policy) =>
        speedup(resultOf(network, 'nchw')?.samples ?? [], resultOf(network, policy)?.samples ?? []),
      ),
    })),
    level: { value: 1, label: 'nchw' },
    format: ratioText,
  });
  const sentence = `The policy optimal is the fastest, or cannot be told from it by quartiles, on ${countText(best.length, networks.length, 'network')}; its largest gain is ${gainText(networkGain(networks))}.`;
  return figure(chart, sentence, command);
}

/** Median times of the kinds of steps in every network and policy, as parts of their sum. */
function timeFigure(networks: readonly NetworkResult[], command: string): Markup {
  const totals = new Map<string, number>();
  const shares = networks.map((network) =>
    network.policies.map((policy) => {
      const medians = Object.entries(policy.kinds).map(
        ([kind, samples]) => [kind, timeOf(samples)?.median ?? 0] as const,
      );
      const sum = medians.reduce((total, [, time]) => total + time, 0);
      const own = new Map(medians.map(([kind, time]) => [kind, sum > 0 ? time / sum : 0]));
      for (const [kind, share] of own) totals.set(kind, (totals.get(kind) ?? 0) + share);
      return { policy: policy.policy, own };
    }),
  );
  const kinds = [...totals].sort(([, a], [, b]) => b - a).map(([kind]) => kind);
  const named = kinds.slice(0, MOST_KINDS);
  const rest = kinds.slice(MOST_KINDS);
  const chart = stackedChart({
    id: 'network-time',
    title: 'Where the time goes',
    description:
      'For each network and policy the part of the time that each kind of layer takes, steps timed alone.',
    unit: '% of the steps’ time',
    series: [...named, ...(rest.length > 0 ? ['others'] : [])],
    groups: networks.map((network, i) => ({
      label: titleOf(network),
      bars: shares[i].map(({ policy, own }) => ({
        label: policy,
        parts: [
          ...named.map((kind) => 100 * (own.get(kind) ?? 0)),
          ...(rest.length > 0 ? [rest.reduce((sum, kind) => sum + 100 * (own.get(kind) ?? 0), 0)] : []),
        ],
      })),
    })),
    format: (value) => formatShare(value / 100),
  });
  const transforms = shares.flat().map(({ policy, own }) => ({ policy, share: own.get('Transform') ?? 0 }));
  const most = (policy: PolicyName): string =>
    formatShare(Math.max(0, ...transforms.filter((one) => one.policy === policy).map(({ share }) => share)));
  const sentence = `Of the medians of all steps, transforms take at most ${most('optimal')} under the policy optimal and ${most('heuristic')} under heuristic; the quartiles are in the table.`;
  return figure(chart, sentence, command);
}

function policyTable(networks: readonly NetworkResult[]): Markup {
  return htmlTable(
    [
      { title: 'network' },
      { title: 'policy' },
      { title: 'whole run', number: true },
      { title: 'faster than nchw', number: true },
      { title: 'transforms', number: true },
      { title: 'their time', number: true },
      { title: 'differs', number: true },
      { title: 'cheapest under the policy' },
    ],
    networks.flatMap((network) =>
      network.policies.map(({ policy, samples, transforms, kinds, error, proved }) => [
        titleOf(network),
        policy,
        timeText(timeOf(samples)),
        ratioText(speedup(resultOf(network, 'nchw')?.samples ?? [], samples)),
        String(transforms),
        timeText(timeOf(kinds.Transform ?? [])),
        errorText(error),
        proved ? 'proved' : 'not proved',
      ]),
    ),
  );
}

export function memorySection(memory: readonly MemoryResult[], command: string): Markup[] {
  const policies = POLICY_NAMES.filter((name) =>
    memory.some((network) => network.policies.some(({ policy }) => policy === name)),
  );
  const all = memory.flatMap((network) => network.policies.map((one) => ({ ...one, network })));
  const overBound = all.map(({ arenaBytes, liveBytes }) => arenaBytes / Math.max(liveBytes, 1));
  const overIdeal = all.map(({ movedBytes, idealBytes }) => movedBytes / Math.max(idealBytes, 1));
  const chart = barChart({
    id: 'memory',
    title: 'Bytes moved in a run',
    description:
      'For each network and policy the bytes that its launches bind, as a multiple of ideal bytes.',
    unit: 'times ideal bytes',
    series: policies,
    groups: memory.map((network) => ({
      label: titleOf(network),
      values: policies.map((name) => {
        const own = network.policies.find(({ policy }) => policy === name);
        return own && exact(own.movedBytes / Math.max(own.idealBytes, 1));
      }),
    })),
    level: { value: 1, label: 'ideal' },
    format: ({ median }) => `${ratio(median)}×`,
  });
  const sentence =
    all.length === 0
      ? 'No network was planned.'
      : `Plans need ${range(overBound)} times the memory of the largest set of tensors alive at once, below which no plan in the same order can be, and move ${range(overIdeal)} times the ideal bytes. These are counted, not measured: they have no spread.`;
  const table = htmlTable(
    [
      { title: 'network' },
      { title: 'policy' },
      { title: 'activations', number: true },
      { title: 'alive at once', number: true },
      { title: 'weights', number: true },
      { title: 'moved', number: true },
      { title: 'ideal', number: true },
    ],
    all.map(({ network, policy, arenaBytes, liveBytes, constantBytes, movedBytes, idealBytes }) => [
      titleOf(network),
      policy,
      ...[arenaBytes, liveBytes, constantBytes, movedBytes, idealBytes].map(formatBytes),
    ]),
  );
  return [figure(chart, sentence, command), table];
}

/** `1.02 to 1.31`. */
function range(values: readonly number[]): string {
  return `${ratio(Math.min(...values))} to ${ratio(Math.max(...values))}`;
}
