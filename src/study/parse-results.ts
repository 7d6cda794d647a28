/** Reads `results.json`, value by value: what it says is checked before anything is drawn from it. */
import { PRECISIONS } from '../candidates/precision.js';
import type { GpuIdentity } from '../devices/gpu.js';
import { POLICY_NAMES } from '../plan/policies/index.js';
import type { Roofs } from '../tune/profile/profile.js';
import { identityOf } from '../tune/profile/parse-profile.js';
import { parseJson, type JsonValue } from '../tune/store/json-value.js';
import type { Spread } from '../tune/timing/measure.js';
import {
  STUDY_FORMAT,
  STUDY_VERSION,
  type ClimbResult,
  type ConvolutionResults,
  type Entry,
  type LayerResult,
  type MemoryResult,
  type NetworkResult,
  type PoolingResults,
  type StudyResults,
  type SweepPoint,
} from './results.js';

/** What one file may hold: studies have hundreds of entries, not millions. */
const MOST = 10_000;
const MOST_SAMPLES = 1000;

/**
 * Results of a study from the text of a file.
 * @param source the file, for messages
 * @throws PlanError naming the file, the place in it and the remedy
 */
export function parseResults(text: string, source: string): StudyResults {
  const remedy = 'Give a results.json that `lanewise study` of this version wrote.';
  const value = parseJson(text, { source, remedy });
  value.field('format').oneOf([STUDY_FORMAT]);
  value.field('version').oneOf([STUDY_VERSION]);
  const device = value.field('device');
  return {
    format: STUDY_FORMAT,
    version: STUDY_VERSION,
    started: value
      .field('started')
      .matching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/, 'a time such as 2026-11-23T17:45:00Z'),
    seconds: value.field('seconds').number({ least: 0 }),
    command: value.field('command').text(),
    versions: Object.fromEntries(
      value
        .field('versions')
        .fields(100)
        .map(([name, version]) => [name, version.text()]),
    ),
    device: {
      description: device.field('description').text(),
      software: booleanOf(device.field('software')),
      identity: identity(device.field('identity')),
    },
    dtype: value.field('dtype').oneOf(PRECISIONS),
    quick: booleanOf(value.field('quick')),
    roofs: roofsOf(value.field('roofs')),
    convolution: orNull(value.field('convolution'), convolutionOf),
    transforms: orNull(value.field('transforms'), (list) => listOf(list, layerOf)),
    pooling: orNull(value.field('pooling'), poolingOf),
    softmax: orNull(value.field('softmax'), (list) => listOf(list, layerOf)),
    networks: orNull(value.field('networks'), (list) => listOf(list, networkOf)),
    memory: orNull(value.field('memory'), (list) => listOf(list, memoryOf)),
  };
}

function identity(value: JsonValue): GpuIdentity {
  return identityOf(value);
}

function orNull<T>(value: JsonValue, read: (value: JsonValue) => T): T | null {
  return value.raw === null ? null : read(value);
}

function listOf<T>(value: JsonValue, read: (value: JsonValue) => T): T[] {
  return value.items({ most: MOST }).map(read);
}

function booleanOf(value: JsonValue): boolean {
  if (typeof value.raw !== 'boolean') throw value.unlike('true or false');
  return value.raw;
}

/** Times: above zero, or charts on logarithms would have no place for them. */
function samplesOf(value: JsonValue): number[] {
  return value.items({ most: MOST_SAMPLES }).map((sample) => sample.positive());
}

function spreadOf(value: JsonValue): Spread {
  const [median, low, high] = ['median', 'low', 'high'].map((name) => value.field(name).number({ least: 0 }));
  return { median, low, high };
}

function roofsOf(value: JsonValue): Roofs {
  return {
    copy: spreadOf(value.field('copy')),
    cachedCopy: spreadOf(value.field('cachedCopy')),
    cacheBytes: value.field('cacheBytes').number({ least: 0 }),
    f32: spreadOf(value.field('f32')),
    f16: orNull(value.field('f16'), spreadOf),
    launch: spreadOf(value.field('launch')),
    saturation: value.field('saturation').number({ least: 0 }),
  };
}

function convolutionOf(value: JsonValue): ConvolutionResults {
  return {
    layers: listOf(value.field('layers'), layerOf),
    sweepShape: value.field('sweepShape').text(),
    batches: listOf(value.field('batches'), sweepPointOf),
    channels: listOf(value.field('channels'), sweepPointOf),
  };
}

function sweepPointOf(value: JsonValue): SweepPoint {
  return {
    n: value.field('n').integer({ least: 1 }),
    c: value.field('c').integer({ least: 1 }),
    entries: listOf(value.field('entries'), entryOf),
  };
}

function layerOf(value: JsonValue): LayerResult {
  return {
    name: value.field('name').text(),
    shape: value.field('shape').text(),
    flops: value.field('flops').number({ least: 0 }),
    bytes: value.field('bytes').number({ least: 0 }),
    entries: listOf(value.field('entries'), entryOf),
    refused: listOf(value.field('refused'), (one) => ({
      method: one.field('method').text(),
      reason: one.field('reason').text(),
    })),
  };
}

function entryOf(value: JsonValue): Entry {
  return {
    kernel: value.field('kernel').text(),
    method: value.field('method').text(),
    layout: value.field('layout').text(),
    launches: value.field('launches').integer({ least: 0 }),
    cold: samplesOf(value.field('cold')),
    warm: samplesOf(value.field('warm')),
    error: orNull(value.field('error'), (error) => error.number({ least: 0 })),
    failure: orNull(value.field('failure'), (failure) => failure.text()),
  };
}

function poolingOf(value: JsonValue): PoolingResults {
  return {
    layers: listOf(value.field('layers'), layerOf),
    climbs: listOf(value.field('climbs'), climbOf),
  };
}

function climbOf(value: JsonValue): ClimbResult {
  const sizes = (name: string): number[] => listOf(value.field(name), (size) => size.integer({ least: 1 }));
  const [rows, columns] = [sizes('rows'), sizes('columns')];
  const points = listOf(value.field('points'), (point) => ({
    row: point.field('row').integer({ least: 0, most: rows.length - 1 }),
    column: point.field('column').integer({ least: 0, most: columns.length - 1 }),
    samples: samplesOf(point.field('samples')),
  }));
  return {
    layer: value.field('layer').text(),
    layout: value.field('layout').text(),
    rows,
    columns,
    points,
    path: listOf(value.field('path'), (index) => index.integer({ least: 0, most: points.length - 1 })),
  };
}

function networkOf(value: JsonValue): NetworkResult {
  return {
    name: value.field('name').text(),
    batch: value.field('batch').integer({ least: 1 }),
    policies: listOf(value.field('policies'), (policy) => ({
      policy: policy.field('policy').oneOf(POLICY_NAMES),
      samples: samplesOf(policy.field('samples')),
      predicted: policy.field('predicted').number({ least: 0 }),
      proved: booleanOf(policy.field('proved')),
      error: policy.field('error').number({ least: 0 }),
      kinds: Object.fromEntries(
        policy
          .field('kinds')
          .fields(100)
          .map(([kind, samples]) => [kind, samplesOf(samples)]),
      ),
      transforms: policy.field('transforms').integer({ least: 0 }),
    })),
    failures: listOf(value.field('failures'), (failure) => failure.text()),
  };
}

function memoryOf(value: JsonValue): MemoryResult {
  return {
    name: value.field('name').text(),
    batch: value.field('batch').integer({ least: 1 }),
    policies: listOf(value.field('policies'), (policy) => {
      const bytes = (name: string): number => policy.field(name).number({ least: 0 });
      return {
        policy: policy.field('policy').oneOf(POLICY_NAMES),
        arenaBytes: bytes('arenaBytes'),
        liveBytes: bytes('liveBytes'),
        constantBytes: bytes('constantBytes'),
        movedBytes: bytes('movedBytes'),
        idealBytes: bytes('idealBytes'),
      };
    }),
  };
}
