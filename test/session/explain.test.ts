/** Explanations of whole models: for a profile, on a device, and where there is neither. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LimitError, DeviceError, InputError, PlanError, UnsupportedError } from '../../src/errors.js';
import type { Model } from '../../src/graph/index.js';
import { openSoftware } from '../../src/host/webgpu.js';
import { network } from '../../src/networks/index.js';
import { loadModel } from '../../src/node.js';
import { policyPlans, type Explanation } from '../../src/plan/explain.js';
import { Planner, targetOf } from '../../src/plan/planner.js';
import { POLICY_NAMES } from '../../src/plan/policies/index.js';
import { explainModel, graphOf, type ExplainOptions } from '../../src/session/explain.js';
import { plannerOptions } from '../../src/session/gpu-runner.js';
import { ownLease, type Platform } from '../../src/session/index.js';
import { measureRuns } from '../../src/session/measure-runs.js';
import { randomInputs } from '../../src/session/random-inputs.js';
import { absentDevice, standInProfile } from '../../src/session/stand-in.js';
import type { GpuDevice } from '../../src/devices/gpu.js';
import type { DType } from '../../src/tensor/index.js';
import { MemoryStore, type CostRecord } from '../../src/tune/store/cost-store.js';
import type { DeviceProfile } from '../../src/tune/profile/profile.js';
import { makeModel, makeNode, port } from '../support/onnx-builder.js';

const DIGITS = loadModel('models/digits/model.onnx');
const BATCH = { dims: { N: 16 } };
/** As if it had been measured. */
const PROFILE: DeviceProfile = {
  ...standInProfile(),
  name: 'mine',
  measured: '2026-11-23',
  thresholds: { channels: 32, batch: 128, samples: [] },
};

/** A machine without a GPU, which says so beforehand. */
const BARE: Platform = {
  costs: new MemoryStore(),
  lacksGpu: () => 'this machine has no driver',
  openWebGpu: () => Promise.reject(new DeviceError('there is no adapter', { remedy: 'Use the CPU.' })),
};

async function explained(options: ExplainOptions = {}): Promise<Awaited<ReturnType<typeof explainModel>>> {
  return explainModel(await DIGITS, { ...BATCH, profile: PROFILE, ...options }, BARE);
}

async function rejection(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => new Error('it did not reject'),
    (error: unknown) => error as Error,
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

describe('for a profile', () => {
  it('plans without a device, and says for which', async () => {
    const { device, notes, profile, plan, measured, run } = await explained();
    expect(device).toBe(PROFILE.device.name);
    expect(notes).toEqual([]);
    expect(profile).toEqual({
      name: 'mine',
      source: 'measured',
      measured: '2026-11-23',
      roofs: PROFILE.roofs,
    });
    expect([plan.policy, plan.dtype, plan.tuning]).toEqual(['optimal', 'f32', 'modelled']);
    expect([measured, run]).toEqual([null, null]);
  });

  it.each(POLICY_NAMES)(
    'under %s the steps add up to the totals, and these to what was predicted',
    async (policy) => {
      const { plan, totals, why, policies } = await explained({ policy });
      const { steps } = plan;
      const time = (list: typeof steps): number => sum(list.map(({ cost }) => cost?.median ?? NaN));
      expect(time(steps)).toBeCloseTo(totals.time, 3);
      expect(plan.predicted).toBeCloseTo(totals.time, 3);
      expect(plan.bound).toBeLessThanOrEqual(plan.predicted);
      const transforms = steps.filter(({ node }) => node === null);
      expect(time(transforms)).toBeCloseTo(totals.transforms, 3);
      expect(transforms.length).toBe(totals.transformCount);
      expect(sum(steps.map(({ launches }) => launches.length))).toBe(totals.launches);
      expect(sum(steps.filter(({ node }) => node !== null).map(({ bytes }) => bytes))).toBe(totals.bytes);
      expect(sum(steps.map(({ movedBytes }) => movedBytes))).toBe(totals.movedBytes);
      expect(sum(plan.banks)).toBe(totals.arenaBytes);
      expect(totals.arenaBytes).toBeGreaterThanOrEqual(totals.liveBytes);
      expect(why.map((reason) => reason === null)).toEqual(steps.map(({ node }) => node === null));
      // The plan is one of those that it is compared with.
      expect(policies.map((summary) => summary.policy)).toEqual([...POLICY_NAMES]);
      expect(policies.find((summary) => summary.policy === policy)?.totals).toEqual(totals);
      const times = policies.map((summary) => summary.totals.time);
      expect(Math.min(...times)).toBeCloseTo(times[POLICY_NAMES.indexOf('optimal')], 3);
    },
  );

  it('gives the runner-up with what it would cost the network, and the rule of the heuristic', async () => {
    const { why } = await explained();
    for (const reason of why) {
      expect(reason?.rule).toBeNull();
      expect(reason?.runnerUp?.extra).toBeGreaterThanOrEqual(-1e-3);
    }
    const heuristic = await explained({ policy: 'heuristic' });
    const rules = heuristic.why.flatMap((reason) => reason?.rule ?? []);
    // A convolution and the pooling behind it may be one kernel, with the reasons of both.
    expect(rules.join(', ')).toBe('C = 1 < Ct = 32, pooling, C = 16 < Ct = 32, pooling');
  });

  it('is plain JSON, and its plan can be loaded again', async () => {
    const explanation = await explained({ policy: 'chwn' });
    const text = JSON.stringify(explanation);
    expect(JSON.parse(text)).toEqual(explanation);
    const saved = (JSON.parse(text) as Explanation).plan;
    const again = await explained({ plan: saved });
    expect(again.plan).toEqual(explanation.plan);
    expect(again.totals).toEqual(explanation.totals);
    expect(new Set(again.why.map((reason) => reason?.rule ?? null))).toEqual(new Set([null, 'saved plan']));
    const other = await rejection(explained({ plan: saved, dims: { N: 3 } }));
    expect(other).toBeInstanceOf(PlanError);
    expect(other.message).toMatch(/other input shapes/);
  });

  it('uses the costs that come with it', async () => {
    const { target, store } = await absentDevice(PROFILE);
    const planned = await new Planner(target, plannerOptions({}), store).plan(
      graphOf(await DIGITS, BATCH.dims),
    );
    const costs = planned.network.choices.flatMap(({ node }): CostRecord[] => {
      const query = planned.book.candidateQuery(node, planned.choice!.chosen.get(node)!);
      if (!query) return [];
      const { key, subject, work, what } = query;
      const facts = { bytes: 1, flops: 1, launches: 1, invocations: 1, measured: '2026-11-23' };
      return [
        {
          key,
          id: subject.name,
          what,
          kernelClass: work.kernelClass,
          samples: [40, 50, 60, 70, 80],
          ...facts,
        },
      ];
    });
    const { totals, plan } = await explained({ costs });
    expect(totals.measuredShare).toBe(1);
    expect(plan.steps.map(({ cost }) => [cost?.origin, cost?.median, cost?.low, cost?.high])).toEqual(
      plan.steps.map(() => ['measured', 60, 50, 70]),
    );
    expect((await explained()).totals.measuredShare).toBe(0);
  });

  it('of the networks, keeps activations within 5 % of what is alive at once', async () => {
    const { totals } = await explainModel(
      network('squeezenet1_1'),
      { dims: { N: 2 }, profile: PROFILE },
      BARE,
    );
    expect(totals.arenaBytes / totals.liveBytes).toBeLessThan(1.05);
    expect(totals.constantBytes).toBeGreaterThanOrEqual(1_235_496 * 4);
  });
});

/** y = max(x, 0), of a type. */
function reluOf(dtype: DType): Promise<Model> {
  return loadModel(
    makeModel({
      nodes: [makeNode('Relu', ['x'], ['y'])],
      inputs: { x: port(dtype, ['N', 3]) },
      outputs: { y: port(dtype) },
    }),
  );
}

describe('what cannot be explained', () => {
  it('the CPU: the error names the flags', async () => {
    const error = await rejection(explained({ profile: undefined as never, device: 'cpu' }));
    expect(error).toBeInstanceOf(DeviceError);
    expect(error.message).toMatch(/CPU runs without a plan.*--device webgpu.*--profile NAME/);
  });

  it('open shapes, types that no GPU has, half precision that this one has not', async () => {
    const f32 = await reluOf('f32');
    const open = await rejection(explainModel(f32, { profile: PROFILE }, BARE));
    expect(open).toBeInstanceOf(InputError);
    expect(open.message).toMatch(/shapes are not known/);
    const doubles = await rejection(
      explainModel(await reluOf('f64'), { dims: { N: 1 }, profile: PROFILE }, BARE),
    );
    expect(doubles).toBeInstanceOf(UnsupportedError);
    expect(doubles.message).toMatch(/Relu.*f64 on a GPU/);
    const single = { ...PROFILE, features: [] };
    const half = await rejection(explained({ profile: single, dtype: 'f16' }));
    expect(half).toBeInstanceOf(UnsupportedError);
    expect(half.message).toMatch(/half precision on .*dtype "f32"/);
    expect((await explained({ dtype: 'f16' })).plan.dtype).toBe('f16');
  });

  it('shapes that depend on data: the error names the input', async () => {
    const resize = await loadModel(
      makeModel({
        nodes: [makeNode('Reshape', ['x', 'to'], ['y'], {}, { name: 'bend' })],
        inputs: { x: port('f32', [6]), to: port('i64', [2]) },
        outputs: { y: port('f32') },
      }),
    );
    const error = await rejection(explainModel(resize, { profile: PROFILE }, BARE));
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toMatch(/Reshape "bend".* depends on the data of "to"/);
  });

  it('times, where there is only a profile or no GPU', async () => {
    const noGpu = { profile: undefined as never };
    for (const options of [{ measure: true }, { tuning: 'measured' }] as const) {
      expect((await rejection(explained(options))).message).toMatch(
        /no GPU to measure on \(only the profile mine/,
      );
      expect((await rejection(explained({ ...noGpu, ...options }))).message).toMatch(
        /no GPU to measure on \(this machine has no driver\)/,
      );
    }
  });
});

describe('without a GPU', () => {
  it('plans for a device that is not there, and says so first', async () => {
    const { notes, device, plan } = await explainModel(await DIGITS, BATCH, BARE);
    expect(device).toBe(standInProfile().device.name);
    expect(notes).toEqual([
      expect.stringMatching(/^No GPU here \(this machine has no driver\): planned for /),
    ]);
    expect(plan.steps.length).toBeGreaterThan(0);
  });

  it('refuses a GPU that was named', async () => {
    const error = await rejection(explainModel(await DIGITS, { ...BATCH, device: 'webgpu' }, BARE));
    expect(error).toBeInstanceOf(DeviceError);
    expect(error.message).toMatch(/there is no adapter/);
  });
});

/** Quick to compile in software. */
/** @param maxTotalBytes what weights and activations may take */
function poolAndSoftmax(maxTotalBytes = 2 ** 20): Promise<Model> {
  return loadModel(
    makeModel({
      nodes: [
        makeNode('MaxPool', ['x'], ['a'], { kernel_shape: [2, 2] }, { name: 'pool' }),
        makeNode('Softmax', ['a'], ['y'], { axis: 1 }, { name: 'softmax' }),
      ],
      inputs: { x: port('f32', [2, 4, 5, 5]) },
      outputs: { y: port('f32') },
    }),
    { limits: { maxTotalBytes } },
  );
}

describe('on a device', () => {
  let gpu: GpuDevice;
  beforeAll(async () => {
    gpu = await openSoftware();
  });
  afterAll(() => gpu.destroy());

  it('a software adapter is planned for, and its times are not given as measurements', async () => {
    const released: string[] = [];
    const platform: Platform = {
      costs: new MemoryStore(),
      openWebGpu: async () => ({ gpu, release: () => released.push('gpu') }),
    };
    const options = { ...BATCH, device: 'webgpu:software', measure: true } as const;
    const { notes, device, measured, run, policies } = await explainModel(await DIGITS, options, platform);
    expect(device).toBe(gpu.description);
    expect(notes).toEqual([expect.stringMatching(/mean nothing: none was measured/)]);
    expect([measured, run, ...policies.map((summary) => summary.measured)]).toEqual(Array(7).fill(null));
    expect(released).toEqual(['gpu']);
    const quiet = await explainModel(await DIGITS, { ...BATCH, device: 'webgpu:software' }, platform);
    expect(quiet.notes).toEqual([]);
  });

  it('measures the plan by step and every policy as a whole, in turn', async () => {
    const planner = new Planner(targetOf(gpu), plannerOptions({ policy: 'chwn' }), new MemoryStore());
    const planned = await planner.plan(graphOf(await poolAndSoftmax()));
    const before = gpu.allocatedBytes;
    const seen: string[] = [];
    const plans = policyPlans(planned);
    const runs = await measureRuns(gpu, planned, plans, { onProgress: ({ what }) => seen.push(what) });
    expect(runs.failures).toEqual([]);
    expect(runs.steps).toHaveLength(planned.built.plan.steps.length);
    for (const time of [...runs.steps, runs.run.median]) expect(time).toBeGreaterThan(0);
    expect([...runs.policies.keys()].sort()).toEqual([...POLICY_NAMES].sort());
    expect(runs.policies.get('chwn')).toEqual(runs.run);
    // Policies that choose alike run once a round.
    const chwn = seen.find((what) => /^the run under .*chwn/.test(what));
    expect(seen.filter((what) => what === chwn)).toHaveLength(7);
    expect(gpu.allocatedBytes).toBe(before);
  });

  it('stops measuring when asked to, and frees what it took', async () => {
    const planner = new Planner(targetOf(gpu), plannerOptions({}), new MemoryStore());
    const planned = await planner.plan(graphOf(await poolAndSoftmax()));
    const before = gpu.allocatedBytes;
    const controller = new AbortController();
    const options = { signal: controller.signal, onProgress: () => controller.abort(new Error('enough')) };
    const error = await rejection(measureRuns(gpu, planned, policyPlans(planned), options));
    expect(error.message).toBe('enough');
    expect(gpu.allocatedBytes).toBe(before);
  });

  /** The software device as if its times meant something. */
  function believing(): Platform {
    const believed = new Proxy(gpu, {
      get: (target, key) => {
        if (key === 'software') return false;
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
    return {
      costs: new MemoryStore(),
      openWebGpu: async () => ({ gpu: believed, release: () => undefined }),
    };
  }

  it('runs nothing that takes more memory than the model may', async () => {
    const options = { device: 'webgpu:software', measure: true } as const;
    const error = await rejection(explainModel(await poolAndSoftmax(500), options, believing()));
    expect(error).toBeInstanceOf(LimitError);
    expect(error.message).toMatch(/of activations.*The limit is 500 in all/);
  });

  it('stops measuring kernels when asked to', async () => {
    const platform = believing();
    const controller = new AbortController();
    let told = 0;
    const options = {
      device: 'webgpu:software',
      tuning: 'measured',
      effort: 'low',
      signal: controller.signal,
      onProgress: () => {
        told++;
        controller.abort(new Error('enough'));
      },
    } as const;
    const error = await rejection(explainModel(await poolAndSoftmax(), options, platform));
    expect(error.message).toBe('enough');
    expect(told).toBe(1);
  });

  it('a lease is given back when planning fails', async () => {
    let released = 0;
    const platform: Platform = {
      costs: new MemoryStore(),
      openWebGpu: async () => ({ ...ownLease(gpu), release: () => released++ }),
    };
    const options = { device: 'webgpu:software' } as const;
    expect(await rejection(explainModel(await DIGITS, options, platform))).toBeInstanceOf(InputError);
    expect(released).toBe(1);
  });
});

describe('random inputs', () => {
  const inputs = (['f32', 'f16', 'i64', 'bool'] as const).map((dtype) => ({
    name: dtype,
    type: { dtype, dims: [5, 7] },
  }));

  it('are the same every time, and differ by name', () => {
    expect(randomInputs(inputs)).toEqual(randomInputs(inputs));
    const two = randomInputs(
      ['a', 'b'].map((name) => ({ name, type: { dtype: 'f32', dims: [9] } as const })),
    );
    expect(two.a.toNumbers()).not.toEqual(two.b.toNumbers());
  });

  it('are floats in [-1, 1), and 0 or 1 of other types', () => {
    for (const [name, tensor] of Object.entries(randomInputs(inputs))) {
      const values = tensor.toNumbers();
      expect(tensor.dtype).toBe(name);
      expect(Math.min(...values)).toBeGreaterThanOrEqual(-1);
      expect(Math.max(...values)).toBeLessThanOrEqual(1);
      const isWhole = values.every((value) => value === 0 || value === 1);
      expect(isWhole).toBe(!name.startsWith('f'));
      expect(new Set(values).size).toBeGreaterThan(1);
    }
  });
});
