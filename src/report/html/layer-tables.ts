/** Tables of layers: every way to compute each, with times, rates and errors. */
import { fastest, rateOf, speedup, timeOf, type Entry, type LayerResult } from '../../study/index.js';
import type { Roofs } from '../../tune/profile/profile.js';
import { folded, h, htmlTable, type Content, type Markup } from './markup.js';
import { errorText, rateText, ratioText, scaled, shareText, timeText } from './quantities.js';

/** Which entry of a layer the others are compared with. */
export interface Baseline {
  /** `Caffe's kernel`. */
  readonly name: string;
  readonly of: (layer: LayerResult) => Entry | undefined;
}

/** All entries of every layer, a folded table each. */
export function layerTables(layers: readonly LayerResult[], baseline: Baseline, roofs: Roofs): Markup[] {
  return layers.map((layer) =>
    folded(`${layer.name}: ${layer.shape}`, entryTable(layer, baseline, roofs), ...refusals(layer)),
  );
}

function entryTable(layer: LayerResult, baseline: Baseline, roofs: Roofs): Markup {
  const base = baseline.of(layer);
  const byTime = [...layer.entries].sort((a, b) => medianOf(a) - medianOf(b));
  return htmlTable(
    [
      { title: 'layout' },
      { title: 'method' },
      { title: 'kernel' },
      { title: 'launches', number: true },
      { title: 'cold cache', number: true },
      { title: 'warm cache', number: true },
      { title: `faster than ${baseline.name}`, number: true },
      { title: 'arithmetic', number: true },
      { title: 'ideal bytes', number: true },
      { title: 'of the copy roof', number: true },
      { title: 'error', number: true },
    ],
    byTime.map((entry) => entryRow(entry, layer, base, roofs)),
  );
}

function medianOf({ cold }: Entry): number {
  return timeOf(cold)?.median ?? Infinity;
}

function entryRow(entry: Entry, layer: LayerResult, base: Entry | undefined, roofs: Roofs): Content[] {
  const { layout, method, kernel, launches, cold, warm, error, failure } = entry;
  const bandwidth = rateOf(layer.bytes, cold);
  return [
    layout,
    method,
    h('code', kernel),
    String(launches),
    failure ?? timeText(timeOf(cold)),
    timeText(timeOf(warm)),
    ratioText(base && speedup(base.cold, cold)),
    layer.flops > 0 ? rateText(rateOf(layer.flops, cold), 'FLOP/s') : '',
    rateText(bandwidth, 'B/s'),
    shareText(bandwidth && scaled(bandwidth, 1 / roofs.copy.median)),
    errorText(error),
  ];
}

function refusals({ refused }: LayerResult): Markup[] {
  if (refused.length === 0) return [];
  return [
    h('p', `Not possible here: ${refused.map(({ method, reason }) => `${method} (${reason})`).join('; ')}.`),
  ];
}

/** A line for each layer: its fastest way, and what that gains. */
export function summaryTable(layers: readonly LayerResult[], baselines: readonly Baseline[]): Markup {
  return htmlTable(
    [
      { title: 'layer' },
      { title: 'sizes' },
      { title: 'fastest' },
      { title: 'cold cache', number: true },
      ...baselines.map(({ name }) => ({ title: `faster than ${name}`, number: true })),
      { title: 'ideal bytes', number: true },
    ],
    layers.map((layer) => {
      const best = fastest(layer.entries);
      return [
        layer.name,
        layer.shape,
        best ? `${best.layout} ${best.method}` : 'nothing ran',
        timeText(best && timeOf(best.cold)),
        ...baselines.map(({ of }) => ratioText(best && speedup(of(layer)?.cold ?? [], best.cold))),
        rateText(best && rateOf(layer.bytes, best.cold), 'B/s'),
      ];
    }),
  );
}

/** The entry of a method, in a layout where one is named; the fastest of several. */
export function entryOf({ entries }: LayerResult, method: string, layout?: string): Entry | undefined {
  return fastest(
    entries.filter((entry) => entry.method === method && (layout === undefined || entry.layout === layout)),
  );
}

/** The fastest entry in a layout. */
export function fastestIn({ entries }: LayerResult, layout: string): Entry | undefined {
  return fastest(entries.filter((entry) => entry.layout === layout));
}

/** Values that occur, each once, in the order in which they come. */
export function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
