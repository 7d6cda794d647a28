/**
 * No kernel reaches outside what it is bound to, whatever its inputs hold: nothing clamps an index on CUDA, nor on WebGPU in
 * Node. Kernels are translated and run on the CPU, where every access is checked (checked-device.ts), with the cases' inputs
 * and with NaN, infinities and the extremes of integers. Of every family a sample that has all bodies; with LANEWISE_THOROUGH=1
 * every kernel of every case in four contexts, every part of a larger tensor and a sample of other sizes. LANEWISE_FAMILIES
 * names those to take, with commas.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CandidateContext } from '../../../src/candidates/candidate.js';
import { LanewiseError } from '../../../src/errors.js';
import { transformKernel } from '../../../src/kernels/transform/index.js';
import { layoutsForTransforms, runTransform } from '../../kernels/cases/transform.js';
import { families, sampleOf } from '../../kernels/families.js';
import { partRuns, sizeRuns, wholeRuns, type CaseRun, type OpCase } from '../../kernels/harness.js';
import { CheckedDevice, inParallel } from './checked-device.js';
import { checkHostile, checkResults, PATTERNS, prepare, type CheckedCase } from './checked-runs.js';
import { FAKES, WITH_FAKES } from './fake.js';
import { dataIndexedCases, emptyCases } from './hostile-cases.js';
import { CONTEXTS } from './translate-samples.js';
import { sourceOf } from './translate-support.js';

const thorough = process.env.LANEWISE_THOROUGH === '1';
const [PLAIN] = CONTEXTS;
const WHOLE = CONTEXTS[CONTEXTS.length - 1];

type Runs = (testCase: OpCase, context: CandidateContext) => CaseRun[];

/** A sample of some runs of cases in some contexts: all bodies, each in the first of the contexts that has it. */
function sampled(cases: readonly OpCase[], contexts: readonly CandidateContext[], runs: Runs): CheckedCase[] {
  const pairs = contexts.flatMap(({ storage }, i) =>
    cases.map((testCase) => ({ testCase, storage, all: runs(testCase, contexts[i]) })),
  );
  const chosen = sampleOf(pairs.map(({ all }) => all));
  return pairs.map(({ testCase, storage }, i) => ({ testCase, storage, runs: chosen[i] }));
}

/** What only the last of the contexts has, of tiles that differ in their sizes one: the matrices' would be half of all. */
function special(cases: readonly OpCase[]): CheckedCase[] {
  const kinds = new Set<string>();
  return sampled(cases, [PLAIN, WHOLE], wholeRuns)
    .slice(cases.length)
    .map((one) => ({
      ...one,
      runs: one.runs.filter(({ candidate }) => {
        const kind = candidate.id.replaceAll(/\d+/g, '');
        return !kinds.has(kind) && kinds.add(kind);
      }),
    }));
}

function every(cases: readonly OpCase[], context: CandidateContext, runs: Runs): CheckedCase[] {
  const { storage } = context;
  return cases.map((testCase) => ({ testCase, storage, runs: runs(testCase, context) }));
}

let device: CheckedDevice;

/** What the device says of 64 invocations that store `value` in y[place], x and y having 64 elements. */
async function said(value: string, place: string): Promise<string> {
  const source = sourceOf(
    'probe',
    `enable f16;
@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read_write> y: array<u32>;
var<workgroup> staged: array<vec4<u32>, 96>;
@compute @workgroup_size(64) fn main(@builtin(local_invocation_index) t: u32) {
  var local: array<u32, 5>;
  let f = bitcast<f32>(x[t]);
  staged[0][t % 4u] = local[t % 5u];
  y[${place}] = ${value};
}`,
  );
  const slices = await Promise.all(
    ['x', 'y'].map(async (name) => ({ buffer: await device.allocate(256, name), offset: 0, bytes: 256 })),
  );
  // NaN and infinity among them.
  const x = new Uint32Array(64).fill(7);
  x.set([0x7fc00000, 0x7f800000]);
  device.write(slices[0].buffer, 0, x);
  const [kernel] = await device.compile([source]);
  const recording = await device.record([{ kernel, slices }]);
  return device.submit(recording).then(
    () => 'nothing',
    (error: unknown) => (error as Error).message,
  );
}

describe.skipIf(!FAKES)(`no kernel reaches outside its memory${WITH_FAKES}`, () => {
  beforeAll(() => {
    device = new CheckedDevice(WHOLE);
  });
  afterAll(() => {
    device.destroy();
  });

  describe('the check', () => {
    it.each([
      ['what is inside', 'x[63u - t] + staged[95u - t].w', 't', 'nothing'],
      ['a read behind the end', 'x[t + 1u]', 't', 'kernel probe: index 64 of x, which has 64'],
      ['a read before the start', 'x[i32(t) - 1]', 't', 'kernel probe: index -1 of x, which has 64'],
      ['a read that is ignored', 'select(0u, x[t + 1u], t < 63u)', 't', 'kernel probe: index 64 of x'],
      ['a write behind the end', 't', 't * 2u', 'kernel probe: index 64 of y, which has 64'],
      ['an index from data', 'x[x[t]]', 't', 'kernel probe: index 2143289344 of x'],
      ['an index from floats', 'x[u32(max(f, 0.0))]', 't', 'kernel probe: index 4294967295 of x'],
      ['workgroup memory', 'staged[t + 33u].x', 't', 'kernel probe: index 96 of staged, which has 96'],
      ['memory that nobody wrote to', 'x[staged[t + 1u].x]', 't', 'kernel probe: index 4294967295 of x'],
      [
        'an array in a function',
        'local[t]',
        't',
        'kernel probe: index 5 of an array in a function, which has 5',
      ],
      ['a vector', 'staged[0][t]', 't', 'kernel probe: index 4 of a vector, which has 4'],
    ])('sees %s', async (_, value, place, message) => {
      expect(await said(value, place)).toContain(message);
    });

    it.each([
      [
        'workgroup memory',
        'subgroupMatrixLoad<Left, row_major>(&staged, 67u, 2u)',
        'of staged, which has 1536',
      ],
      ['storage', 'subgroupMatrixLoad<Left, col_major>(&h, 17u, 16u)', 'of h, which has 512'],
    ])('sees what matrices load from %s', async (_, load, message) => {
      const source = sourceOf(
        'matrices',
        `enable f16;
enable subgroups;
enable chromium_experimental_subgroup_matrix;
alias Left = subgroup_matrix_left<f16, 16, 16>;
@group(0) @binding(0) var<storage, read> h: array<f16>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
var<workgroup> staged: array<vec4<u32>, 96>;
@compute @workgroup_size(32) fn main(@builtin(local_invocation_index) t: u32) {
  staged[t] = vec4<u32>(t);
  let m = ${load};
  y[t] = f32(h[t]);
}`,
        32,
      );
      const bytes = [512, 128];
      const slices = await Promise.all(
        bytes.map(async (size) => ({
          buffer: await device.allocate(size, 'memory'),
          offset: 0,
          bytes: size,
        })),
      );
      const [kernel] = await device.compile([source]);
      const recording = await device.record([{ kernel, slices }]);
      await expect(device.submit(recording)).rejects.toThrow(message);
    });
  });

  it('kernels of every body', async () => {
    const cases = Array.from(families.values()).flatMap((list) => [
      ...sampled(list, [PLAIN], wholeRuns),
      ...special(list),
    ]);
    await prepare(device, cases);
    expect(cases.flatMap(({ runs }) => runs).length).toBeGreaterThan(100);
    expect(await checkResults(device, cases)).toEqual([]);
  }, 600_000);

  it('kernels that reckon places from data, on the worst inputs', async () => {
    const cases = every(dataIndexedCases, PLAIN, wholeRuns);
    await prepare(device, cases);
    expect(new Set(dataIndexedCases.map(({ op }) => op.type)).size).toBe(11);
    expect(await checkHostile(device, cases, thorough ? PATTERNS : PATTERNS.slice(0, 3))).toEqual([]);
  }, 600_000);

  it('kernels whose inputs are empty and their outputs not', async () => {
    const refused: string[] = [];
    const accepted = emptyCases.filter(({ name, op, inputs }) => {
      try {
        op.infer(inputs);
        return true;
      } catch (error) {
        if (!(error instanceof LanewiseError)) throw error;
        refused.push(name);
        return false;
      }
    });
    expect(refused).toMatchInlineSnapshot(`
      [
        "arg max",
        "gather",
        "gather rows",
        "gather elements",
        "gather nd",
        "grid sample",
        "nearest resize",
        "linear resize",
        "edge pad",
      ]
    `);
    const contexts = thorough ? CONTEXTS : [PLAIN];
    const cases = contexts.flatMap((context) => every(accepted, context, wholeRuns));
    await prepare(device, cases);
    expect(await checkResults(device, cases)).toEqual([]);
  }, 600_000);
});

const asked = process.env.LANEWISE_FAMILIES?.split(',') ?? [...families.keys()];

describe.skipIf(!FAKES).each(thorough ? asked : [])(
  `every kernel of %s stays inside its memory${WITH_FAKES}`,
  (family) => {
    const list = families.get(family) ?? [];
    let own: CheckedDevice;
    beforeAll(() => {
      own = new CheckedDevice(WHOLE);
    });
    afterAll(() => {
      console.log(`${family}: ${own.kernels} kernels, ${own.launches} launches`);
      own.destroy();
    });

    /** What is wrong with results, and on the worst inputs. */
    async function check(cases: readonly CheckedCase[]): Promise<string[]> {
      await prepare(own, cases);
      return [...(await checkResults(own, cases)), ...(await checkHostile(own, cases, PATTERNS.slice(0, 2)))];
    }

    it.each(CONTEXTS.map((context, i) => ({ context, title: `${context.storage}, context ${i}` })))(
      '$title',
      async ({ context }) => {
        expect(await check(every(list, context, wholeRuns))).toEqual([]);
      },
      3_600_000,
    );

    it('parts of larger tensors', async () => {
      expect(await check([...sampled(list, [PLAIN], partRuns), ...sampled(list, [WHOLE], partRuns)])).toEqual(
        [],
      );
    }, 3_600_000);

    it('other sizes', async () => {
      expect(await check([...sampled(list, [PLAIN], sizeRuns), ...sampled(list, [WHOLE], sizeRuns)])).toEqual(
        [],
      );
    }, 3_600_000);
  },
);

describe.skipIf(!FAKES || !thorough)(`every transform stays inside its memory${WITH_FAKES}`, () => {
  it.each([
    [[2, 5, 3, 7]],
    [[4, 8, 3, 4]],
    [[1, 3, 33, 65]],
    [[36, 20, 2, 3]],
    [[6, 7, 9]],
    [[5, 70]],
    [[0, 4, 2, 2]],
  ])(
    '%j',
    async (dims) => {
      const own = new CheckedDevice(WHOLE);
      const layouts = layoutsForTransforms(dims.length);
      const all = layouts.flatMap((from) => layouts.map((to) => ({ dims, from, to, type: 'f32' as const })));
      const wrong: string[] = [];
      await inParallel(all, async (run) => {
        const failure = await runTransform(own, run, (x, y) => transformKernel(x, y, own.limits));
        if (failure !== undefined) wrong.push(`${run.from.name} to ${run.to.name}: ${failure}`);
      });
      own.destroy();
      expect(wrong).toEqual([]);
    },
    600_000,
  );
});
