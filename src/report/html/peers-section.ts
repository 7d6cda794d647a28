/** What the report says of other engines. */
import { speedup, timeOf, type PeerEntry, type PeerNetwork, type PeerResults } from '../../study/index.js';
import { barChart } from '../charts/index.js';
import { countText, gainOf, gainText, largest } from './gains.js';
import { distinct } from './layer-tables.js';
import { figure, h, htmlTable, type Content, type Markup } from './markup.js';
import { OURS, best, peerLayersPart } from './peer-layers.js';
import { errorText, ratioText, scaled, timeText } from './quantities.js';

export function peersSection({ versions, networks, layers }: PeerResults): Markup[] {
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    h(
      'p',
      `All engines in turn on one device, their answers compared first: on WebGPU by the wall clock, on CUDA by events around the runs. Versions: ${list.join(', ')}.`,
    ),
    ...(networks.length > 0 ? networksPart(networks) : []),
    ...(layers.length > 0 ? peerLayersPart(layers) : []),
  ];
}

function networksPart(networks: readonly PeerNetwork[]): Markup[] {
  return [
    peersFigure(networks),
    ...networks.flatMap(({ name, batch, failure }) =>
      failure === null ? [] : [h('p', `${name} x${batch}: ${failure}.`)],
    ),
    peersTable(networks),
  ];
}

/** Lanewise, or another engine, in a precision. */
function nameOf({ engine, dtype }: PeerEntry): string {
  return `${engine} ${dtype}`;
}

/** The fastest setting of an engine in a precision. */
function entryOf({ entries }: PeerNetwork, name: string): PeerEntry | undefined {
  return best(entries.filter((entry) => nameOf(entry) === name));
}

function fastestPeer({ entries }: PeerNetwork): PeerEntry | undefined {
  return best(entries.filter(({ engine }) => engine !== OURS));
}

function peersFigure(networks: readonly PeerNetwork[]): Markup {
  const entries = networks.flatMap((network) => network.entries);
  const names = distinct(entries.map(nameOf));
  const chart = barChart({
    id: 'peers',
    title: 'Whole networks beside other engines',
    description:
      'For each network how much faster each engine is than the fastest engine that is not Lanewise.',
    unit: 'times as fast as the fastest peer (logarithmic)',
    log: true,
    series: names,
    groups: networks.map((network) => ({
      label: `${network.name} x${network.batch}`,
      values: names.map((name) =>
        speedup(fastestPeer(network)?.samples ?? [], entryOf(network, name)?.samples ?? []),
      ),
    })),
    level: { value: 1, label: 'fastest peer' },
    format: ratioText,
  });
  const gains = networks.flatMap((network) => {
    const [ours, peer] = [
      best(network.entries.filter(({ engine }) => engine === OURS)),
      fastestPeer(network),
    ];
    const by = ours && peer && speedup(peer.samples, ours.samples);
    const where = `${network.name} x${network.batch}, ${ours?.dtype} over ${peer?.engine} ${peer?.dtype}`;
    return by ? [gainOf(by, where)] : [];
  });
  const won = gains.filter((gain) => gain && gain.by.low > 1).length;
  const sentence = `Lanewise, in its fastest precision, is faster than the fastest other engine on ${countText(won, gains.length, 'network')}, by up to ${gainText(largest(gains))}.`;
  return figure(chart, sentence, 'npm run bench:peers -- --json peers.json');
}

function peersTable(networks: readonly PeerNetwork[]): Markup {
  return htmlTable(
    [
      { title: 'network' },
      { title: 'engine' },
      { title: 'setting' },
      { title: 'dtype' },
      { title: 'a run', number: true },
      { title: 'Lanewise is faster', number: true },
      { title: 'error', number: true },
    ],
    networks.flatMap((network) => {
      const ours = (dtype: string): PeerEntry | undefined =>
        best(network.entries.filter((entry) => entry.engine === OURS && entry.dtype === dtype));
      return network.entries.map(({ engine, setting, dtype, samples, deviation, error }): Content[] => {
        const time = timeOf(samples);
        const own = ours(dtype);
        return [
          `${network.name} x${network.batch}`,
          engine,
          setting,
          dtype,
          error === null ? timeText(time && scaled(time, 1e3)) : `not timed: ${error}`,
          engine === OURS ? '' : ratioText(own && speedup(samples, own.samples)),
          errorText(deviation),
        ];
      });
    }),
  );
}
