/**
 * Kernels on tensor cores in CUDA C++: run on a CPU by emulation against the references, and compiled by nvcc.
 * LANEWISE_THOROUGH=1 runs and compiles every tile in use.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CandidateContext } from '../../src/candidates/candidate.js';
import { openSoftware } from '../../src/host/webgpu.js';
import { mmaTiles } from '../../src/kernels/mma/choice.js';
import { mmaTileTag } from '../../src/kernels/mma/tile.js';
import { has } from '../devices/cuda/translate-support.js';
import { EmulatedDevice } from './emulated-device.js';
import { partRuns, runCase, wholeRuns, type CaseResult, type CaseRun, type OpCase } from './harness.js';
import { mmaCases, mmaTileCases } from './mma-cases.js';
import { CUDA_LIMITS, MmaEmulation } from './mma-emulation.js';

const thorough = process.env['LANEWISE_THOROUGH'] === '1';

function contextOf(storage: 'f32' | 'f16', groups: boolean): CandidateContext {
  const features = new Set(groups ? (['f16', 'cuda', 'wgmma'] as const) : (['f16', 'cuda'] as const));
  // So few that a block has several tiles.
  return { limits: CUDA_LIMITS, features, storage, tf32: true, processors: 1 };
}

function isMma({ candidate: { id } }: CaseRun): boolean {
  return id.includes('mma');
}

const skipped = has('g++') ? '' : ' (SKIPPED: g++ is not here)';

describe.skipIf(skipped !== '')(`kernels on tensor cores, emulated${skipped}`, () => {
  let device: MmaEmulation;
  beforeAll(async () => {
    device = new MmaEmulation(new EmulatedDevice(await openSoftware()));
  });
  afterAll(() => {
    device.destroy();
  });

  const failures = async (
    testCase: OpCase,
    storage: 'f32' | 'f16',
    runs: readonly CaseRun[],
  ): Promise<CaseResult[]> => {
    expect(runs.length).toBeGreaterThan(0);
    const results = await runCase(device, testCase, storage, runs);
    // Rows of the matrices that warps load lie in different banks.
    expect(device.conflicts).toBe(0);
    return results.filter(({ failure }) => failure !== undefined);
  };

  const titled = mmaCases.map((chosen) => ({
    ...chosen,
    title: `${chosen.testCase.name}, ${chosen.storage}`,
  }));
  it.each(titled)(
    '$title',
    async ({ testCase, storage }) => {
      // The best by estimate, of warps and of warpgroups where these take it.
      const runs = [true, false].flatMap((groups) => {
        const all = wholeRuns(testCase, contextOf(storage, groups)).filter(isMma);
        return thorough ? all : all.slice(0, 1);
      });
      const ids = new Map(runs.map((run) => [run.candidate.id, run]));
      expect(await failures(testCase, storage, [...ids.values()])).toEqual([]);
    },
    600_000,
  );

  const tiled = mmaTileCases.flatMap(({ testCase, storage }) => {
    const staging = {
      type: storage === 'f16' ? 'f16' : 'tf32',
      rowsAcross: false,
      colsAcross: false,
    } as const;
    const some = mmaTiles(staging).filter((_, i) => thorough || i % (storage === 'f16' ? 4 : 8) === 2);
    const tags = [...some.map(mmaTileTag), `t192x256x${storage === 'f16' ? 64 : 32}g3x1s3`];
    return tags.map((tag) => ({ testCase, storage, tag }));
  });
  it.each(tiled.map((one) => ({ ...one, title: `${one.testCase.name}, ${one.tag}, ${one.storage}` })))(
    '$title',
    async ({ testCase, storage, tag }) => {
      const run = wholeRuns(testCase, contextOf(storage, true)).find(isMma);
      if (!run) throw new Error('there is no candidate');
      const { id, sizes } = run.candidate;
      const candidate = sizes?.grid.find(id.replace(/_t\d+x[^_]*(_split\d+)?/, `_${tag}`));
      expect(candidate).toBeDefined();
      expect(await failures(testCase, storage, candidate ? [{ ...run, candidate }] : [])).toEqual([]);
    },
    600_000,
  );

  it('parts of larger tensors', async () => {
    const [{ testCase, storage }] = mmaCases;
    const seen = new Set<string>();
    const runs = partRuns(testCase, contextOf(storage, true))
      .filter(isMma)
      .filter(({ place }) => {
        const name = `${place?.axis} ${place?.before}`;
        const fresh = !seen.has(name);
        seen.add(name);
        return fresh;
      });
    expect(await failures(testCase, storage, runs)).toEqual([]);
  }, 600_000);
});
