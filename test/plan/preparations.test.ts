/** What is made of constants before the first run: in plans, in their documents, on a device. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { candidateSubject } from '../../src/tune/timing/subject.js';
import type { CandidateContext } from '../../src/candidates/candidate.js';
import type { GpuDevice } from '../../src/devices/gpu.js';
import { Graph, type Value } from '../../src/graph/index.js';
import { openSoftware } from '../../src/host/webgpu.js';
import { Conv } from '../../src/ops/conv.js';
import { buildPlan } from '../../src/plan/build.js';
import { chosenBy, documentOf, parsePlan, checkFresh, type PlanFacts } from '../../src/plan/document.js';
import { Network } from '../../src/plan/network.js';
import { ConstantStore } from '../../src/session/gpu-constants.js';
import { GpuExecutable } from '../../src/session/gpu-executable.js';
import { Tensor, difference, sizeOf, type Dims } from '../../src/tensor/index.js';
import { randomNumbers } from '../kernels/harness.js';
import { LARGE_LIMITS } from '../support/limits.js';

const CONTEXT: CandidateContext = { limits: LARGE_LIMITS, features: new Set(), storage: 'f32' };

/** The smallest convolution for which Winograd is worth while. */
const X = [8, 32, 8, 8];
const W = [32, 32, 3, 3];
const WEIGHT_BYTES = 4 * sizeOf(W);
/** Of F(4x4, 3x3). */
const PREPARED_BYTES = 4 * 36 * 32 * 32;

function tensorOf(dims: Dims, seed: number): Tensor {
  const random = randomNumbers(seed);
  return Tensor.from(
    'f32',
    dims,
    Array.from({ length: sizeOf(dims) }, () => 2 * random() - 1),
  );
}

function conv(graph: Graph, x: Value, w: Value, name: string): Value {
  const op = new Conv({ strides: [1, 1], padsBegin: [1, 1], padsEnd: [1, 1] });
  return graph.add(op, [x, w], { name })[0];
}

/** Two convolutions in a row with the same weights. */
function twice(): { graph: Graph; x: Tensor; w: Tensor } {
  const graph = new Graph();
  const [x, w] = [tensorOf(X, 1), tensorOf(W, 2)];
  const weights = graph.constant('w', w);
  const y = conv(graph, graph.input('x', { dtype: 'f32', dims: X }), weights, 'a');
  graph.output('y', conv(graph, y, weights, 'b'));
  return { graph, x, w };
}

/** A plan with the candidate of each node in NHWC whose id has a text. */
function planWith(graph: Graph, context: CandidateContext, texts: Readonly<Record<string, string>>) {
  const network = new Network(graph, context);
  const chosen = new Map(
    network.choices.map(({ node, candidates }) => {
      const found = candidates.find(({ id }) => id.startsWith('conv_nhwc_') && id.includes(texts[node.name]));
      if (!found) throw new Error(`${node.name} has no candidate with ${texts[node.name]}`);
      return [node, found];
    }),
  );
  return { network, chosen, built: buildPlan(graph, context, chosen) };
}

const BOTH = { a: '_f4x4_', b: '_f4x4_' };

describe('a plan', () => {
  it('prepares constants once for all nodes that want the same, and keeps nothing else of them', () => {
    const { plan } = planWith(twice().graph, CONTEXT, BOTH).built;
    expect(plan.preparations).toHaveLength(1);
    const [{ launches, tensors }] = plan.preparations;
    expect(launches.map(({ source }) => source.id)).toEqual([expect.stringMatching(/winograd.*_weights$/)]);
    expect(tensors.map((tensor) => plan.tensors[tensor])).toMatchObject([
      { place: { kind: 'prepared', index: 0 }, bytes: PREPARED_BYTES },
    ]);
    const convs = plan.steps.filter(({ op }) => op === 'Conv');
    expect(convs.map((step) => step.launches.length)).toEqual([3, 3]);
    expect(convs.every((step) => step.launches.some((launch) => launch.tensors.includes(tensors[0])))).toBe(
      true,
    );
    expect(plan.constantBytes).toBe(PREPARED_BYTES);
  });

  it('keeps constants that something else needs too', () => {
    const { plan } = planWith(twice().graph, CONTEXT, { a: '_f4x4_', b: '_implicit_' }).built;
    expect(plan.constantBytes).toBe(PREPARED_BYTES + WEIGHT_BYTES);
    const other = twice().graph;
    const [a] = other.nodes;
    other.output('w', a.inputs[1] as Value);
    expect(planWith(other, CONTEXT, BOTH).built.plan.constantBytes).toBe(PREPARED_BYTES + WEIGHT_BYTES);
  });

  it('prepares nothing of what changes from run to run', () => {
    const graph = new Graph();
    const [x, w] = [X, W].map((dims, i) => graph.input(`${i}`, { dtype: 'f32', dims }));
    graph.output('y', conv(graph, x, w, 'a'));
    const { plan } = planWith(graph, CONTEXT, BOTH).built;
    expect(plan.preparations).toEqual([]);
    expect(plan.steps.find(({ op }) => op === 'Conv')?.launches).toHaveLength(4);
    expect(plan.constantBytes).toBe(0);
  });
});

describe('the document of a plan', () => {
  const facts: PlanFacts = {
    device: { kind: 'webgpu', vendor: 'v', architecture: '', name: 'n', driver: '', runtime: '' },
    dtype: 'f32',
    policy: 'nhwc',
    tuning: 'modelled',
    predicted: 1,
    bound: 1,
    optimal: true,
  };

  function documentWith(change: (text: string) => string) {
    const { graph } = twice();
    const { network, chosen, built } = planWith(graph, CONTEXT, BOTH);
    const document = documentOf(network, chosen, built.plan, facts);
    return { network, built, loaded: parsePlan(JSON.parse(change(JSON.stringify(document)))) };
  }

  it('names what is prepared, and is read again', () => {
    const { network, built, loaded } = documentWith((text) => text);
    expect(loaded.digests).toHaveLength(1 + built.plan.steps.flatMap(({ launches }) => launches).length);
    const { chosen } = chosenBy([loaded], network);
    const again = buildPlan(network.graph, CONTEXT, chosen);
    expect(() => checkFresh(loaded, again.plan, facts.device)).not.toThrow();
  });

  it('is stale when a kernel that prepares has changed', () => {
    const { built, loaded } = documentWith((text) =>
      text.replace(/(_weights","digest":")[0-9a-f]{4}/, '$10000'),
    );
    expect(() => checkFresh(loaded, built.plan, facts.device)).toThrow(
      /stale: kernel \S+_weights has changed/,
    );
  });
});

describe('costs', () => {
  it('are without launches that run once, if weights are constants', () => {
    const { network, chosen } = planWith(twice().graph, CONTEXT, BOTH);
    const [{ node }] = network.choices;
    const candidate = chosen.get(node);
    if (!candidate) throw new Error('there is no candidate');
    const types = { inputs: node.inputTypes, outputs: node.outputTypes };
    const known = candidateSubject(candidate, types, CONTEXT, new Set([1]));
    expect(known.launches).toHaveLength(3);
    // x, y, prepared weights, V and M: the weights themselves are not there.
    expect(known.buffers).toHaveLength(5);
    expect(known.constants?.map((buffer) => known.buffers[buffer])).toEqual([PREPARED_BYTES]);
    const open = candidateSubject(candidate, types, CONTEXT);
    expect(open.launches).toHaveLength(4);
    expect(open.buffers).toHaveLength(6);
    expect(open.constants).toEqual([]);
  });
});

function expected(x: Tensor, w: Tensor): Tensor {
  const op = new Conv({ strides: [1, 1], padsBegin: [1, 1], padsEnd: [1, 1] });
  return op.reference([op.reference([x, w])[0], w])[0];
}

/** What an executable allocates beside what is prepared: its arena, and memory to read the output back. */
function ownBytes({ plan }: GpuExecutable): number {
  return plan.banks.reduce((sum, bytes) => sum + bytes, 4 * sizeOf(X));
}

describe('on software WebGPU', () => {
  let device: GpuDevice;
  beforeAll(async () => {
    device = await openSoftware();
  });
  afterAll(() => device.destroy());

  /** An executable of a graph whose nodes run by the candidates named. */
  function executable(graph: Graph, store: ConstantStore, texts = BOTH): Promise<GpuExecutable> {
    const { limits, features } = device;
    const { built } = planWith(graph, { limits, features, storage: 'f32' }, texts);
    return GpuExecutable.create(device, built, store);
  }

  it('runs with what was prepared, which graphs of one store share, and frees it', async () => {
    const store = new ConstantStore(device);
    const before = device.allocatedBytes;
    const { graph, x, w } = twice();
    const first = await executable(graph, store);
    expect(device.allocatedBytes - before).toBe(ownBytes(first) + PREPARED_BYTES);
    // The same tensor in another graph.
    const other = new Graph();
    other.output('y', conv(other, other.input('x', { dtype: 'f32', dims: X }), other.constant('v', w), 'a'));
    const second = await executable(other, store);
    expect(device.allocatedBytes - before).toBe(ownBytes(first) + ownBytes(second) + PREPARED_BYTES);
    const wanted = expected(x, w);
    await second.dispose();
    for (let run = 0; run < 2; run++) {
      const { outputs } = await first.run(new Map([['x', x]]), {});
      expect(
        difference(outputs.get('y') as Tensor, wanted, { relative: 1e-4, absolute: 1e-3 }),
      ).toBeUndefined();
    }
    await first.dispose();
    expect(device.allocatedBytes).toBe(before);
  });
});
