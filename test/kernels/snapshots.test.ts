/**
 * Snapshots of generated WGSL, so that a change in generation shows in review.
 *
 * Per family: the whole text of the first kernel of every fixed body (`__snapshots__/FAMILY/ID.wgsl`), and an index of
 * all kernels with a fingerprint of their texts (`index.txt`). `npx vitest run test/kernels/snapshots.test.ts -u`
 * accepts changes.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { wgslOf, type KernelSource } from '../../src/devices/gpu.js';
import type { CandidateContext } from '../../src/candidates/candidate.js';
import { bodyOf, families, kernelsOf } from './families.js';
import type { OpCase } from './harness.js';
import { DEFAULT_LIMITS } from '../support/limits.js';

const FOLDER = resolve(import.meta.dirname, '__snapshots__');

const CONTEXTS: readonly CandidateContext[] = [
  { limits: DEFAULT_LIMITS, features: new Set(), storage: 'f32' },
  { limits: DEFAULT_LIMITS, features: new Set(['f16']), storage: 'f16' },
];

interface FamilyTexts {
  /** A kernel of every body; for half precision one of all. */
  readonly representatives: ReadonlyMap<string, string>;
  /** Texts of every kernel by id. */
  readonly texts: ReadonlyMap<string, ReadonlySet<string>>;
}

function generate(cases: readonly OpCase[]): FamilyTexts {
  const representatives = new Map<string, string>();
  const texts = new Map<string, Set<string>>();
  const bodies = new Set<string>();
  for (const context of CONTEXTS) {
    for (const source of cases.flatMap((testCase) => sourcesOf(testCase, context))) {
      const known = texts.get(source.id) ?? new Set();
      texts.set(source.id, known.add(wgslOf(source)));
      const body = context.storage === 'f16' ? 'f16' : bodyOf(source);
      const isHalf = wgslOf(source).startsWith('enable f16;');
      if (bodies.has(body) || isHalf !== (context.storage === 'f16')) continue;
      bodies.add(body);
      representatives.set(source.id, wgslOf(source));
    }
  }
  return { representatives, texts };
}

function sourcesOf(testCase: OpCase, context: CandidateContext): KernelSource[] {
  return kernelsOf(testCase, context).flatMap(({ sources }) => sources);
}

/** One line per kernel: its id, how many texts it has among the cases, and a fingerprint of all of them. */
function indexOf(texts: FamilyTexts['texts']): string {
  const lines = Array.from(texts, ([id, all]) => {
    const hash = createHash('sha256');
    for (const text of [...all].sort()) hash.update(text);
    return `${id} ${all.size} ${hash.digest('hex').slice(0, 12)}\n`;
  });
  return lines.sort().join('');
}

describe.each([...families.keys()])('generated WGSL of %s', (family) => {
  const { representatives, texts } = generate(families.get(family) ?? []);
  const folder = join(FOLDER, family);

  it.each([...representatives.keys()])('%s', async (id) => {
    await expect(representatives.get(id)).toMatchFileSnapshot(join(folder, `${id}.wgsl`));
  });

  it('has an index', async () => {
    await expect(indexOf(texts)).toMatchFileSnapshot(join(folder, 'index.txt'));
  });

  it('has no snapshot of a kernel that is gone', () => {
    const wanted = new Set(['index.txt', ...Array.from(representatives.keys(), (id) => `${id}.wgsl`)]);
    const stale = existsSync(folder) ? readdirSync(folder).filter((name) => !wanted.has(name)) : [];
    const updates = expect.getState().snapshotState['_updateSnapshot'] === 'all';
    if (updates) for (const name of stale) rmSync(join(folder, name));
    expect(updates ? [] : stale).toEqual([]);
  });
});

it('has no snapshots of a family that is gone', () => {
  const folders = existsSync(FOLDER) ? readdirSync(FOLDER) : [];
  expect(folders.filter((name) => !families.has(name))).toEqual([]);
});
