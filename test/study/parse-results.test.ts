/** Files of results: what was written is read back, what is broken is refused with its place and a remedy. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PlanError } from '../../src/errors.js';
import { parsePeers, uniteResults, parseResults } from '../../src/study/index.js';
import { PEERS, PEER_LAYERS, SAMPLE } from './sample-results.js';

const TEXT = JSON.stringify(SAMPLE);

type Path = readonly (string | number)[];

/** Paths of all values in a document. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([name, item]) => pathsOf(item, [...path, name]))];
}

/** A copy with another value at a path. */
function withValue(document: unknown, [first, ...rest]: Path, value: unknown): unknown {
  if (first === undefined) return value;
  if (Array.isArray(document)) {
    return document.map((item: unknown, i) => (String(i) === first ? withValue(item, rest, value) : item));
  }
  return Object.fromEntries(
    Object.entries(document as object).map(([name, item]) => [
      name,
      name === first ? withValue(item, rest, value) : (item as unknown),
    ]),
  );
}

/** What is said of a text that is refused; undefined where it is read. @throws whatever is no PlanError */
function refusalOf(text: string): string | undefined {
  try {
    parseResults(text, 'r.json');
    return undefined;
  } catch (error) {
    if (error instanceof PlanError) return error.message;
    throw error;
  }
}

describe('results', () => {
  it('are read back as they were written', () => {
    expect(parseResults(TEXT, 'results.json')).toEqual(SAMPLE);
  });

  it('of some experiments have null for the others', () => {
    const some = { ...SAMPLE, convolution: null, networks: null };
    expect(parseResults(JSON.stringify(some), 'r')).toEqual(some);
  });

  it.each([
    ['no JSON', '{', /^r\.json: this is not JSON .*results\.json that `lanewise study`/],
    ['another document', '{"format":"x"}', /^r\.json, format: "x" stands where "lanewise-study" is expected/],
    ['a newer version', TEXT.replace('"version":1', '"version":2'), /^r\.json, version: 2 stands where 1/],
    [
      'a sample below zero',
      TEXT.replace(/"cold":\[[\d.]+/, '"cold":[-1'),
      /convolution\.layers\[0\]\.entries\[0\]\.cold\[0\]: -1 stands where a number above zero/,
    ],
    [
      'a path to nowhere',
      TEXT.replace('"path":[0,1,2]', '"path":[0,1,9]'),
      /pooling\.climbs\[0\]\.path\[2\]: 9 stands where a number of at most 3/,
    ],
    [
      'a policy that is none',
      TEXT.replace('"policy":"chwn"', '"policy":"best"'),
      /"best" stands where "optimal"/,
    ],
  ])('refuses %s', (_, text, message) => {
    expect(text).not.toBe(TEXT);
    expect(() => parseResults(text, 'r.json')).toThrow(message);
    expect(() => parseResults(text, 'r.json')).toThrow(PlanError);
  });

  it('whatever value is another, is read or refused by file and remedy', () => {
    const paths = pathsOf(SAMPLE);
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom(null, -1, 1e300, '', [], {}, true));
    fc.assert(
      fc.property(fc.constantFrom(...paths), value, (path, other) => {
        const said = refusalOf(JSON.stringify(withValue(SAMPLE, path, other)));
        expect(said ?? 'r.json: x. Give a results.json').toMatch(/^r\.json.*\. Give a results\.json/s);
      }),
      { numRuns: 300 },
    );
  });
});

describe('peers', () => {
  it('are read from what the benchmark writes', () => {
    const { networks, versions } = parsePeers(JSON.stringify(PEERS), 'p');
    expect(versions).toEqual(PEERS.versions);
    expect(networks.map(({ name, failure }) => [name, failure])).toEqual([
      ['lenet', null],
      ['vgg16', 'its process ended with code 1'],
    ]);
    const [ours, ort, tfjs] = networks[0].entries;
    expect(ours).toMatchObject({ engine: 'Lanewise', error: null, deviation: 1e-7 });
    expect(ort.samples).toHaveLength(5);
    expect(tfjs).toMatchObject({ samples: [], error: 'its answers are wrong', deviation: null });
  });

  it('have layers, in a file of their own, which is taken with that of the networks', () => {
    const layers = parsePeers(JSON.stringify(PEER_LAYERS), 'l');
    expect(layers.networks).toEqual([]);
    expect(layers.layers.map(({ kind, name, entries }) => [kind, name, entries.length])).toEqual([
      ['pool', 'PL5', 3],
      ['conv', 'CV1', 0],
    ]);
    expect(layers.layers[0].entries[2]).toMatchObject({ samples: [], error: 'no memory', deviation: null });
    const other = { ...layers, versions: { torch: '2.12.0' }, layers: [] };
    const both = uniteResults([parsePeers(JSON.stringify(PEERS), 'p'), layers, other]);
    expect(both?.networks).toHaveLength(2);
    expect(both?.layers).toHaveLength(2);
    expect(both?.versions).toMatchObject({ webgpu: '0.6.2', torch: '2.11.0 and 2.12.0' });
    expect(uniteResults([])).toBeUndefined();
  });

  it('refuse layers that cannot be', () => {
    const broken = JSON.stringify(PEER_LAYERS).replace('"bytes":5000000', '"bytes":0');
    expect(() => parsePeers(broken, 'l.json')).toThrow(
      'l.json, layers[1].bytes: 0 stands where a number above zero is expected.',
    );
  });

  it('are refused with the place', () => {
    const broken = JSON.stringify(PEERS).replace('"batch":32', '"batch":"many"');
    expect(() => parsePeers(broken, 'p.json')).toThrow(
      'p.json, reports[1].batch: "many" stands where a finite number is expected. Give a file that',
    );
  });
});
