/** Reads what `bench/peers/run.js --json` writes: networks and layers through other engines, in the same run as Lanewise. */
import { parseJson, type JsonValue } from '../tune/store/json-value.js';

/** Microseconds, as the file has them. */
export interface PeerEntry {
  readonly engine: string;
  readonly setting: string;
  readonly dtype: string;
  readonly samples: readonly number[];
  /** Relative error of its answers; null where there were none. */
  readonly deviation: number | null;
  /** Why it was not timed; null where it was. */
  readonly error: string | null;
}

export interface PeerNetwork {
  readonly name: string;
  readonly batch: number;
  readonly description: string;
  readonly entries: readonly PeerEntry[];
  /** Why nothing of it was timed. */
  readonly failure: string | null;
}

/** A layer of the paper, its kernels and other engines in turn with cold caches. */
export interface PeerLayer {
  /** `conv`, `pool`, `softmax` or `transform`. */
  readonly kind: string;
  readonly name: string;
  readonly shape: string;
  readonly dtype: string;
  readonly flops: number;
  /** Ideal bytes. */
  readonly bytes: number;
  /** Bytes per second of a copy in the same rounds. */
  readonly copy: readonly number[];
  readonly entries: readonly PeerEntry[];
}

export interface PeerResults {
  /** Packages and their versions. */
  readonly versions: Readonly<Record<string, string>>;
  readonly networks: readonly PeerNetwork[];
  readonly layers: readonly PeerLayer[];
}

const MOST = 1000;

/**
 * @param source the file, for messages
 * @throws PlanError naming the file, the place in it and the remedy
 */
export function parsePeers(text: string, source: string): PeerResults {
  const value = parseJson(text, {
    source,
    remedy: 'Give a file that `npm run bench:peers -- --json` wrote.',
  });
  return {
    versions: Object.fromEntries(
      value
        .field('versions')
        .fields(100)
        .map(([name, version]) => [name, version.text()]),
    ),
    networks: listOf(value.field('reports'), networkOf),
    layers: listOf(value.field('layers'), layerOf),
  };
}

/** Several files as one: networks and layers are measured apart. Undefined of none. */
export function uniteResults(results: readonly PeerResults[]): PeerResults | undefined {
  if (results.length === 0) return undefined;
  const versions: Record<string, string> = {};
  for (const [name, version] of results.flatMap((one) => Object.entries(one.versions))) {
    const known = versions[name];
    // Files of several days may name several.
    versions[name] = known === undefined || known === version ? version : `${known} and ${version}`;
  }
  return {
    versions,
    networks: results.flatMap(({ networks }) => networks),
    layers: results.flatMap(({ layers }) => layers),
  };
}

/** A list's items; none where it is left out. */
function listOf<T>(value: JsonValue, read: (value: JsonValue) => T): T[] {
  return optional(value, (list) => list.items({ most: MOST }).map(read)) ?? [];
}

function networkOf(value: JsonValue): PeerNetwork {
  const [description, entries] = ['description', 'entries'].map((name) => value.field(name));
  return {
    name: value.field('name').text(),
    batch: value.field('batch').integer({ least: 1 }),
    description: optional(description, (one) => one.text()) ?? '',
    entries: optional(entries, (list) => list.items({ most: MOST }).map(entryOf)) ?? [],
    failure: optional(value.field('failure'), (one) => one.text()),
  };
}

function layerOf(value: JsonValue): PeerLayer {
  return {
    kind: value.field('kind').text(),
    name: value.field('name').text(),
    shape: value.field('shape').text(),
    dtype: value.field('dtype').text(),
    flops: value.field('flops').number({ least: 0 }),
    bytes: value.field('bytes').positive(),
    copy: listOf(value.field('copy'), (sample) => sample.positive()),
    entries: value.field('entries').items({ most: MOST }).map(entryOf),
  };
}

function entryOf(value: JsonValue): PeerEntry {
  const error = optional(value.field('error'), (one) => one.text());
  const samples = optional(value.field('samples'), (list) =>
    list.items({ most: MOST }).map((sample) => sample.positive()),
  );
  return {
    engine: value.field('engine').text(),
    setting: value.field('setting').text(),
    dtype: value.field('dtype').text(),
    // What failed in the middle of its rounds has samples that do not count.
    samples: error === null ? (samples ?? []) : [],
    deviation: optional(value.field('deviation'), (one) => one.number({ least: 0 })),
    error,
  };
}

/** The value, or null where it is left out or null. */
function optional<T>(value: JsonValue, read: (value: JsonValue) => T): T | null {
  return value.raw === undefined || value.raw === null ? null : read(value);
}
