/** The text and the documents of `lanewise tune`. */
import type { PolicyName } from '../plan/policies/index.js';
import type { DeviceProfile, Roofs, ThresholdSample, Thresholds } from '../tune/profile/profile.js';
import type { Spread } from '../tune/timing/measure.js';
import { PAPER_SWEEP, UNREACHED, layoutByRule, timeLost } from '../tune/profile/thresholds.js';
import { formatDims } from '../tensor/index.js';
import {
  formatBytes,
  formatCount,
  formatFlops,
  formatMilliseconds,
  formatPercent,
  plural,
} from './format.js';
import { table, type Column, type Row } from './table.js';

/** What a network is expected to take under a policy. */
export interface PolicyTime {
  readonly policy: PolicyName;
  readonly milliseconds: number;
  /** Whether the choice was proved to be the cheapest that the policy allows. */
  readonly proved: boolean;
}

/** A network whose layers were measured. */
export interface TunedNetwork {
  /** As it was given: a path or a name. */
  readonly name: string;
  /** Dims of every input. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /** Kernels and transforms that were measured now; those that had been before are left out. */
  readonly measured: number;
  readonly policies: readonly PolicyTime[];
}

/** What `lanewise tune` did on a device. */
export interface TuneReport {
  /** `software`: a CPU does the work, and its times mean nothing. */
  readonly device: { readonly kind: string; readonly description: string; readonly software: boolean };
  /** As profile files have it: nanoseconds, bytes and FLOP per second. */
  readonly profile: DeviceProfile;
  /** Whether roofs and thresholds were measured now; else they are as they had been kept. */
  readonly fresh: boolean;
  readonly networks: readonly TunedNetwork[];
  /** Costs that are kept of the device. */
  readonly costs: number;
}

/** What `--clear`, `--export` or `--import` did. */
export interface StoreReport {
  readonly action: 'clear' | 'export' | 'import';
  /** Null where there is none. */
  readonly file: string | null;
  readonly devices: number;
  readonly costs: number;
}

/** `lanewise tune --json` */
export type TuneDocument = { readonly command: 'tune' } & (TuneReport | StoreReport);

/** Lines about a device that was tuned. */
export function tuneLines({ device, profile, fresh, networks, costs }: TuneReport): string[] {
  const { thresholds } = profile;
  return [
    device.description,
    `profile ${profile.name}, ${fresh ? 'measured now' : `measured ${profile.measured ?? 'elsewhere'}`}`,
    ...(fresh ? [] : ['(`lanewise tune` without a model measures it again)']),
    ...(device.software ? ['A CPU does the work of this device: its times mean nothing.'] : []),
    '',
    ...roofTable(profile.roofs),
    ...(thresholds ? ['', ...sweepLines(thresholds)] : []),
    ...(networks.length > 0 ? ['', ...networkLines(networks)] : []),
    '',
    `kept: the profile, with the model fitted to ${plural(Object.keys(profile.slowdowns).length, 'kind')} of kernels, and ${plural(costs, 'cost')}`,
  ];
}

/** The line about what became of the store. */
export function storeLine({ action, file, devices, costs }: StoreReport): string {
  const what = `${plural(devices, 'device')}, ${plural(costs, 'cost')}`;
  switch (action) {
    case 'clear':
      return devices === 0 ? 'nothing was known' : `forgotten: ${what}`;
    case 'export':
      return `written to ${file}: ${what}`;
    case 'import':
      return `taken from ${file}: ${what}`;
  }
}

const ROOF_COLUMNS: readonly Column[] = [
  { title: 'roof' },
  { title: 'median', align: 'right' },
  { title: 'quartiles', align: 'right' },
  { title: '' },
];

function roofTable({ copy, cachedCopy, cacheBytes, f32, f16, launch, saturation }: Roofs): string[] {
  const cache = `up to ${formatBytes(Math.round(cacheBytes))}`;
  return table(ROOF_COLUMNS, [
    roofRow('copy', copy, bandwidth, 'read and written, beyond caches'),
    cacheBytes > 0
      ? roofRow('copy in the cache', cachedCopy, bandwidth, cache)
      : ['copy in the cache', '', '', 'no faster'],
    roofRow('f32 arithmetic', f32, arithmetic, `from ${formatCount(saturation)} invocations on`),
    f16 ? roofRow('f16 arithmetic', f16, arithmetic, '') : ['f16 arithmetic', '', '', 'not to be had'],
    roofRow('launch', launch, microseconds, 'after one that it depends on'),
  ]);
}

function roofRow(
  name: string,
  { median, low, high }: Spread,
  unit: (value: number) => string,
  note: string,
): Row {
  return [name, unit(median), `${unit(low)} to ${unit(high)}`, note];
}

function bandwidth(bytes: number): string {
  return `${formatFlops(bytes)}B/s`;
}

function arithmetic(flops: number): string {
  return `${formatFlops(flops)}FLOP/s`;
}

const SWEEP_COLUMNS: readonly Column[] = [
  { title: 'N', align: 'right' },
  { title: 'C', align: 'right' },
  { title: 'NCHW', align: 'right' },
  { title: 'CHWN', align: 'right' },
  { title: 'faster' },
  { title: 'the rule loses', align: 'right' },
];

/** The sweep, a table for each of its two axes, and the rule that was read from it. */
function sweepLines(thresholds: Thresholds): string[] {
  const { samples } = thresholds;
  const { kernel, size, outChannels } = PAPER_SWEEP;
  const [fixedChannels, fixedBatch] = [
    mostFrequent(samples.map(({ c }) => c)),
    mostFrequent(samples.map(({ n }) => n)),
  ];
  const rows = (list: readonly ThresholdSample[]): Row[] =>
    list.map((sample) => sweepRow(thresholds, sample));
  const overBatches = samples.filter(({ c }) => c === fixedChannels).sort((a, b) => a.n - b.n);
  const overChannels = samples.filter(({ n }) => n === fixedBatch).sort((a, b) => a.c - b.c);
  const best = samples.reduce((sum, { nchw, chwn }) => sum + Math.min(nchw, chwn), 0);
  return [
    `Best kernels of a ${kernel}x${kernel} convolution, NxCx${size}x${size} to ${outChannels} channels`,
    ...table(SWEEP_COLUMNS, rows(overBatches)),
    '',
    ...table(SWEEP_COLUMNS, rows(overChannels)),
    '',
    `Ct: ${channelsText(thresholds)}`,
    `Nt: ${batchText(thresholds)}`,
    `CHWN if C < Ct or N >= Nt takes ${formatPercent(timeLost(thresholds, samples) / best)} more than the faster layout at every point`,
  ];
}

function sweepRow(thresholds: Thresholds, sample: ThresholdSample): Row {
  const { n, c, nchw, chwn } = sample;
  const faster = chwn < nchw ? 'chwn' : 'nchw';
  const lost = sample[layoutByRule(thresholds, sample)] / Math.min(nchw, chwn) - 1;
  return [
    String(n),
    String(c),
    microseconds(nchw),
    microseconds(chwn),
    faster.toUpperCase(),
    lost > 0 ? formatPercent(lost) : '',
  ];
}

function channelsText({ channels, samples }: Thresholds): string {
  if (channels === UNREACHED) return 'none, CHWN for any number of channels';
  if (samples.every(({ c }) => c >= channels))
    return `${channels}, so that channels are never few enough for CHWN`;
  return `${channels}, CHWN for fewer channels`;
}

function batchText({ batch, samples }: Thresholds): string {
  if (batch === UNREACHED) return 'none, no batch is large enough for CHWN';
  if (samples.every(({ n }) => n >= batch)) return `${batch}, CHWN for any batch`;
  return `${batch}, CHWN from this batch on`;
}

/** The first of the values that occur most often. */
function mostFrequent(values: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best), [NaN, 0])[0];
}

function networkLines(networks: readonly TunedNetwork[]): string[] {
  const columns: Column[] = [
    { title: 'network', flexible: true },
    { title: 'input' },
    { title: 'kernels', align: 'right' },
    ...networks[0].policies.map(({ policy }): Column => ({ title: policy, align: 'right' })),
  ];
  const rows = networks.map(({ name, shapes, measured, policies }): Row => [
    name,
    Object.values(shapes).map(formatDims).join(', '),
    formatCount(measured),
    ...policies.map(({ milliseconds, proved }) => `${formatMilliseconds(milliseconds)}${proved ? '' : '*'}`),
  ]);
  const open = networks.some(({ policies }) => policies.some(({ proved }) => !proved));
  return [
    'Kernels measured for each network, and the milliseconds that it should take under each policy',
    ...table(columns, rows),
    ...(open ? ['*: the search ended before this was proved to be the cheapest choice'] : []),
  ];
}

function microseconds(nanoseconds: number): string {
  return `${formatMilliseconds(nanoseconds / 1e3)} µs`;
}
