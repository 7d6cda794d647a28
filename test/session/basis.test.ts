/** A plan's basis: measured in one place, planned again and asked "what if" in another, with the same answers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeOf, type GpuDevice } from '../../src/devices/gpu.js';
import { CompileError, DeviceError, InputError, PlanError } from '../../src/errors.js';
import { openSoftware } from '../../src/host/webgpu.js';
import { network } from '../../src/networks/index.js';
import type { PlanBasis } from '../../src/plan/basis.js';
import type { PlanDocument } from '../../src/plan/document.js';
import { POLICY_NAMES } from '../../src/plan/policies/index.js';
import {
  inspectModel,
  type ExplainOptions,
  type Inspection,
  type Platform,
} from '../../src/session/index.js';
import { standInProfile } from '../../src/session/stand-in.js';
import { MemoryStore, type CostRecord } from '../../src/tune/store/cost-store.js';

const MODEL = network('lenet');
const DIMS = { N: 1 };

/** Where there is no GPU. */
const BARE: Platform = {
  openWebGpu: () => Promise.reject(new DeviceError('there is no adapter', { remedy: 'Use the CPU.' })),
};

/** A software device as if its times meant something, which refuses kernels of some id. */
function believed(gpu: GpuDevice, refused: (id: string) => boolean): GpuDevice {
  return new Proxy(gpu, {
    get: (target, key) => {
      if (key === 'software') return false;
      if (key === 'compile') {
        return async (...[sources]: Parameters<GpuDevice['compile']>) => {
          const bad = sources.find(({ id }) => refused(id));
          if (bad) throw new CompileError(bad.id, codeOf(bad), 'not today');
          return gpu.compile(sources);
        };
      }
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** As it arrives where it is sent. */
function sent(inspection: Inspection): { basis: PlanBasis; plan: PlanDocument } {
  return JSON.parse(JSON.stringify({ basis: inspection.basis, plan: inspection.explanation.plan }));
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('a plan of measured costs', () => {
  let gpu: GpuDevice;
  let there: Inspection;
  let here: Inspection;
  const store = new MemoryStore();

  beforeAll(async () => {
    gpu = await openSoftware();
    const device = believed(gpu, (id) => id.startsWith('conv_nhwc'));
    // What other networks left behind.
    const foreign: CostRecord = {
      key: '0'.repeat(32),
      id: 'relu_nchw_f32',
      what: 'Relu 9x9x9x9 f32',
      kernelClass: 'relu_nchw_f32',
      samples: [1000],
      bytes: 8,
      flops: 1,
      launches: 1,
      invocations: 1,
      measured: '2026-11-23',
    };
    await store.save(device.identity, { costs: [foreign] });
    const platform: Platform = {
      costs: store,
      openWebGpu: () => Promise.resolve({ gpu: device, release: () => undefined }),
    };
    const options: ExplainOptions = { device: 'webgpu', dims: DIMS, tuning: 'measured', effort: 'low' };
    there = await inspectModel(MODEL, options, platform);
    here = await inspectModel(MODEL, { ...sent(there), dims: DIMS }, BARE);
  }, 120_000);
  afterAll(() => {
    gpu.destroy();
  });

  it('is the same plan elsewhere, with the same costs', () => {
    const { plan, totals, policies } = there.explanation;
    const other = here.explanation;
    expect(other.plan).toEqual(plan);
    expect(totals.measuredShare).toBeGreaterThan(0.5);
    expect(other.totals).toEqual(totals);
    expect(other.policies).toEqual(policies);
  });

  it.each(POLICY_NAMES)('answers what %s would cost as there', (policy) => {
    const [a, b] = [there.whatIf({ policy }), here.whatIf({ policy })];
    expect(b.totals).toEqual(a.totals);
    expect(b.plan.choices).toEqual(a.plan.choices);
  });

  it('knows the same alternatives, and answers for each when it is forced', () => {
    let count = 0;
    for (const node of there.explanation.plan.choices.keys()) {
      const ways = here.alternatives(node);
      expect(ways).toEqual(there.alternatives(node));
      // Fused kernels were mostly not measured, and are to be had all the same.
      const fused = ways.filter((way) => way.fused).slice(0, 3);
      for (const { kernel, outputLayout } of new Set([...ways.slice(0, 3), ...fused])) {
        const forced = [{ node, kernel, outputLayout }];
        expect(here.whatIf({ forced }).totals).toEqual(there.whatIf({ forced }).totals);
        count++;
      }
    }
    expect(count).toBeGreaterThan(10);
  });

  it('offers nothing that failed there', async () => {
    const { basis, plan } = sent(there);
    const forgetful = await inspectModel(MODEL, { basis: { ...basis, failed: [] }, plan, dims: DIMS }, BARE);
    const nodes = [...plan.choices.keys()];
    const offered = nodes.flatMap((node) => forgetful.alternatives(node)).length;
    expect(nodes.flatMap((node) => here.alternatives(node)).length).toBeLessThan(offered);
  });

  it('brings what was measured of this network alone', async () => {
    const { costs } = await store.load(gpu.identity);
    const { basis } = there;
    expect(basis.costs.length).toBe(costs.size - 1);
    expect(basis.costs.some(({ what }) => what.startsWith('Transform '))).toBe(true);
    expect(basis.costs.some(({ what }) => what === 'Relu 9x9x9x9 f32')).toBe(false);
  });

  it('refuses a basis that is damaged', async () => {
    const { basis, plan } = sent(there);
    const open = (changed: object): Promise<unknown> =>
      rejection(inspectModel(MODEL, { basis: { ...basis, ...changed }, plan, dims: DIMS }, BARE));
    expect(await open({ failed: [1] })).toBeInstanceOf(InputError);
    expect(await open({ costs: [{ ...basis.costs[0], samples: ['fast'] }] })).toBeInstanceOf(PlanError);
    expect(await open({ profile: { ...basis.profile, roofs: {} } })).toBeInstanceOf(PlanError);
  });
});

it('of a plan on modelled costs it is the profile, and the plan is made again', async () => {
  const there = await inspectModel(MODEL, { profile: standInProfile(), dims: DIMS, policy: 'chwn' }, BARE);
  const { basis } = sent(there);
  expect(basis.costs).toEqual([]);
  const here = await inspectModel(MODEL, { basis, dims: DIMS, policy: 'chwn' }, BARE);
  expect(here.explanation).toEqual(there.explanation);
});
