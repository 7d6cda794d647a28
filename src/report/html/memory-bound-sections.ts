/** What the report says of layers that only move memory: transforms, pooling, softmax. */
import {
  fastest,
  rateOf,
  speedup,
  timeOf,
  type ClimbResult,
  type Entry,
  type LayerResult,
  type PoolingResults,
} from '../../study/index.js';
import type { Roofs } from '../../tune/profile/profile.js';
import type { Spread } from '../../tune/timing/measure.js';
import { barChart, gridChart } from '../charts/index.js';
import { formatMicroseconds } from '../format.js';
import { countText, gainOf, gainText, largest, type Gain } from './gains.js';
import { distinct, entryOf, layerTables, summaryTable, type Baseline } from './layer-tables.js';
import { figure, h, type Markup } from './markup.js';
import { rateText, ratioText, scaled, shareText, timeText } from './quantities.js';

const NAIVE: Baseline = { name: 'naive', of: (layer) => entryOf(layer, 'naive') };
const CAFFE_POOL: Baseline = { name: 'Caffe’s kernel', of: (layer) => entryOf(layer, 'caffe') };
const CAFFE_SOFTMAX: Baseline = { name: 'the six kernels', of: (layer) => entryOf(layer, 'caffe') };

/** The largest gain of the fastest way over a baseline. */
function largestGain(
  layers: readonly LayerResult[],
  { name, of }: Baseline,
  bestOf: Baseline['of'] = ({ entries }) => fastest(entries),
): Gain | undefined {
  return largest(
    layers.map((layer) => {
      const best = bestOf(layer);
      const by = best && speedup(of(layer)?.cold ?? [], best.cold);
      return gainOf(by, `${layer.name}, ${best?.layout} ${best?.method} over ${name}`);
    }),
  );
}

export const poolingGain = (layers: readonly LayerResult[]): Gain | undefined =>
  largestGain(layers, CAFFE_POOL);
export const softmaxGain = (layers: readonly LayerResult[]): Gain | undefined =>
  largestGain(layers, CAFFE_SOFTMAX, manyThreads);

export function transformSection(layers: readonly LayerResult[], roofs: Roofs, command: string): Markup[] {
  const methods = distinct(layers.flatMap(({ entries }) => entries.map(({ method }) => method)));
  const chart = barChart({
    id: 'transforms',
    title: 'Bandwidth of transforms from CHWN to NCHW',
    description: 'For each tensor the bytes read and written a second by each kernel, beside the copy roof.',
    unit: 'GB/s, cold cache',
    series: methods,
    groups: layers.map((layer) => ({
      label: layer.name,
      values: methods.map((method) => {
        const rate = rateOf(layer.bytes, entryOf(layer, method)?.cold ?? []);
        return rate && scaled(rate, 1e-9);
      }),
    })),
    level: { value: roofs.copy.median / 1e9, label: 'copy' },
    format: (value) => rateText(scaled(value, 1e9), 'B/s'),
  });
  const shares = layers.flatMap((layer): { readonly layer: LayerResult; readonly share: Spread }[] => {
    const rate = rateOf(layer.bytes, fastest(layer.entries)?.cold ?? []);
    return rate ? [{ layer, share: scaled(rate, 1 / roofs.copy.median) }] : [];
  });
  const best = [...shares].sort((a, b) => b.share.median - a.share.median).at(0);
  const sentence = best
    ? `The fastest transform reaches ${shareText(best.share)} of the copy roof, on ${best.layer.name}; over the naive one it gains up to ${gainText(largestGain(layers, NAIVE))}.`
    : 'No transform could be timed.';
  return [
    figure(chart, sentence, command),
    summaryTable(layers, [NAIVE]),
    ...layerTables(layers, NAIVE, roofs),
  ];
}

/** The steps of the paper's optimisation, and the best of all. */
const POOL_SERIES: readonly {
  readonly name: string;
  readonly method: string | undefined;
  readonly layout: string | undefined;
}[] = [
  { name: 'NCHW, one output each', method: 'direct', layout: 'NCHW' },
  { name: 'CHWN, coalesced', method: 'direct', layout: 'CHWN' },
  { name: 'CHWN, default patch', method: 'patch', layout: 'CHWN' },
  { name: 'CHWN, climbed patch', method: 'patch, climbed', layout: 'CHWN' },
  { name: 'fastest of all', method: undefined, layout: undefined },
];

export function poolingSection({ layers, climbs }: PoolingResults, roofs: Roofs, command: string): Markup[] {
  const chart = barChart({
    id: 'pooling',
    title: 'Max pooling against Caffe’s kernel',
    description:
      'For each layer by how much coalesced kernels, and those with patches, are faster than Caffe’s.',
    unit: 'times as fast as Caffe’s kernel in NCHW',
    series: POOL_SERIES.map(({ name }) => name),
    groups: layers.map((layer) => ({
      label: layer.name,
      values: POOL_SERIES.map(({ method, layout }) => {
        const entry = method === undefined ? fastest(layer.entries) : entryOf(layer, method, layout);
        return entry && speedup(entryOf(layer, 'caffe')?.cold ?? [], entry.cold);
      }),
    })),
    level: { value: 1, label: 'Caffe' },
    format: ratioText,
  });
  const chwn = layers.filter((layer) => fastest(layer.entries)?.layout === 'CHWN').length;
  const sentence = `CHWN has the fastest kernel on ${countText(chwn, layers.length, 'layer')}; over Caffe’s kernel the fastest gains up to ${gainText(poolingGain(layers))}.`;
  return [
    figure(chart, sentence, command),
    summaryTable(layers, [CAFFE_POOL]),
    ...layerTables(layers, CAFFE_POOL, roofs),
    ...(climbs.length > 0 ? [h('h3', 'Hill climbing over patch sizes')] : []),
    ...climbs.flatMap((climb) => climbFigure(climb, command)),
  ];
}

function climbFigure({ layer, layout, rows, columns, points, path }: ClimbResult, command: string): Markup[] {
  const cells = points.flatMap(({ row, column, samples }) => {
    const value = timeOf(samples);
    return value ? [{ row, column, value }] : [];
  });
  const [start, end] = [path.at(0), path.at(-1)];
  if (cells.length < points.length || start === undefined || end === undefined) return [];
  const gain = speedup(points[start].samples, points[end].samples);
  const sizeText = (i: number): string => `${rows[points[i].row]}x${columns[points[i].column]}`;
  const chart = gridChart({
    id: `climb-${layer.toLowerCase()}`,
    title: `Patch sizes of ${layer} in ${layout}`,
    description: `Times of the patches that hill climbing looked at, and its way from ${sizeText(start)} to ${sizeText(end)}.`,
    rowLabel: 'rows',
    columnLabel: 'columns of a patch; µs',
    rows: rows.map(String),
    columns: columns.map(String),
    cells,
    path,
    short: ({ median }) => formatMicroseconds(median),
    format: timeText,
  });
  const sentence =
    start === end
      ? `${layer}: of ${points.length} patches that were measured the default, ${sizeText(start)}, is the fastest.`
      : `${layer}: after ${points.length} measurements hill climbing ends at ${sizeText(end)}, which takes ${timeText(timeOf(points[end].samples))}: ${ratioText(gain)} as fast as where it began, ${sizeText(start)}.`;
  return [figure(chart, sentence, command)];
}

/** The fastest of the kernels with many invocations on a row. */
function manyThreads({ entries }: LayerResult): Entry | undefined {
  return fastest(entries.filter(({ method }) => method !== 'caffe' && method !== 'fused-row'));
}

export function softmaxSection(layers: readonly LayerResult[], roofs: Roofs, command: string): Markup[] {
  const series: readonly { readonly name: string; readonly of: Baseline['of'] }[] = [
    { name: 'fused, one thread per row', of: (layer) => entryOf(layer, 'fused-row') },
    { name: 'fused, many threads per row', of: manyThreads },
  ];
  const chart = barChart({
    id: 'softmax',
    title: 'Softmax against Caffe’s six kernels',
    description:
      'For each size, rows by classes, by how much the fused kernels are faster than a copy and five kernels.',
    unit: 'times as fast as six kernels (logarithmic)',
    log: true,
    series: series.map(({ name }) => name),
    groups: layers.map((layer) => ({
      label: layer.name,
      values: series.map(({ of }) => {
        const entry = of(layer);
        return entry && speedup(entryOf(layer, 'caffe')?.cold ?? [], entry.cold);
      }),
    })),
    level: { value: 1, label: 'six kernels' },
    format: ratioText,
  });
  const perRow: Baseline = { name: 'one thread per row', of: (layer) => entryOf(layer, 'fused-row') };
  const overRow = largestGain(layers, perRow, manyThreads);
  const sentence = `Over the six kernels a fused one with many threads per row gains up to ${gainText(softmaxGain(layers))}; over the fused one with one thread per row up to ${gainText(overRow)}.`;
  return [
    figure(chart, sentence, command),
    summaryTable(layers, [CAFFE_SOFTMAX]),
    ...layerTables(layers, CAFFE_SOFTMAX, roofs),
  ];
}
