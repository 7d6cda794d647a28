/** Memory of plans: how long tensors live, what launches bind, and how near the peak is to the lower bound. */
import { afterAll, describe, expect, it } from 'vitest';
import { isCandidate, type CandidateContext } from '../../src/candidates/candidate.js';
import { candidatesFor } from '../../src/candidates/index.js';
import type { KernelBinding, WgslKernel } from '../../src/devices/gpu.js';
import { Graph, type Model, type Value } from '../../src/graph/index.js';
import { rewriteForGpu, rewriteGraph } from '../../src/graph/rewrites/index.js';
import { nodePlatform } from '../../src/host/platform.js';
import { bindings } from '../../src/kernels/wgsl.js';
import { NetworkBuilder } from '../../src/networks/builder.js';
import { NETWORK_NAMES, network } from '../../src/networks/index.js';
import { buildPlan } from '../../src/plan/build.js';
import { CostBook } from '../../src/plan/costs/costs.js';
import { DraftTable } from '../../src/plan/drafts.js';
import { TOLERANCE } from '../../src/plan/memory/arena.js';
import { lifetimes } from '../../src/plan/memory/lifetimes.js';
import { canShare, sharingLoss, withWritable } from '../../src/plan/memory/sharing.js';
import { Network } from '../../src/plan/network.js';
import type { Plan, PlanLaunch } from '../../src/plan/plan.js';
import { OPTIMAL, uniformPolicy, type UniformName } from '../../src/plan/policies/index.js';
import { standInProfile } from '../../src/session/stand-in.js';
import { SharedPlatform, createSession } from '../../src/session/index.js';
import { Tensor, rowMajor, sizeOf } from '../../src/tensor/index.js';
import { Estimator } from '../../src/tune/profile/model.js';
import { constant, image } from './small-graphs.js';
import { LARGE_LIMITS } from '../support/limits.js';

/** Those of an H200 through WebGPU. */
const CONTEXT: CandidateContext = {
  limits: LARGE_LIMITS,
  features: new Set(['f16', 'subgroups']),
  storage: 'f32',
};
const UNIFORM: readonly UniformName[] = ['nchw', 'nhwc', 'chwn'];

/** The plan of the first candidates in a layout. */
function planIn(graph: Graph, layout: UniformName): Plan {
  const policy = uniformPolicy(layout);
  const chosen = new Map(
    Array.from(graph.nodes, (node) => {
      const types = { inputs: node.inputTypes, outputs: node.outputTypes };
      const usable = candidatesFor(node.op, types, CONTEXT)
        .filter(isCandidate)
        .filter(({ baseline }) => !baseline);
      return [node, policy.allow(node, usable)[0]];
    }),
  );
  return buildPlan(graph, CONTEXT, chosen, modelled()).plan;
}

/** The plan that costs least by the model: of an H200. */
function bestPlan(graph: Graph): Plan {
  const book = modelled();
  return buildPlan(graph, CONTEXT, new Network(graph, CONTEXT).choose(OPTIMAL, book).chosen, book).plan;
}

function modelled(): CostBook {
  return new CostBook({ context: CONTEXT, estimator: new Estimator(standInProfile()), cold: false });
}

function peakOf({ banks }: Plan): number {
  return banks.reduce((sum, bytes) => sum + bytes, 0);
}

/** A plan's launches, each binding with the place that it is in. */
function boundIn({ steps, tensors }: Plan) {
  return steps.flatMap(({ name, launches }) =>
    launches.map(({ source, tensors: bound }) => ({
      what: `${name}: ${source.id}`,
      ranges: source.bindings.flatMap(({ access }, i) => {
        const { place, bytes } = tensors[bound[i]];
        if (place.kind !== 'arena') return [];
        return [{ access, bank: place.bank, from: place.offset, to: place.offset + bytes }];
      }),
    })),
  );
}

/** Launches that WebGPU would refuse: one buffer both read-only and writable, or one range writable twice. */
function refusedLaunches(plan: Plan): string[] {
  const refused = boundIn(plan).filter(({ ranges }) =>
    ranges.some((a, i) =>
      ranges
        .slice(0, i)
        .some(
          (b) =>
            a.bank === b.bank &&
            (a.access !== b.access || (a.access === 'read_write' && a.from < b.to && b.from < a.to)),
        ),
    ),
  );
  return refused.map(({ what }) => what);
}

/** Launches that read and write one bank. */
function sharingLaunches(plan: Plan): string[] {
  const sharing = boundIn(plan).filter(({ ranges }) => {
    const writable = ranges.filter(({ access }) => access === 'read_write').map(({ bank }) => bank);
    return new Set(writable).size < writable.length;
  });
  return sharing.map(({ what }) => what);
}

/** A kernel that only has bindings: those that end in `=` are written. */
function kernel(names: readonly string[]): WgslKernel {
  const list = names.map((name) => ({
    name: name.replace('=', ''),
    access: name.endsWith('=') ? ('read_write' as const) : ('read' as const),
  }));
  return {
    id: 'none',
    wgsl: bindings(list.map((binding) => ({ ...binding, element: 'f32' }))),
    bindings: list,
    workgroup: [1, 1, 1],
    grid: [1, 1, 1],
    features: [],
    workgroupBytes: 0,
    flops: 0,
    bytes: 0,
  };
}

/** Tensors by name in a table of drafts. */
class Drafts {
  readonly table = new DraftTable();
  readonly #graph = new Graph();
  readonly #index = new Map<string, number>();

  constructor(names: string, constants = '') {
    for (const name of names.split(' ')) this.#add(name, image(this.#graph, [1, 64], name));
    for (const name of constants) this.#add(name, constant(this.#graph, name, [1, 64]));
  }

  /** `x w y=`: a launch that reads x and w and writes y. */
  launch(text: string): PlanLaunch {
    const names = text.split(' ');
    return { source: kernel(names), tensors: names.map((name) => this.at(name)) };
  }

  at(name: string): number {
    const index = this.#index.get(name.replace('=', ''));
    if (index === undefined) throw new Error(`there is no ${name}`);
    return index;
  }

  /** Lifetimes in these steps, each a list of launches; names of what each block belongs apart from. */
  blocks(steps: readonly (readonly string[])[], inputs: string, outputs: string) {
    const roots = this.table.all.flatMap(({ constant: held }, i) => (held ? [] : [i]));
    const port = (name: string) => ({ name, tensor: this.at(name) });
    const found = lifetimes(roots, {
      drafts: this.table,
      steps: steps.map((launches) => ({ launches: launches.map((text) => this.launch(text)), cost: null })),
      inputs: Array.from(inputs, port),
      outputs: Array.from(outputs, port),
    });
    const nameOf = (block: number): string => this.table.at(roots[block]).name;
    const namesOf = (blocks: ReadonlySet<number>): string => Array.from(blocks, nameOf).sort().join('');
    return Object.fromEntries(
      found.map(({ start, end, apart, sharable }, i) => [
        nameOf(i),
        { lives: [start, end], apart: namesOf(apart), sharable: namesOf(new Set(sharable.keys())) },
      ]),
    );
  }

  #add(name: string, value: Value): void {
    this.#index.set(name, this.table.add(value, rowMajor(2), 'f32'));
  }
}

describe('lifetimes', () => {
  it('go from launch to launch, also within a step', () => {
    const blocks = new Drafts('x s y z').blocks([['x s=', 's y='], ['y z=']], 'x', 'z');
    expect(blocks.x.lives).toEqual([-1, 0]);
    expect(blocks.s.lives).toEqual([0, 1]);
    expect(blocks.y.lives).toEqual([1, 2]);
    expect(blocks.z.lives).toEqual([2, 3]);
  });

  it('of inputs end with their last reader, and of outputs with the run', () => {
    const blocks = new Drafts('a b x y z').blocks([['a x='], ['x y='], ['b y z=']], 'ab', 'xz');
    expect(blocks.a.lives).toEqual([-1, 0]);
    expect(blocks.b.lives).toEqual([-1, 2]);
    expect(blocks.x.lives).toEqual([0, 3]);
    expect(blocks.y.lives).toEqual([1, 2]);
  });

  it('are a moment for what is written and never read, and for what is never touched', () => {
    const blocks = new Drafts('x y unread untouched').blocks([['x unread= y=']], 'x', 'y');
    expect(blocks.unread.lives).toEqual([0, 0]);
    const [start, end] = blocks.untouched.lives;
    expect(start).toBe(end);
  });

  it('belong apart where one launch reads the one and writes the other', () => {
    const blocks = new Drafts('x s y z', 'w').blocks([['x w s=', 'x s y='], ['y z=']], 'x', 'z');
    expect(blocks.x).toMatchObject({ apart: 'sy', sharable: 'sy' });
    expect(blocks.s).toMatchObject({ apart: 'xy', sharable: 'xy' });
    expect(blocks.y).toMatchObject({ apart: 'sxz', sharable: 'sxz' });
    expect(blocks.z).toMatchObject({ apart: 'y', sharable: 'y' });
  });

  it('must stay apart where a launch binds a tensor twice: it could not be writable twice', () => {
    const blocks = new Drafts('x y z').blocks([['x x y='], ['x z=']], 'x', 'yz');
    expect(blocks.x).toMatchObject({ apart: 'yz', sharable: 'z' });
    expect(blocks.y).toMatchObject({ apart: 'x', sharable: '' });
  });
});

function accessOf(list: readonly KernelBinding[]): string[] {
  return list.map(({ access }) => access);
}

/** 38, 2, 19 and 19 MiB one after another: neither of the last two fits into the bank of the second. */
function narrow(): Graph {
  const graph = new Graph('narrow');
  const builder = new NetworkBuilder(graph);
  const times = (x: Value, count: number): Value => builder.concat(Array.from({ length: count }, () => x));
  const large = times(image(graph, [1, 2, 704, 704]), 10);
  const middle = times(builder.maxPool(large, { kernel: 4, stride: 4 }), 8);
  const same = builder.maxPool(middle, { kernel: 3, stride: 1, pad: 1 });
  graph.output('y', builder.maxPool(same, { kernel: 176, stride: 176 }));
  return graph;
}

describe('kernels that share a bank', () => {
  it('declare as writable what they read there', () => {
    const source = kernel(['x', 'w', 'y=']);
    const changed = withWritable(source, new Set([0]));
    expect(accessOf(changed.bindings)).toEqual(['read_write', 'read', 'read_write']);
    expect(changed.wgsl).toBe(kernel(['x=', 'w', 'y=']).wgsl);
    expect(accessOf(source.bindings)).toEqual(['read', 'read', 'read_write']);
  });

  it('must declare their bindings as all kernels do', () => {
    const source = kernel(['x', 'y=']);
    expect(canShare(source)).toBe(true);
    expect(canShare({ ...source, wgsl: source.wgsl.replace('storage, read>', 'storage>') })).toBe(false);
  });

  describe('on software WebGPU', () => {
    const platform = new SharedPlatform(nodePlatform);
    afterAll(() => platform.close());

    it('keep what they do not write', async () => {
      const layout = 'nhwc';
      const plan = planIn(narrow(), layout);
      expect(sharingLaunches(plan).join()).toContain('maxpool');
      expect(refusedLaunches(plan)).toEqual([]);

      const model: Model = {
        name: 'narrow',
        inputs: [{ name: 'x', dtype: 'f32', dims: [1, 2, 704, 704] }],
        outputs: [{ name: 'y', dtype: 'f32', dims: [1, 160, 1, 1] }],
        build: narrow,
      };
      const dims = [1, 2, 704, 704];
      const values = Float32Array.from({ length: sizeOf(dims) }, (_, i) => Math.sin(i));
      const x = new Tensor('f32', dims, values);
      const gpu = await createSession(model, { device: 'webgpu:software', policy: layout }, platform);
      const { y } = await gpu.run({ x });
      await gpu.dispose();
      // Maxima of maxima over a plane are its maximum.
      const plane = x.data.length / 2;
      const maxima = [0, 1].map((c) =>
        x.data.subarray(c * plane, (c + 1) * plane).reduce((a, b) => Math.max(a, b)),
      );
      expect([...y.data]).toEqual(Array.from({ length: 160 }, (_, c) => maxima[c % 2]));
    });
  });
});

/** A network's plans: the best, and of the first kernels in each layout. */
function plansOf(name: string, batch: number): Plan[] {
  const model = network(name);
  const [, ...size] = model.inputs[0].dims as number[];
  const graph = model.build({ dims: new Map([['image', [batch, ...size]]]) });
  rewriteGraph(graph);
  rewriteForGpu(graph);
  return [bestPlan(graph), ...UNIFORM.map((layout) => planIn(graph, layout))];
}

/** Where keeping within the tolerance would take more of the time than it is worth, by network and batch. */
const WASTE: Readonly<Record<string, number>> = {
  'alexnet 1': 1.11,
  'cifar10 32': 1.17,
  'cifar10 128': 1.17,
  'vgg16 128': 1.06,
  // Two of Winograd's scratch tensors and a residual: 1.0556 is the least that two banks can do.
  'resnet50 32': 1.06,
  'resnet50 128': 1.06,
  'mobilenet_v2 32': 1.11,
  'mobilenet_v2 128': 1.11,
};

/** The part of a plan's time that launches lose because they share banks, by what kernels of their kind lose. */
function lossOf(plan: Plan): number {
  const sharing = new Set(sharingLaunches(plan));
  const time = plan.steps.reduce((sum, { cost }) => sum + (cost?.median ?? 0), 0);
  const lost = plan.steps.flatMap(({ name, launches, cost }) => {
    const bytes = launches.reduce((sum, { source }) => sum + source.bytes, 0);
    return launches.map(({ source }) => {
      const own = (cost?.median ?? 0) * (bytes > 0 ? source.bytes / bytes : 0);
      return sharing.has(`${name}: ${source.id}`) ? own * sharingLoss(source.id) : 0;
    });
  });
  return lost.reduce((sum, part) => sum + part, 0) / time;
}

describe('networks by name', () => {
  describe.each([1, 32, 128])('with batch %i', (batch) => {
    it.each(NETWORK_NAMES)(
      '%s peaks near the most that is alive at once, at hardly any loss of time',
      (name) => {
        const plans = plansOf(name, batch);
        const ratios = plans.map((plan) => peakOf(plan) / plan.lowerBound);
        expect(Math.min(...ratios)).toBeGreaterThanOrEqual(1);
        expect(Math.max(...ratios)).toBeLessThanOrEqual(WASTE[`${name} ${batch}`] ?? TOLERANCE);
        expect(Math.max(...plans.map(lossOf))).toBeLessThanOrEqual(0.01);
        expect(plans.flatMap(refusedLaunches)).toEqual([]);
      },
    );
  });
});
