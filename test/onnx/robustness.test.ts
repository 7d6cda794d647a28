/* oxlint-disable vitest/expect-expect -- the assertions are in judge */
/**
 * Damaged models are refused by an error of ours or they work; nothing else happens, and soon. At least 5,000 damaged
 * files in all, the same in every run.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Limits } from '../../src/graph/index.js';
import { attempt } from './attempt.js';
import { mutateBytes, mutateMessages, structuralOffsets } from './mutations.js';
import { smallModels } from './small-models.js';

const SEED = 20_261_123;

/** What one damaged file may take, on a slow core under load: more means that something hangs. */
const MAX_MILLISECONDS = 2000;

/** What the process may grow by over all of this file; the limits below allow 16 MiB for a model at a time. */
const MAX_GROWTH_BYTES = 600e6;

const SMALL_LIMITS: Partial<Limits> = { maxTensorBytes: 2 ** 22, maxTotalBytes: 2 ** 24, maxNodes: 2000 };

interface Target {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Offsets at which bytes are damaged. */
  readonly offsets: readonly number[];
  readonly limits: Partial<Limits>;
}

function targetOf(name: string, bytes: Uint8Array, limits: Partial<Limits>): Target {
  return { name, bytes, offsets: structuralOffsets(bytes), limits };
}

async function read(name: string, path: URL, limits: Partial<Limits>): Promise<Target> {
  return targetOf(name, new Uint8Array(await readFile(path)), limits);
}

const SMALL = smallModels().map(({ name, bytes }) => targetOf(name, bytes, SMALL_LIMITS));

/** Real models that are not in the repository. The light ones have fills for weights, larger than the small limits. */
const SHARED = ['mnist/model', 'light/squeezenet', 'light/bvlc_alexnet', 'light/resnet50'].map((name) => ({
  name,
  path: new URL(`../../../shared/models/${name}.onnx`, import.meta.url),
  limits: name.startsWith('light') ? {} : SMALL_LIMITS,
}));

let damaged = 0;
let slowest = { name: '', milliseconds: 0 };
const outcomes = new Map<string, number>();
const memoryBefore = process.memoryUsage().rss;

async function judge(target: Target, bytes: Uint8Array): Promise<void> {
  const start = performance.now();
  const result = await attempt(bytes, target.limits);
  const milliseconds = performance.now() - start;
  damaged++;
  if (milliseconds > slowest.milliseconds) slowest = { name: target.name, milliseconds };
  const outcome = result.kind === 'refused' ? result.error.name : result.kind;
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  if (result.kind === 'fault') throw new Error(`${target.name}: ${result.what}`);
  if (milliseconds > MAX_MILLISECONDS) throw new Error(`${target.name}: took ${milliseconds} ms`);
}

/** One to three changes; each is a list of numbers that it draws its choices from. */
const changes = fc.array(fc.array(fc.nat(), { minLength: 4, maxLength: 8 }), { minLength: 1, maxLength: 3 });

async function damageMessages(targets: readonly Target[], numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...targets), changes, (target, drawn) =>
      judge(target, mutateMessages(target.bytes, drawn)),
    ),
    { seed: SEED, numRuns },
  );
}

async function damageBytes(targets: readonly Target[], numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...targets), changes, (target, drawn) =>
      judge(target, mutateBytes(target.bytes, target.offsets, drawn)),
    ),
    { seed: SEED, numRuns },
  );
}

describe('a small model of every operator', () => {
  test('with damaged messages', () => damageMessages(SMALL, 5000));
  test('with damaged bytes', () => damageBytes(SMALL, 1500));
});

describe('the digits model', async () => {
  const path = new URL('../../models/digits/model.onnx', import.meta.url);
  const digits = [await read('digits', path, SMALL_LIMITS)];
  test('with damaged messages', () => damageMessages(digits, 500));
  test('with damaged bytes', () => damageBytes(digits, 500));
  test('truncated anywhere', async () => {
    const { bytes } = digits[0];
    for (let i = 0; i < 200; i++) {
      const result = await attempt(bytes.slice(0, Math.floor((bytes.length * i) / 200)), SMALL_LIMITS);
      expect(result).toMatchObject({ kind: 'refused', error: { name: 'FormatError' } });
    }
  });
});

for (const { name, path, limits } of SHARED) {
  const there = existsSync(path);
  describe.skipIf(!there)(`${name}${there ? '' : ' (SKIPPED: ../shared/models is not here)'}`, () => {
    test('with damaged messages', async () => damageMessages([await read(name, path, limits)], 150));
    test('with damaged bytes', async () => damageBytes([await read(name, path, limits)], 150));
  });
}

test('there were enough of them, many got far, and memory did not grow', () => {
  const growth = process.memoryUsage().rss - memoryBefore;
  const counts = Array.from(outcomes, ([outcome, count]) => `${count} ${outcome}`).join(', ');
  console.log(
    `${damaged} damaged models: ${counts}; slowest ${slowest.milliseconds.toFixed(0)} ms (${slowest.name}), ` +
      `memory grew by ${(growth / 1e6).toFixed(0)} MB`,
  );
  expect(damaged).toBeGreaterThanOrEqual(5000);
  expect(outcomes.get('accepted')).toBeGreaterThan(damaged / 10);
  expect(growth).toBeLessThan(MAX_GROWTH_BYTES);
});
