/** What-if: other policies and forced choices, on the costs of one planned model. */
import { describe, expect, it } from 'vitest';
import { DeviceError, InputError } from '../../src/errors.js';
import { network } from '../../src/networks/index.js';
import { nodePlatform } from '../../src/host/platform.js';
import { createSession, loadModel } from '../../src/node.js';
import { inspectModel, type Inspection, type Platform } from '../../src/session/index.js';
import { randomInputs } from '../../src/session/random-inputs.js';
import { standInProfile } from '../../src/session/stand-in.js';
import { POLICY_NAMES } from '../../src/plan/policies/index.js';

const BARE: Platform = {
  openWebGpu: () => Promise.reject(new DeviceError('there is no adapter', { remedy: 'Use the CPU.' })),
};

function inspected(name = 'lenet', batch = 16): Promise<Inspection> {
  return inspectModel(network(name), { dims: { N: batch }, profile: standInProfile() }, BARE);
}

describe('what if', () => {
  it('another policy takes what the comparison says', async () => {
    const inspection = await inspected();
    for (const policy of POLICY_NAMES) {
      const { plan, totals, policies } = inspection.whatIf({ policy });
      expect(plan.policy).toBe(policy);
      const summary = policies.find((other) => other.policy === policy);
      expect(totals).toEqual(summary?.totals);
    }
  });

  it('every alternative of every node can be forced, and none beats the optimum', async () => {
    const inspection = await inspected();
    const { plan } = inspection.explanation;
    let forced = 0;
    for (const node of plan.choices.keys()) {
      for (const { kernel, inputLayouts, outputLayout, cost } of inspection.alternatives(node)) {
        const layouts = { inputLayout: inputLayouts[0], outputLayout };
        const other = inspection.whatIf({ forced: [{ node, kernel, ...layouts }] });
        expect(other.plan.choices[node]).toBe(kernel);
        expect(other.totals.time).toBeGreaterThanOrEqual(plan.predicted * (1 - 1e-9));
        // What only renames memory is no step.
        const found = other.plan.steps.flatMap((one, i) => (one.node === node ? [[one, other.why[i]]] : []));
        expect(found).toEqual(
          found.map(([one]) => [{ ...one, cost }, expect.objectContaining({ rule: 'forced' })]),
        );
        forced++;
      }
    }
    expect(forced).toBeGreaterThan(plan.choices.length);
  });

  it('a forced layout brings transforms where neighbours differ, whatever the policy', async () => {
    const inspection = await inspected('alexnet', 8);
    const { steps } = inspection.explanation.plan;
    const node = [...steps].reverse().find(({ op }) => op.startsWith('Conv'))?.node ?? -1;
    const nchw = { node, inputLayout: 'NCHW', outputLayout: 'NCHW' };
    const other = inspection.whatIf({ policy: 'nhwc', forced: [nchw] });
    const own = inspection.whatIf({ policy: 'nhwc' });
    const step = other.plan.steps.find((one) => one.node === node);
    expect(step).toMatchObject({ outputLayout: 'NCHW' });
    expect(other.totals.transformCount).toBeGreaterThan(own.totals.transformCount);
  });

  it('refuses nodes and kernels that are not there', async () => {
    const inspection = await inspected();
    expect(() => inspection.alternatives(99)).toThrow(InputError);
    expect(() => inspection.whatIf({ forced: [{ node: -1 }] })).toThrow(/there is no node -1/);
    expect(() => inspection.whatIf({ forced: [{ node: 0, kernel: 'magic_f32' }] })).toThrow(
      /cannot run as it is forced to.*alternatives/,
    );
  });

  it('its plan runs, and answers as the CPU does', async () => {
    const model = await loadModel('models/digits/model.onnx');
    const dims = { N: 2 };
    const options = { dims, device: 'webgpu:software' } as const;
    const inspection = await inspectModel(model, options, nodePlatform);
    const { plan } = inspection.whatIf({ policy: 'nchw', forced: [{ node: 2, outputLayout: 'CHWN' }] });
    expect(plan.steps.find(({ node }) => node === 2)?.outputLayout).toBe('CHWN');
    const inputs = randomInputs([{ name: 'image', type: { dtype: 'f32', dims: [2, 1, 28, 28] } }]);
    const answers = [];
    for (const given of [
      { ...options, plan },
      { dims, device: 'cpu' as const },
    ]) {
      const session = await createSession(model, given);
      answers.push((await session.run(inputs))['probabilities'].toNumbers());
      await session.dispose();
    }
    for (const [i, value] of answers[0].entries()) expect(value).toBeCloseTo(answers[1][i], 5);
  });
});

it('a step reads what earlier steps wrote, or an input', async () => {
  const { plan } = (await inspected('squeezenet1_1', 2)).explanation;
  const placeOf = (tensor: number): string => JSON.stringify(plan.tensors[tensor].place);
  const known = new Set(plan.inputs.map(({ tensor }) => placeOf(tensor)));
  for (const { reads, writes, launches } of plan.steps) {
    for (const tensor of reads) expect(known).toContain(placeOf(tensor));
    for (const tensor of writes) known.add(placeOf(tensor));
    const bound = launches.flatMap(({ tensors }) => tensors);
    expect(launches.length === 0 || writes.every((tensor) => bound.includes(tensor))).toBe(true);
  }
  for (const { tensor } of plan.outputs) expect(known).toContain(placeOf(tensor));
});
