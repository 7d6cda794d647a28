/** Reads what `bench/peers/run.js --json` writes: networks through other engines, in the same run as Lanewise. */
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

export interface PeerResults {
  /** Packages and their versions. */
  readonly versions: Readonly<Record<string, string>>;
  readonly networks: readonly PeerNetwork[];
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
    networks: value.field('reports').items({ most: MOST }).map(networkOf),
  };
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
