/** Sessions on a device that refuses to compile some kernels. */
import { afterAll, describe, expect, it } from 'vitest';
import { codeOf, type GpuDevice, type KernelSource } from '../../src/devices/gpu.js';
import { CompileError, DeviceError } from '../../src/errors.js';
import { nodePlatform } from '../../src/host/platform.js';
import { Graph } from '../../src/graph/index.js';
import { network } from '../../src/networks/index.js';
import { compilablePlan, makePlanned } from '../../src/session/compilable-plan.js';
import { graphOf } from '../../src/session/explain.js';
import { plannerOptions } from '../../src/session/gpu-runner.js';
import { SharedPlatform, createSession, type Platform, type Session } from '../../src/session/index.js';
import { Conv } from '../../src/ops/conv.js';
import { digestOf } from '../../src/plan/fingerprint.js';
import { Planner, targetOf } from '../../src/plan/planner.js';
import { Tensor, difference, sizeOf } from '../../src/tensor/index.js';
import { MemoryStore } from '../../src/tune/store/cost-store.js';

const DIMS = [3, 1, 28, 28];
const BOUND = { relative: 1e-5, absolute: 1e-6 };
const image = new Tensor(
  'f32',
  DIMS,
  Float32Array.from({ length: sizeOf(DIMS) }, (_, i) => Math.sin(i)),
);

/** A device that refuses kernels, and what it was asked to compile. */
interface Picky {
  readonly gpu: GpuDevice;
  /** How often something was refused. */
  refusals: number;
}

interface PickyOptions {
  readonly refuses: (source: KernelSource) => boolean;
  /** Whether it is lost as soon as it refuses something. */
  readonly dies?: boolean;
}

function picky(gpu: GpuDevice, { refuses, dies = false }: PickyOptions): Picky {
  let isLost = false;
  const compile: GpuDevice['compile'] = async (sources) => {
    const bad = sources.find(refuses);
    if (!bad) return gpu.compile(sources);
    result.refusals++;
    isLost ||= dies;
    throw new CompileError(bad.id, codeOf(bad), 'not today');
  };
  const wrapped = new Proxy(gpu, {
    get: (target, key): unknown => {
      if (key === 'compile') return compile;
      if (key === 'lost') return isLost || target.lost;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  const result = { gpu: wrapped, refusals: 0 };
  return result;
}

function plannerFor(gpu: GpuDevice): Planner {
  return new Planner(targetOf(gpu), plannerOptions({}), new MemoryStore());
}

/** A convolution for which transformed weights are worth while. */
function wideConvolution(): Graph {
  const graph = new Graph();
  const weights = Tensor.from('f32', [128, 128, 3, 3], new Array<number>(128 * 128 * 9).fill(0.01));
  const x = graph.input('x', { dtype: 'f32', dims: [32, 128, 16, 16] });
  const op = new Conv({ strides: [1, 1], padsBegin: [1, 1], padsEnd: [1, 1] });
  graph.output('y', graph.add(op, [x, graph.constant('w', weights)], { name: 'conv' })[0]);
  return graph;
}

describe('a session on a device that refuses kernels', () => {
  const platform = new SharedPlatform({ ...nodePlatform, costs: new MemoryStore() });
  afterAll(() => platform.close());
  const model = network('lenet');

  async function device(options: PickyOptions): Promise<Picky & { platform: Platform }> {
    const { gpu } = await platform.openWebGpu('software');
    const made = picky(gpu, options);
    const lease = { gpu: made.gpu, release: () => undefined };
    return Object.assign(made, {
      platform: { openWebGpu: () => Promise.resolve(lease), costs: new MemoryStore() },
    });
  }

  function open(on: Platform, options: Parameters<typeof createSession>[1] = {}): Promise<Session> {
    return createSession(model, { device: 'webgpu', dims: { image: DIMS }, ...options }, on);
  }

  /** The answers of the CPU. */
  async function reference(): Promise<Tensor> {
    const session = await createSession(model, { device: 'cpu', dims: { image: DIMS } });
    const { probabilities } = await session.run({ image });
    await session.dispose();
    return probabilities;
  }

  /** The session's own plan where nothing is refused. */
  async function usualSteps(): Promise<{ kernel: string; node: number | null; launches: string[] }[]> {
    const { platform: on } = await device({ refuses: () => false });
    const session = await open(on);
    expect(session.notes).toEqual([]);
    const { steps = [] } = session.plan ?? {};
    await session.dispose();
    return steps.map(({ kernel, node, launches }) => ({
      kernel,
      node,
      launches: launches.map((launch) => launch.kernel),
    }));
  }

  it('opens with other kernels, answers right, and names what it leaves out, for other shapes too', async () => {
    const usual = await usualSteps();
    // The first kernel of all nodes but one: several at once.
    const refused = new Set(usual.filter(({ node }) => node !== null).map(({ launches: [first] }) => first));
    expect(refused.size).toBeGreaterThan(1);
    const { platform: on, ...made } = await device({ refuses: ({ id }) => refused.has(id) });
    expect(made.refusals).toBe(0);
    const session = await open(on);
    const kernels = session.plan?.steps.flatMap(({ launches }) => launches.map(({ kernel }) => kernel)) ?? [];
    expect(kernels.filter((kernel) => refused.has(kernel))).toEqual([]);
    const { probabilities } = await session.run({ image });
    expect(difference(probabilities, await reference(), BOUND)).toBeUndefined();
    for (const kernel of refused) {
      expect(session.notes.filter((note) => note.includes(` ${kernel} `))).toEqual([
        `The kernel ${kernel} does not compile (not today) on this device: the plan does without it.`,
      ]);
    }
    const explanation = session.explain();
    expect(explanation.notes).toEqual(session.notes);
    expect(explanation.policies.every(({ totals }) => Number.isFinite(totals.time))).toBe(true);
    await session.run({ image: new Tensor('f32', [1, ...DIMS.slice(1)]) });
    expect(session.notes.length).toBeGreaterThanOrEqual(refused.size);
    await session.dispose();
  });

  it('does without a kernel that prepares weights, whatever else would use it', async () => {
    const { gpu } = await platform.openWebGpu('software');
    const graph = wideConvolution();
    const usual = await plannerFor(gpu).plan(graph);
    const preparing = new Set(
      usual.built.plan.preparations.flatMap(({ launches }) => launches.map(({ source }) => source.id)),
    );
    expect(preparing.size).toBeGreaterThan(0);
    const made = picky(gpu, { refuses: ({ id }) => preparing.has(id) });
    const { built, notes } = await compilablePlan(made.gpu, plannerFor(made.gpu), graph);
    const left = built.plan.preparations.flatMap(({ launches }) => launches.map(({ source }) => source.id));
    expect(left.filter((id) => preparing.has(id))).toEqual([]);
    expect(notes).toHaveLength(preparing.size);
  });

  it('does without a conversion where another will do, and fails naming it where none does', async () => {
    const policy = 'heuristic';
    const { platform: plain } = await device({ refuses: () => false });
    const first = await open(plain, { policy });
    const conversions = first.plan?.steps.filter(({ node }) => node === null) ?? [];
    await first.dispose();
    const [last] = conversions.at(-1)?.launches ?? [];
    const { platform: on } = await device({ refuses: (source) => digestOf(codeOf(source)) === last.digest });
    const session = await open(on, { policy });
    const launches = session.plan?.steps.flatMap((step) => step.launches) ?? [];
    expect(launches.map(({ digest }) => digest)).not.toContain(last.digest);
    expect(session.notes.join()).toContain(last.kernel);
    const { probabilities } = await session.run({ image });
    expect(difference(probabilities, await reference(), BOUND)).toBeUndefined();
    await session.dispose();
    const { platform: none } = await device({ refuses: ({ id }) => id.startsWith('transform_') });
    await expect(open(none, { policy })).rejects.toThrow(
      /kernel transform_\w+ does not compile \(not today\)/,
    );
  });

  it('does without a whole kind of kernels, without trying each of its tiles and layouts', async () => {
    const { platform: on } = await device({ refuses: ({ id }) => id.includes('_implicit_') });
    const session = await open(on);
    expect(session.plan?.steps.filter(({ kernel }) => kernel.includes('_implicit_'))).toEqual([]);
    expect(session.notes.join()).toMatch(/Others of the kind conv_implicit_\w+ were left out untried/);
    const { probabilities } = await session.run({ image });
    expect(difference(probabilities, await reference(), BOUND)).toBeUndefined();
    await session.dispose();
  });

  it('says which node has no kernel left, and what the device said', async () => {
    const { platform: on } = await device({ refuses: () => true });
    const error: unknown = await open(on).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DeviceError);
    expect(String(error)).toMatch(
      /^DeviceError: no kernel for .+ works on this device \(kernel \w+ does not compile \(not today\)\)\. /,
    );
    expect(error).toMatchObject({ cause: expect.any(CompileError) as unknown });
  });

  it('gives up after eight other plans', async () => {
    const { gpu } = await platform.openWebGpu('software');
    const planner = plannerFor(gpu);
    let replans = 0;
    planner.planWithout = (planned) => {
      replans++;
      return Promise.resolve(planned);
    };
    const [graph, refusal] = [graphOf(model, { image: DIMS }), new CompileError('k_f32', 'k', 'never')];
    await expect(makePlanned(gpu, planner, graph, () => Promise.reject(refusal))).rejects.toBe(refusal);
    expect(replans).toBe(8);
  });

  it('passes on what is no refusal', async () => {
    const { gpu } = await platform.openWebGpu('software');
    const planner = plannerFor(gpu);
    planner.planWithout = () => expect.fail('was planned again');
    const full = new DeviceError('memory is exhausted', { remedy: 'Less.' });
    const graph = graphOf(model, { image: DIMS });
    await expect(makePlanned(gpu, planner, graph, () => Promise.reject(full))).rejects.toBe(full);
  });

  it('does not plan again for a lost device, nor instead of a saved plan', async () => {
    const usual = await usualSteps();
    const [kernel] = usual.find(({ node }) => node !== null)?.launches ?? [];
    const refuses = ({ id }: KernelSource): boolean => id === kernel;
    const lost = await device({ refuses, dies: true });
    await expect(open(lost.platform)).rejects.toThrow(CompileError);
    expect(lost.refusals).toBe(1);
    const { platform: plain } = await device({ refuses: () => false });
    const session = await open(plain);
    const { plan } = session;
    await session.dispose();
    if (!plan) throw new TypeError('no plan');
    const { platform: on } = await device({ refuses });
    await expect(open(on, { plan })).rejects.toThrow(CompileError);
  });
});
