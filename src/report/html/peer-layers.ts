/** What the report says of single layers in other engines. */
import { rateOf, speedup, timeOf, type PeerEntry, type PeerLayer } from '../../study/index.js';
import { spreadOf, type Spread } from '../../tune/timing/measure.js';
import { barChart } from '../charts/index.js';
import { countText, gainOf, gainText, largest } from './gains.js';
import { distinct } from './layer-tables.js';
import { figure, folded, h, htmlTable, type Content, type Markup } from './markup.js';
import { NOTHING, errorText, ratioText, scaled, shareText, timeText } from './quantities.js';

/** How entries of this project are named. */
export const OURS = 'Lanewise';

/** The fastest of the entries, whatever their settings. */
export function best(entries: readonly PeerEntry[]): PeerEntry | undefined {
  return entries
    .filter(({ samples }) => samples.length > 0)
    .reduce<PeerEntry | undefined>((first, entry) => {
      const [a, b] = [first, entry].map((one) => timeOf(one?.samples ?? [])?.median ?? Infinity);
      return first && a <= b ? first : entry;
    }, undefined);
}

export function peerLayersPart(layers: readonly PeerLayer[]): Markup[] {
  return [
    h('h3', 'Layers'),
    layersFigure(layers),
    layersTable(layers),
    ...layers.map((layer) =>
      folded(`${layer.kind} ${layer.name}, ${layer.dtype}: ${layer.shape}`, entriesTable(layer)),
    ),
  ];
}

function sides({ entries }: PeerLayer): { readonly ours?: PeerEntry; readonly peer?: PeerEntry } {
  const ours = best(entries.filter(({ engine }) => engine === OURS));
  const peer = best(entries.filter(({ engine }) => engine !== OURS));
  return { ...(ours && { ours }), ...(peer && { peer }) };
}

/** How much faster the fastest kernel here is than the fastest other engine. */
function gain(layer: PeerLayer): Spread | undefined {
  const { ours, peer } = sides(layer);
  return ours && peer && speedup(peer.samples, ours.samples);
}

function layersFigure(layers: readonly PeerLayer[]): Markup {
  const names = distinct(layers.map(nameOf));
  const dtypes = distinct(layers.map(({ dtype }) => dtype));
  const chart = barChart({
    id: 'peer-layers',
    title: 'Layers beside other engines, cold caches',
    description:
      'For each layer and precision how much faster the fastest kernel here is than the fastest other engine.',
    unit: 'times as fast as the fastest other engine (logarithmic)',
    log: true,
    series: dtypes,
    groups: names.map((name) => ({
      label: name,
      values: dtypes.map((dtype) => {
        const layer = layers.find((one) => nameOf(one) === name && one.dtype === dtype);
        return layer && gain(layer);
      }),
    })),
    level: { value: 1, label: 'fastest other engine' },
    format: ratioText,
  });
  const gains = layers.flatMap((layer) => {
    const by = gain(layer);
    return by ? [gainOf(by, `${nameOf(layer)} in ${layer.dtype}`)] : [];
  });
  const won = gains.filter((one) => one && one.by.low > 1).length;
  const sentence = `With cold caches Lanewise is faster than the fastest other engine on ${countText(won, gains.length, 'layer')}, by up to ${gainText(largest(gains))}.`;
  return figure(chart, sentence, 'npm run bench:peers -- --device cuda --layers --json peers.json');
}

function nameOf({ kind, name }: PeerLayer): string {
  return `${kind} ${name}`;
}

/** A line per layer and precision: the fastest of both sides. */
function layersTable(layers: readonly PeerLayer[]): Markup {
  return htmlTable(
    [
      { title: 'layer' },
      { title: 'dtype' },
      { title: OURS, number: true },
      { title: 'of the copy roof', number: true },
      { title: 'fastest other', number: true },
      { title: 'Lanewise is faster', number: true },
      { title: 'by' },
    ],
    layers.map((layer): Content[] => {
      const { ours, peer } = sides(layer);
      return [
        nameOf(layer),
        layer.dtype,
        microseconds(ours),
        roofShare(layer, ours),
        microseconds(peer),
        ratioText(gain(layer)),
        [ours?.setting, peer && `${peer.engine} ${peer.setting}`].map((one) => one ?? NOTHING).join(' over '),
      ];
    }),
  );
}

/** Everything that was tried on a layer. */
function entriesTable(layer: PeerLayer): Markup {
  const { ours } = sides(layer);
  return htmlTable(
    [
      { title: 'engine' },
      { title: 'setting' },
      { title: 'cold cache', number: true },
      { title: 'of the copy roof', number: true },
      { title: 'Lanewise is faster', number: true },
      { title: 'error', number: true },
    ],
    layer.entries.map((entry): Content[] => [
      entry.engine,
      entry.setting,
      entry.error === null ? microseconds(entry) : `not timed: ${entry.error}`,
      roofShare(layer, entry),
      entry.engine === OURS ? '' : ratioText(ours && speedup(entry.samples, ours.samples)),
      errorText(entry.deviation),
    ]),
  );
}

function microseconds(entry: PeerEntry | undefined): string {
  const time = timeOf(entry?.samples ?? []);
  return timeText(time && scaled(time, 1e3));
}

function roofShare({ bytes, copy }: PeerLayer, entry: PeerEntry | undefined): string {
  const rate = rateOf(
    bytes,
    (entry?.samples ?? []).map((sample) => sample * 1e3),
  );
  if (!rate || copy.length === 0) return NOTHING;
  return shareText(scaled(rate, 1 / spreadOf(copy).median));
}
