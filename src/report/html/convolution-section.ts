/** What the report says of convolutions: layouts, methods, thresholds. */
import {
  crossings,
  fastest,
  slowest,
  speedup,
  thresholdSamples,
  timeOf,
  type ConvolutionResults,
  type LayerResult,
  type SweepPoint,
} from '../../study/index.js';
import { UNREACHED, thresholdsFrom } from '../../tune/profile/thresholds.js';
import type { Thresholds, Roofs } from '../../tune/profile/profile.js';
import { barChart, lineChart } from '../charts/index.js';
import { countText, gainOf, gainText, largest } from './gains.js';
import { distinct, entryOf, fastestIn, layerTables, summaryTable, type Baseline } from './layer-tables.js';
import { figure, h, type Markup } from './markup.js';
import { ratio, ratioText, timeText } from './quantities.js';

const NCHW: Baseline = { name: 'NCHW’s best', of: (layer) => fastestIn(layer, 'NCHW') };
const SLOWEST: Baseline = { name: 'the slowest', of: ({ entries }) => slowest(entries) };

export function convolutionSection(results: ConvolutionResults, roofs: Roofs, command: string): Markup[] {
  const { layers } = results;
  return [
    layoutFigure(layers, command),
    methodFigure(layers, command),
    summaryTable(layers, [NCHW, SLOWEST]),
    ...layerTables(layers, NCHW, roofs),
    ...sweepFigures(results, command),
  ];
}

function layoutFigure(layers: readonly LayerResult[], command: string): Markup {
  const layouts = distinct(layers.flatMap(({ entries }) => entries.map(({ layout }) => layout))).sort();
  const gains = layers.map((layer) => {
    const best = fastest(layer.entries);
    const by = best && speedup(fastestIn(layer, 'NCHW')?.cold ?? [], best.cold);
    return best?.layout === 'NCHW' ? undefined : gainOf(by, `${layer.name} in ${best?.layout}`);
  });
  const others = gains.filter((gain) => gain !== undefined);
  const chart = barChart({
    id: 'convolution-layouts',
    title: 'Convolutions in each layout',
    description:
      'For each layer the best method of each layout, by how much it is faster than the best in NCHW.',
    unit: 'times as fast as NCHW',
    series: layouts,
    groups: layers.map((layer) => ({
      label: layer.name,
      values: layouts.map((layout) =>
        speedup(fastestIn(layer, 'NCHW')?.cold ?? [], fastestIn(layer, layout)?.cold ?? []),
      ),
    })),
    level: { value: 1, label: 'NCHW' },
    format: ratioText,
  });
  const sentence =
    others.length === 0
      ? 'No layer is faster in another layout than NCHW.'
      : `On ${countText(others.length, layers.length, 'layer')} another layout than NCHW is the fastest; the largest gain is ${gainText(largest(others))}.`;
  return figure(chart, sentence, command);
}

function methodFigure(layers: readonly LayerResult[], command: string): Markup {
  const methods = distinct(layers.flatMap(({ entries }) => entries.map(({ method }) => method))).sort();
  const winners = layers.map(({ entries }) => fastest(entries)?.method);
  const wins = distinct(winners)
    .flatMap((method) => (method === undefined ? [] : [method]))
    .map((method) => `${method} on ${winners.filter((one) => one === method).length}`);
  const top = largest(
    layers.map((layer) => {
      const [best, worst] = [fastest(layer.entries), slowest(layer.entries)];
      const by = best && worst && speedup(worst.cold, best.cold);
      return gainOf(
        by,
        `${layer.name}, ${best?.layout} ${best?.method} over ${worst?.layout} ${worst?.method}`,
      );
    }),
  );
  const chart = barChart({
    id: 'convolution-methods',
    title: 'Convolutions by each method',
    description:
      'For each layer the best layout of each method, by how much it is faster than the slowest way of all.',
    unit: 'times as fast as the slowest way (logarithmic)',
    log: true,
    series: methods,
    groups: layers.map((layer) => ({
      label: layer.name,
      values: methods.map((method) =>
        speedup(slowest(layer.entries)?.cold ?? [], entryOf(layer, method)?.cold ?? []),
      ),
    })),
    format: ratioText,
  });
  const sentence = `No method wins everywhere: the fastest is ${wins.join(', ')} of ${layers.length}. From the slowest way to the fastest it is up to ${gainText(top)}.`;
  return figure(
    chart,
    winners.length > 1 && wins.length > 1
      ? sentence
      : `From the slowest way to the fastest it is up to ${gainText(top)}.`,
    command,
  );
}

/** Curves over batch sizes and over channels, with the thresholds that are read from both. */
function sweepFigures({ batches, channels, sweepShape }: ConvolutionResults, command: string): Markup[] {
  const samples = thresholdSamples([...batches, ...channels]);
  if (samples.length === 0) return [h('p', 'The sweeps could not be measured in both layouts.')];
  const thresholds = thresholdsFrom(samples);
  const fixedC = batches.at(0)?.c;
  const fixedN = channels.at(0)?.n;
  return [
    h('h3', 'Thresholds of the layout rule'),
    h(
      'p',
      `The paper’s rule takes CHWN where C < Ct or N ≥ Nt, else NCHW. Here ${thresholdText(thresholds)}, read from ${samples.length} points of ${sweepShape}. The paper found (32, 128) on a GTX Titan Black and (128, 64) on a Titan X, with other kernels.`,
    ),
    sweepFigure(batches, {
      id: 'sweep-batches',
      title: `Batch sizes at ${fixedC} channels`,
      xLabel: 'batch size N',
      sizeOf: ({ n }) => n,
      mark: markOf(
        thresholds.batch,
        batches.map(({ n }) => n),
        'Nt',
      ),
      command,
    }),
    sweepFigure(channels, {
      id: 'sweep-channels',
      title: `Channels at a batch of ${fixedN}`,
      xLabel: 'input channels C',
      sizeOf: ({ c }) => c,
      mark: markOf(
        thresholds.channels,
        channels.map(({ c }) => c),
        'Ct',
      ),
      command,
    }),
  ];
}

function thresholdText({ channels, batch }: Thresholds): string {
  const [ct, nt] = [channels, batch].map((value) => (value === UNREACHED ? 'none' : String(value)));
  return `(Ct, Nt) = (${ct}, ${nt})`;
}

function markOf(
  value: number,
  sizes: readonly number[],
  name: string,
): { readonly x: number; readonly label: string } | undefined {
  return sizes.includes(value) ? { x: value, label: `${name} = ${value}` } : undefined;
}

interface SweepFigure {
  readonly id: string;
  readonly title: string;
  readonly xLabel: string;
  readonly sizeOf: (point: SweepPoint) => number;
  readonly mark: { readonly x: number; readonly label: string } | undefined;
  readonly command: string;
}

function sweepFigure(points: readonly SweepPoint[], options: SweepFigure): Markup {
  const { id, title, xLabel, sizeOf, mark, command } = options;
  const layouts = distinct(points.flatMap(({ entries }) => entries.map(({ layout }) => layout)));
  const ordered = [...points].sort((a, b) => sizeOf(a) - sizeOf(b));
  const crossed = crossings(
    ordered.flatMap((point) => {
      const [sample] = thresholdSamples([point]);
      return sample ? [{ x: sizeOf(point), a: sample.nchw, b: sample.chwn }] : [];
    }),
  );
  const chart = lineChart({
    id,
    title,
    description: `Time of the convolution in each layout over ${xLabel}, with bands from quartile to quartile.`,
    unit: 'µs, cold cache (logarithmic)',
    log: true,
    xLabel,
    series: layouts.map((name) => ({
      name,
      points: ordered.flatMap((point) => {
        const spread = timeOf(point.entries.find(({ layout }) => layout === name)?.cold ?? []);
        if (!spread) return [];
        const { low, median, high } = spread;
        return [{ x: sizeOf(point), value: { low: low / 1e3, median: median / 1e3, high: high / 1e3 } }];
      }),
    })),
    marks: mark ? [mark] : [],
    format: ({ low, median, high }) => timeText({ low: low * 1e3, median: median * 1e3, high: high * 1e3 }),
  });
  const sentence =
    crossed.length === 0
      ? `${title}: the curves of NCHW and CHWN do not cross.`
      : `${title}: the curves of NCHW and CHWN cross at ${crossed.map(ratio).join(', ')} (between measured points, by their medians).`;
  return figure(chart, sentence, command);
}
