/** What lint says of plans, and that it keeps quiet where there is nothing to gain. */
import { describe, expect, it } from 'vitest';
import type { Candidate, CandidateContext } from '../../src/candidates/candidate.js';
import { Graph, type Node, type Value } from '../../src/graph/index.js';
import { rewriteForGpu, rewriteGraph } from '../../src/graph/rewrites/index.js';
import { NetworkBuilder } from '../../src/networks/builder.js';
import { network as networkNamed } from '../../src/networks/index.js';
import { AveragePool } from '../../src/ops/average-pool.js';
import { Concat } from '../../src/ops/concat.js';
import { buildPlan, type BuiltPlan } from '../../src/plan/build.js';
import { CostBook, passesCache, type CostQuery } from '../../src/plan/costs/costs.js';
import { lint, type Finding } from '../../src/plan/lint/index.js';
import { Network } from '../../src/plan/network.js';
import { OPTIMAL, policyNamed, type Policy, type PolicyName } from '../../src/plan/policies/index.js';
import { nearest } from '../../src/plan/policies/uniform.js';
import { layoutOf, type LayoutKind } from '../../src/tensor/index.js';
import { Estimator } from '../../src/tune/profile/model.js';
import { estimatedProfile } from '../../src/tune/profile/profiles.js';
import { image, unary } from './small-graphs.js';

const PROFILE = estimatedProfile({
  identity: { kind: 'webgpu', vendor: '', architecture: '', name: 'test', driver: '', runtime: '' },
  limits: {
    maxBufferBytes: 2 ** 30,
    maxBindingBytes: 2 ** 30,
    maxBindings: 8,
    maxWorkgroupBytes: 32_768,
    maxInvocations: 256,
    maxWorkgroupSize: [256, 256, 64],
    maxGrid: 65_535,
    offsetAlignment: 256,
    subgroupSize: [32, 32],
  },
  features: new Set(['subgroups']),
});
const CONTEXT: CandidateContext = {
  limits: PROFILE.limits,
  features: new Set(PROFILE.features),
  storage: 'f32',
};

/** A graph, its costs, and the plan of a choice. */
class Subject {
  readonly network: Network;
  readonly book: CostBook;

  constructor(graph: Graph) {
    this.network = new Network(graph, CONTEXT);
    const cold = passesCache(graph, PROFILE.roofs.cacheBytes, 'f32');
    this.book = new CostBook({ context: CONTEXT, estimator: new Estimator(PROFILE), cold });
  }

  /** The plan in which nodes stay near the layouts named, and the others near NCHW. */
  plan(kinds: Readonly<Record<string, LayoutKind>> = {}): Planned {
    const allow: Policy['allow'] = (node, candidates) =>
      nearest(node, candidates, kinds[node.name] ?? 'nchw');
    return this.under({ ...OPTIMAL, allow });
  }

  under(policy: Policy): Planned {
    const { chosen } = this.network.choose(policy, this.book);
    const built = buildPlan(this.network.graph, CONTEXT, chosen, this.book);
    return new Planned(this, chosen, built);
  }

  /** Pretends that something was measured. */
  measure(query: CostQuery | undefined, nanoseconds: number): void {
    if (!query) throw new Error('nothing is launched');
    const { key, subject, work, what } = query;
    const record = { id: subject.name, what, kernelClass: work.kernelClass, bytes: 1, flops: 1, launches: 1 };
    this.book.add(query, {
      ...record,
      key,
      samples: [nanoseconds],
      invocations: 1,
      measured: '2026-11-23',
    });
  }

  /** Every candidate of a node with its query. */
  queriesOf(name: string): { readonly candidate: Candidate; readonly query: CostQuery | undefined }[] {
    const { node, candidates } = this.network.choices.find((choice) => choice.node.name === name)!;
    return candidates.map((candidate) => ({ candidate, query: this.book.candidateQuery(node, candidate) }));
  }
}

class Planned {
  readonly subject: Subject;
  readonly chosen: ReadonlyMap<Node, Candidate>;
  readonly built: BuiltPlan;

  constructor(subject: Subject, chosen: ReadonlyMap<Node, Candidate>, built: BuiltPlan) {
    this.subject = subject;
    this.chosen = chosen;
    this.built = built;
  }

  get time(): number {
    return this.built.plan.steps.reduce((sum, { cost }) => sum + (cost?.median ?? 0), 0);
  }

  /** Steps in short: `pool1`, `Transform x`. */
  names({ steps }: Finding): string[] {
    return steps.map((place) => {
      const { node, name } = this.built.plan.steps[place];
      return node === null ? `Transform ${name}` : name;
    });
  }

  lint(kind?: Finding['kind']): Finding[] {
    const { network, book } = this.subject;
    const found = lint({ plan: this.built.plan, network, book, chosen: this.chosen, measured: false });
    return kind ? found.filter((finding) => finding.kind === kind) : found;
  }
}

/** image -> pool1 -> mean -> pool2, large enough for transforms to matter. */
function pools(): Graph {
  const graph = new Graph();
  const b = new NetworkBuilder(graph);
  const x = b.maxPool(image(graph, [16, 32, 32, 32], 'image'), { kernel: 3, stride: 1, pad: 1 });
  const mean = new AveragePool({ kernel: [3, 3], padsBegin: [1, 1], padsEnd: [1, 1] });
  const [y] = graph.add(mean, [x], { name: 'mean' });
  graph.output('y', b.maxPool(y, { kernel: 3, stride: 1, pad: 1 }));
  return graph;
}

function gpuGraph(name: string, batch: number): Graph {
  const model = networkNamed(name);
  const [, ...dims] = model.inputs[0].dims as number[];
  const graph = model.build({ dims: new Map([['image', [batch, ...dims]]]) });
  rewriteGraph(graph);
  rewriteForGpu(graph);
  return graph;
}

describe('layouts', () => {
  it('an island: a step alone in its layout, with the transforms on both sides', () => {
    const subject = new Subject(pools());
    const planned = subject.plan({ mean: 'chwn' });
    const [island, ...others] = planned.lint('layout-island');
    expect(others).toEqual([]);
    expect(planned.names(island)).toEqual(['Transform pool1', 'mean', 'Transform mean']);
    expect(island.message).toMatch(
      /^mean forms an island in CHWN: .* µs less with them in NCHW\. Let costs decide/,
    );
    // What it says can be had.
    expect(planned.time - subject.plan().time).toBeCloseTo(island.nanoseconds, 3);
    expect(subject.plan().lint('layout-island')).toEqual([]);
  });

  it('is none where the layout gains more than its transforms take', () => {
    const subject = new Subject(pools());
    const { book } = subject;
    const [nchw, chwn] = (['nchw', 'chwn'] as const).map((kind) => ({
      layout: layoutOf(kind, 4),
      type: 'f32' as const,
    }));
    const dims = [16, 32, 32, 32];
    const around = book.ofTransform(dims, nchw, chwn).median + book.ofTransform(dims, chwn, nchw).median;
    // What is measured of some kernels, the model expects of others too: so transforms count as measured.
    for (const [from, to] of [
      [nchw, chwn],
      [chwn, nchw],
    ]) {
      subject.measure(book.transformQuery(dims, from, to), around / 2);
    }
    for (const { candidate, query } of subject.queriesOf('mean')) {
      subject.measure(query, candidate.inputs[0]?.name === 'CHWN' ? around : 3 * around);
    }
    expect(subject.plan({ mean: 'chwn' }).lint('layout-island')).toEqual([]);
  });

  it('of two islands side by side, the one that costs more', () => {
    const graph = new Graph();
    const b = new NetworkBuilder(graph);
    let x: Value = image(graph, [16, 32, 32, 32], 'image');
    for (let i = 0; i < 4; i++) x = b.maxPool(x, { kernel: 3, stride: 1, pad: 1 });
    graph.output('y', x);
    const planned = new Subject(graph).plan({ pool2: 'chwn', pool3: 'nhwc' });
    const found = planned.lint('layout-island');
    expect(found).toHaveLength(1);
    expect(planned.names(found[0])).toContain('Transform pool2');
  });

  it('a ping-pong: away and back around steps that compute element by element', () => {
    const graph = new Graph();
    const b = new NetworkBuilder(graph);
    const x = b.conv(image(graph, [16, 32, 32, 32], 'image'), { channels: 32, kernel: 3, pad: 1 });
    const y = unary(graph, unary(graph, x, 'first'), 'second');
    graph.output('y', b.conv(y, { channels: 32, kernel: 3, pad: 1 }));
    const planned = new Subject(graph).plan({ first: 'nhwc', second: 'nhwc' });
    const [found, ...others] = planned.lint('ping-pong');
    expect(others).toEqual([]);
    expect(planned.names(found)).toEqual(['Transform conv1', 'first', 'second', 'Transform second']);
    expect(found.message).toMatch(/^conv1 is converted to NHWC and back after first and second, .* in NCHW/);
    expect(planned.lint('layout-island')).toEqual([]);
  });

  it('a value converted twice, whose readers could agree', () => {
    const graph = new Graph();
    const b = new NetworkBuilder(graph);
    const x = b.conv(image(graph, [16, 32, 32, 32], 'image'), { channels: 32, kernel: 3, pad: 1 });
    const parts = [
      b.maxPool(x, { kernel: 3, stride: 1, pad: 1 }),
      b.maxPool(x, { kernel: 5, stride: 1, pad: 2 }),
    ];
    graph.output('y', parts[0]);
    graph.output('z', parts[1]);
    const planned = new Subject(graph).plan({ pool1: 'nhwc', pool2: 'chwn' });
    const found = planned
      .lint('ping-pong')
      .find(({ message }) => message.startsWith('conv1 is converted to'));
    expect(found?.message).toMatch(/conv1 is converted to (NHWC and CHWN|CHWN and NHWC) for pool1 and pool2/);
    expect(found && planned.names(found)).toEqual(['Transform conv1', 'Transform conv1']);
    expect(found?.nanoseconds).toBeGreaterThan(0);
  });
});

describe('steps', () => {
  it('padding: what its bytes take at the copy roof', () => {
    const graph = new Graph();
    const b = new NetworkBuilder(graph);
    const x = image(graph, [16, 5, 64, 64], 'image');
    graph.output('y', b.maxPool(x, { kernel: 2, stride: 2 }));
    const subject = new Subject(graph);
    const found = subject.plan({ pool1: 'nchw4c' }).lint('padding');
    // 8 channels are stored for 5; the copy of the image is written once and read once.
    const padding = 2 * 16 * 3 * 64 * 64 * 4;
    const ofImage = found.find(({ message }) => message.startsWith('image'));
    expect(ofImage?.nanoseconds).toBeCloseTo((padding / PROFILE.roofs.copy.median) * 1e9, 6);
    expect(ofImage?.message).toMatch(
      /image is 60\.0 % larger in NCHW4c than its elements \(5 in blocks of 4\): image and pool1 move 1\.57 MB/,
    );
    expect(subject.plan({ pool1: 'chwn' }).lint('padding')).toEqual([]);
  });

  it('padding of an eighth is none, nor is a part of a blocked whole', () => {
    const graph = new Graph();
    const b = new NetworkBuilder(graph);
    const x = image(graph, [16, 4, 64, 64], 'image');
    const parts = [b.maxPool(x, { kernel: 2, stride: 2 }), b.maxPool(x, { kernel: 2, stride: 2 })];
    graph.output('y', graph.add(new Concat(1), parts, { name: 'both' })[0]);
    const kinds = { pool1: 'nchw4c', pool2: 'nchw4c', both: 'nchw4c' } as const;
    expect(new Subject(graph).plan(kinds).lint('padding')).toEqual([]);
  });

  it('element-wise steps behind others, with the reason why they run alone', () => {
    const graph = new Graph();
    const b = new NetworkBuilder(graph);
    const x = image(graph, [16, 32, 32, 32], 'image');
    const pooled = b.maxPool(unary(graph, x, 'before'), { kernel: 3, stride: 1, pad: 1 });
    const behind = unary(graph, pooled, 'behind');
    const conv = b.conv(behind, { channels: 32, kernel: 3, pad: 1 });
    graph.output('y', unary(graph, conv, 'shared'));
    graph.output('z', conv);
    const planned = new Subject(graph).plan();
    const found = planned.lint('unfused');
    expect(found.map((finding) => planned.names(finding))).toEqual(
      expect.arrayContaining([['behind'], ['shared']]),
    );
    expect(found).toHaveLength(2);
    const text = found.map(({ message }) => message).join('\n');
    expect(text).toMatch(
      /^behind \(Neg\) runs alone: [\d.]+ µs to move 4\.19 MB\. pool1 \(MaxPool\) cannot take it in/m,
    );
    expect(text).toMatch(/^shared .* conv1 is also read by the network, as an output/m);
    const step = planned.built.plan.steps.find(({ name }) => name === 'behind');
    expect(found.map(({ nanoseconds }) => nanoseconds)).toContain(step?.cost?.median);
  });

  it('steps far from their roof, if they take a part of the time that matters', () => {
    const subject = new Subject(pools());
    const before = subject.plan();
    const [, { kernel, cost }] = before.built.plan.steps;
    const floor = cost?.floor ?? 0;
    const { candidate, query } = subject.queriesOf('mean').find((way) => way.candidate.id === kernel)!;
    subject.measure(query, 10 * floor);
    const slow = subject.under({
      ...OPTIMAL,
      allow: (node, candidates) => (node.name === 'mean' ? [candidate] : nearest(node, candidates, 'nchw')),
    });
    const found = slow
      .lint('far-from-roof')
      .find(({ steps }) => slow.built.plan.steps[steps[0]].name === 'mean');
    // The fetching of its text comes on top of what was measured.
    const fetched = (found?.nanoseconds ?? 0) - 9 * floor;
    expect(fetched).toBeGreaterThanOrEqual(0);
    expect(fetched).toBeLessThan(0.2 * floor);
    expect(found?.message).toMatch(
      /^mean \(AveragePool\) takes .* 10\.[01] times the .* that \w+ \w+ allows, as averagepool.* ways to run it/,
    );
    expect(before.lint('far-from-roof')).toEqual([]);
  });
});

describe('no false alarms', () => {
  // Residuals, depthwise convolutions, concatenation.
  it.each(['alexnet', 'resnet50', 'mobilenet_v2', 'squeezenet1_1'])(
    'of layouts, padding or fusion in %s under the policy optimal',
    (name) => {
      const planned = new Subject(gpuGraph(name, 8)).under(OPTIMAL);
      expect(planned.lint().filter(({ kind }) => kind !== 'far-from-roof')).toEqual([]);
    },
  );

  it.each<PolicyName>(['optimal', 'heuristic', 'nchw'])(
    'of anything in a single Relu, a single convolution, and LeNet, under %s',
    (name) => {
      const relu = new Graph();
      relu.output('y', unary(relu, image(relu, [1, 3, 32, 32]), 'relu'));
      const conv = new Graph();
      conv.output(
        'y',
        new NetworkBuilder(conv).conv(image(conv, [1, 3, 32, 32]), { channels: 8, kernel: 3 }),
      );
      for (const graph of [relu, conv, gpuGraph('lenet', 1)]) {
        expect(new Subject(graph).under(policyNamed(name, null)).lint()).toEqual([]);
      }
    },
  );

  it('of anything in a graph without nodes', () => {
    const graph = new Graph();
    graph.output('y', image(graph));
    expect(new Subject(graph).under(OPTIMAL).lint()).toEqual([]);
  });
});
