/** Plans of sessions: as JSON, given back, explained. */
import { afterAll, describe, expect, it } from 'vitest';
import { InputError, PlanError, SessionError } from '../../src/errors.js';
import { nodePlatform } from '../../src/host/platform.js';
import { network } from '../../src/networks/index.js';
import { SharedPlatform, createSession } from '../../src/session/index.js';
import { Tensor, difference, sizeOf } from '../../src/tensor/index.js';
import { MemoryStore } from '../../src/tune/store/cost-store.js';

describe('a session on software WebGPU', () => {
  const platform = new SharedPlatform({ ...nodePlatform, costs: new MemoryStore() });
  afterAll(() => platform.close());

  const DIMS = [3, 1, 28, 28];
  const device = 'webgpu:software';
  const model = network('lenet');
  const values = Float32Array.from({ length: sizeOf(DIMS) }, (_, i) => Math.sin(i));
  const image = new Tensor('f32', DIMS, values);

  it('has a plan as soon as shapes are known, which another session runs as it is', async () => {
    const first = await createSession(model, { device, policy: 'nhwc' }, platform);
    expect(first.plan).toBeUndefined();
    expect(() => first.explain()).toThrow(SessionError);
    const expected = await first.run({ image });
    const plan = JSON.parse(JSON.stringify(first.plan)) as typeof first.plan;
    expect(plan).toMatchObject({ format: 'lanewise-plan', policy: 'nhwc', tuning: 'modelled', dtype: 'f32' });
    const second = await createSession(
      model,
      { device, dims: { image: DIMS }, ...(plan && { plan }) },
      platform,
    );
    expect(second.plan).toEqual(plan);
    const actual = await second.run({ image });
    const bound = { relative: 1e-6, absolute: 1e-7 };
    expect(difference(actual.probabilities, expected.probabilities, bound)).toBeUndefined();
    // Other shapes are none of the plan's: they are refused, not planned behind the caller's back.
    const other = new Tensor('f32', [1, 1, 28, 28]);
    await expect(second.run({ image: other })).rejects.toThrow(PlanError);
    await first.dispose();
    await second.dispose();
  });

  it('explains its plan: every step, every policy, and what else there was', async () => {
    const session = await createSession(model, { device, dims: { image: DIMS } }, platform);
    const { plan, why, totals, policies } = session.explain();
    expect(plan).toEqual(session.plan);
    expect(why).toHaveLength(plan.steps.length);
    expect(plan.steps.reduce((sum, { cost }) => sum + (cost?.median ?? 0), 0)).toBeCloseTo(totals.time, 3);
    expect(totals.time).toBeCloseTo(plan.predicted, 3);
    const times = policies.map((policy) => policy.totals.time);
    expect(policies[0].policy).toBe('optimal');
    expect(Math.min(...times)).toBe(times[0]);
    const extras = why.flatMap((reason) => reason?.runnerUp?.extra ?? []);
    expect(Math.min(...extras)).toBeGreaterThanOrEqual(-1e-6);
    await session.dispose();
  });

  it('refuses plans, policies and efforts that there are not', async () => {
    const none = { device, plan: { format: 'other' } as never } as const;
    await expect(createSession(model, none, platform)).rejects.toThrow(PlanError);
    for (const options of [{ policy: 'best' }, { tuning: 'guessed' }, { effort: 'some' }]) {
      await expect(createSession(model, { device, ...(options as object) }, platform)).rejects.toThrow(
        InputError,
      );
    }
  });
});

describe('a session on the CPU', () => {
  it('has no plan', async () => {
    const session = await createSession(network('lenet'), { device: 'cpu', dims: { image: [1, 1, 28, 28] } });
    expect(session.plan).toBeUndefined();
    expect(() => session.explain()).toThrow(/no plan to explain on the/);
    await session.dispose();
  });
});
