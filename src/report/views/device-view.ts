/** A device by its profile: what it was measured to do, and the sweep behind the two thresholds of the heuristic policy. */
import type { DeviceProfile, Thresholds, ThresholdSample } from '../../tune/profile/profile.js';
import { parseCostFile } from '../../tune/store/cost-file.js';
import type { Spread } from '../../tune/timing/measure.js';
import { cleanText, formatBytes, formatCount, formatFlops, formatMicroseconds, plural } from '../format.js';
import { el, px, type Markup } from './markup.js';
import { decadesAround, logScale } from './scale.js';

/** What a file says of one device. */
export interface KnownDevice {
  readonly profile: DeviceProfile;
  /** How many measured costs of kernels come with it. */
  readonly costs: number;
}

/**
 * The devices of a profile file, or of what `lanewise tune --export` writes; those without a profile are left out.
 * @param source the file's name, for messages
 * @throws PlanError naming the field, what stands there and the remedy
 */
export function readDevices(text: string, source: string): KnownDevice[] {
  return parseCostFile(text, source).devices.flatMap(({ profile, costs }) =>
    profile ? [{ profile, costs: costs.length }] : [],
  );
}

/** All about a device, as sections. */
export function deviceView({ profile, costs }: KnownDevice): Markup {
  const { name, device, measured, thresholds, slowdowns } = profile;
  const title = cleanText(device.name || [device.vendor, device.architecture].filter(Boolean).join(' '));
  const facts: readonly (readonly [string, string])[] = [
    ['profile', name],
    ['interface', device.kind],
    ['driver', cleanText([device.driver, device.runtime].filter(Boolean).join(', ')) || 'not said'],
    ['measured', measured ?? 'never: an estimate'],
    ['costs of kernels in this file', formatCount(costs)],
  ];
  return el(
    'div',
    { class: 'lw-device' },
    el('h2', {}, title || 'a GPU'),
    el(
      'dl',
      { class: 'lw-details' },
      ...facts.flatMap(([term, text]) => [el('dt', {}, term), el('dd', {}, text)]),
    ),
    section('Roofs', roofTable(profile)),
    section('Thresholds of the heuristic policy', ...thresholdParts(thresholds)),
    section(
      'How far kernels stay behind the roofline',
      Object.keys(slowdowns).length > 0
        ? slowdownTable(profile)
        : el('p', {}, 'Not known: no kernel was fitted. `lanewise tune` does.'),
    ),
  );
}

function section(title: string, ...content: readonly Markup[]): Markup {
  return el(
    'section',
    { 'aria-label': title },
    el('h3', {}, title),
    el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': title }, ...content),
  );
}

function tableOf(titles: readonly string[], rows: readonly (readonly string[])[]): Markup {
  return el(
    'table',
    { class: 'lw-table' },
    el(
      'thead',
      {},
      el('tr', {}, ...titles.map((title, i) => el('th', { scope: 'col', class: i > 0 && 'number' }, title))),
    ),
    el(
      'tbody',
      {},
      ...rows.map(([head, ...cells]) =>
        el(
          'tr',
          {},
          el('th', { scope: 'row' }, head),
          ...cells.map((cell) => el('td', { class: 'number' }, cell)),
        ),
      ),
    ),
  );
}

function row(
  name: string,
  { median, low, high }: Spread,
  unit: (value: number) => string,
): readonly string[] {
  return [name, unit(median), `${unit(low)} to ${unit(high)}`];
}

function bytesText(value: number): string {
  return `${formatFlops(value)}B/s`;
}

function flopsText(value: number): string {
  return `${formatFlops(value)}FLOP/s`;
}

function timeText(value: number): string {
  return `${formatMicroseconds(value)} µs`;
}

function roofTable({ roofs, limits }: DeviceProfile): Markup {
  const { copy, cachedCopy, cacheBytes, f32, f16, launch, saturation } = roofs;
  return tableOf(
    ['roof', 'median', 'quartiles'],
    [
      row('copy', copy, bytesText),
      ...(cacheBytes > 0
        ? [row(`copy within the cache, up to ${formatBytes(Math.round(cacheBytes))}`, cachedCopy, bytesText)]
        : []),
      row(`f32 arithmetic, from ${formatCount(saturation)} invocations on`, f32, flopsText),
      f16 ? row('f16 arithmetic', f16, flopsText) : ['f16 arithmetic', 'not to be had', ''],
      row('launch, after one that it depends on', launch, timeText),
      ['shared memory of a workgroup', formatBytes(limits.maxWorkgroupBytes), ''],
    ],
  );
}

function slowdownTable({ slowdowns }: DeviceProfile): Markup {
  return tableOf(
    ['kernels', 'factor', 'quartiles', 'latency µs', 'samples'],
    Object.entries(slowdowns)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { factor, low, high, latency, samples }]) => [
        cleanText(name),
        factor.toFixed(2),
        `${low.toFixed(2)} to ${high.toFixed(2)}`,
        formatMicroseconds(latency),
        formatCount(samples),
      ]),
  );
}

function thresholdParts(thresholds: Thresholds | null): Markup[] {
  if (!thresholds) return [el('p', {}, 'Not known: `lanewise tune` runs the sweep that finds them.')];
  const { channels, batch, samples } = thresholds;
  const rule = `CHWN if C < ${sizeText(channels)} or N >= ${sizeText(batch)}, else NCHW; read from ${plural(samples.length, 'sample')}`;
  const charts = (['n', 'c'] as const).flatMap((axis) => sweepChart(thresholds, axis) ?? []);
  const none = el('p', {}, 'The samples of the sweep are not in this file.');
  return [el('p', {}, rule), ...(charts.length > 0 ? charts : [none])];
}

/** A threshold that no size reaches is written as a huge number. */
function sizeText(size: number): string {
  return size >= Number.MAX_SAFE_INTEGER ? '∞' : String(size);
}

const WIDTH = 640;
const HEIGHT = 300;
const LEFT = 80;
const RIGHT = 24;
const TOP = 36;
const BOTTOM = 48;

/**
 * The time of the best kernel in each layout over one size, the other as most of the samples have it.
 * @returns undefined where there are fewer than two such samples
 */
export function sweepChart({ channels, batch, samples }: Thresholds, axis: 'n' | 'c'): Markup | undefined {
  const other = axis === 'n' ? 'c' : 'n';
  const fixed = mostFrequent(samples.map((sample) => sample[other]));
  const shown = samples.filter((sample) => sample[other] === fixed).sort((a, b) => a[axis] - b[axis]);
  const sizes = shown.map((sample) => sample[axis]);
  const [first, last] = [sizes[0], sizes.at(-1)];
  if (first === undefined || last === undefined || first === last) return undefined;
  const x = logScale(first, last, [LEFT, WIDTH - RIGHT]);
  const [low, high] = decadesAround(shown.flatMap(({ nchw, chwn }) => [nchw, chwn]));
  const y = logScale(low, high, [HEIGHT - BOTTOM, TOP]);
  const [sizeName, otherName] = axis === 'n' ? ['batch N', 'C'] : ['channels C', 'N'];
  const threshold = axis === 'n' ? batch : channels;
  return el(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      class: 'lw-sweep',
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      role: 'group',
      'aria-label': `Measured time of a convolution in NCHW and CHWN over ${sizeName}, ${otherName} = ${fixed}`,
    },
    ...[...new Set(sizes)].map((size) =>
      el(
        'g',
        { class: 'tick' },
        el('line', { x1: px(x.at(size)), x2: px(x.at(size)), y1: TOP, y2: HEIGHT - BOTTOM }),
        el('text', { x: px(x.at(size)), y: HEIGHT - BOTTOM + 16, 'text-anchor': 'middle' }, String(size)),
      ),
    ),
    ...y.ticks.map((tick) =>
      el(
        'g',
        { class: 'tick' },
        el('line', { x1: LEFT, x2: WIDTH - RIGHT, y1: px(y.at(tick)), y2: px(y.at(tick)) }),
        el(
          'text',
          { x: LEFT - 8, y: px(y.at(tick)) + 4, 'text-anchor': 'end' },
          `${formatMicroseconds(tick)} µs`,
        ),
      ),
    ),
    el(
      'text',
      { class: 'axis', x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 10, 'text-anchor': 'middle' },
      `${sizeName}, at ${otherName} = ${fixed}; solid NCHW, dashed CHWN, measured`,
    ),
    ...(threshold >= first && threshold <= last
      ? [
          el('line', {
            class: 'threshold',
            x1: px(x.at(threshold)),
            x2: px(x.at(threshold)),
            y1: TOP - 8,
            y2: HEIGHT - BOTTOM,
          }),
          el(
            'text',
            { class: 'axis', x: px(x.at(threshold)), y: TOP - 14, 'text-anchor': 'middle' },
            `${axis === 'n' ? 'Nt' : 'Ct'} = ${threshold}`,
          ),
        ]
      : []),
    ...(['nchw', 'chwn'] as const).flatMap((layout) => line(shown, axis, layout, x.at, y.at)),
  );
}

function line(
  samples: readonly ThresholdSample[],
  axis: 'n' | 'c',
  layout: 'nchw' | 'chwn',
  xAt: (value: number) => number,
  yAt: (value: number) => number,
): Markup[] {
  const points = samples.map((sample) => ({ x: px(xAt(sample[axis])), y: px(yAt(sample[layout])), sample }));
  return [
    el('path', {
      class: `series ${layout}`,
      fill: 'none',
      d: points.map((point, i) => `${i === 0 ? 'M' : 'L'}${point.x} ${point.y}`).join(''),
    }),
    ...points.map((point) => {
      const { n, c } = point.sample;
      const text = `${layout.toUpperCase()}, N = ${n}, C = ${c}: ${formatMicroseconds(point.sample[layout])} µs`;
      return el(
        'circle',
        { class: `sample ${layout}`, cx: point.x, cy: point.y, r: 4, role: 'img', 'aria-label': text },
        el('title', {}, text),
      );
    }),
  ];
}

/** The first of the values that occur most often. */
function mostFrequent(values: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return values.find((value) => counts.get(value) === most);
}
