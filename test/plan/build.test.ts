/** Plans of small graphs: transforms, parts in place, memory, outputs. */
import { describe, expect, it } from 'vitest';
import { UnsupportedError } from '../../src/errors.js';
import { Graph, type Node } from '../../src/graph/index.js';
import { NetworkBuilder } from '../../src/networks/builder.js';
import { Binary } from '../../src/ops/binary.js';
import { add } from '../../src/ops/binary-functions.js';
import { Concat } from '../../src/ops/concat.js';
import { CumSum } from '../../src/ops/cum-sum.js';
import { Identity } from '../../src/ops/identity.js';
import { MaxPool } from '../../src/ops/max-pool.js';
import { Reshape } from '../../src/ops/reshape.js';
import { Split } from '../../src/ops/split.js';
import { Transpose } from '../../src/ops/transpose.js';
import { buildPlan, type BuiltPlan } from '../../src/plan/build.js';
import type { Candidate, CandidateContext } from '../../src/candidates/candidate.js';
import type { Plan, PlanStep, PlanTensor } from '../../src/plan/plan.js';
import { Network } from '../../src/plan/network.js';
import { uniformPolicy, type UniformName } from '../../src/plan/policies/index.js';
import { layoutOf, sizeOf, type LayoutKind } from '../../src/tensor/index.js';
import { constant, image, unary } from './small-graphs.js';
import { DEFAULT_LIMITS } from '../support/limits.js';

const CONTEXT: CandidateContext = { limits: DEFAULT_LIMITS, features: new Set(), storage: 'f32' };

const UNIFORM: readonly UniformName[] = ['nchw', 'nhwc', 'chwn'];

/** One of a node's candidates. */
type Pick = (node: Node, candidates: readonly Candidate[]) => Candidate;

/** For every node the first candidate that computes its output in the layout named, NCHW where none is. */
function layouts(byNode: Readonly<Record<string, LayoutKind>> = {}): Pick {
  return (node, candidates) => {
    const { name } = layoutOf(byNode[node.name] ?? 'nchw', node.outputs[0].type.dims.length);
    return candidates.find(({ outputs }) => outputs[0].name === name) ?? candidates[0];
  };
}

/** The first candidate in one layout. */
function all(name: UniformName): Pick {
  return (node, candidates) => uniformPolicy(name).allow(node, candidates)[0];
}

function plan(graph: Graph, pick = layouts()): BuiltPlan {
  const { choices } = new Network(graph, CONTEXT);
  const chosen = new Map(choices.map(({ node, candidates }) => [node, pick(node, candidates)]));
  return buildPlan(graph, CONTEXT, chosen);
}

/** Steps in short: `neg a`, `Transform x NHWC`. */
function summary(steps: readonly PlanStep[]): string[] {
  return steps.map(({ op, name, outputLayout }) =>
    op === 'Transform' ? `${op} ${name} ${outputLayout}` : `${op} ${name}`,
  );
}

function transforms(steps: readonly PlanStep[]): string[] {
  return summary(steps).filter((line) => line.startsWith('Transform'));
}

function stepOf({ steps }: Plan, name: string): PlanStep {
  const found = steps.find((step) => step.name === name && step.op !== 'Transform');
  if (!found) throw new Error(`there is no step ${name}`);
  return found;
}

/** The tensor that a step's last launch writes. */
function writtenBy({ tensors, steps }: Plan, name: string): PlanTensor {
  const launch = stepOf({ steps } as Plan, name).launches.at(-1);
  const binding = launch?.source.bindings.findIndex(({ access }) => access === 'read_write') ?? -1;
  if (!launch || binding < 0) throw new Error(`${name} writes nothing`);
  return tensors[launch.tensors[binding]];
}

function outputOf({ tensors, outputs }: Plan, name: string): PlanTensor {
  const port = outputs.find((output) => output.name === name);
  if (!port) throw new Error(`there is no output ${name}`);
  return tensors[port.tensor];
}

/** Launches that bind one bank both read-only and writable, which WebGPU refuses, and those that write a constant. */
function mixedLaunches({ steps, tensors }: Plan): string[] {
  return steps.flatMap(({ name, launches }) =>
    launches.flatMap(({ source, tensors: bound }) => {
      const buffers = { read: new Set<string>(), read_write: new Set<string>() };
      for (const [i, tensor] of bound.entries()) {
        const { place } = tensors[tensor];
        const { access } = source.bindings[i];
        buffers[access].add(place.kind === 'arena' ? `bank ${place.bank}` : `constant ${place.index}`);
        // Shared by all runs, and by other graphs.
        if (place.kind === 'constant') buffers.read.add(`constant ${place.index}`);
      }
      return [...buffers.read].some((buffer) => buffers.read_write.has(buffer))
        ? [`${name}: ${source.id}`]
        : [];
    }),
  );
}

describe('transforms', () => {
  it('are not there where every node has the layout of the inputs', () => {
    const graph = new Graph();
    const x = image(graph);
    graph.output('y', unary(graph, unary(graph, x, 'a'), 'b'));
    expect(summary(plan(graph).plan.steps)).toEqual(['Neg a', 'Neg b']);
  });

  it('are made once for each layout that readers want, and for outputs', () => {
    const graph = new Graph();
    const x = image(graph);
    const a = unary(graph, x, 'a');
    for (const name of ['b', 'c', 'd', 'e']) graph.output(name, unary(graph, a, name));
    const pick = layouts({ b: 'nhwc', c: 'nhwc', d: 'chwn' });
    const { steps } = plan(graph, pick).plan;
    expect(transforms(steps).sort()).toEqual([
      'Transform a CHWN',
      'Transform a NHWC',
      'Transform b NCHW',
      'Transform c NCHW',
      'Transform d NCHW',
    ]);
    const order = summary(steps);
    expect(order.indexOf('Transform a NHWC')).toBeLessThan(order.indexOf('Neg b'));
  });

  it('are not there between two nodes of the same layout', () => {
    const graph = new Graph();
    const x = image(graph);
    graph.output('y', unary(graph, unary(graph, unary(graph, x, 'a'), 'b'), 'c'));
    const { steps } = plan(graph, layouts({ a: 'chwn', b: 'chwn', c: 'chwn' })).plan;
    expect(summary(steps)).toEqual(['Transform x CHWN', 'Neg a', 'Neg b', 'Neg c', 'Transform c NCHW']);
  });

  it('are not there where another layout places every element alike', () => {
    const graph = new Graph();
    const x = image(graph, [1, 4, 6, 6]);
    const [y] = graph.add(new MaxPool({ kernel: [2, 2] }), [x], { name: 'y' });
    graph.output('y', y);
    const { steps } = plan(graph, layouts({ y: 'chwn' })).plan;
    expect(steps.map(({ outputLayout }) => outputLayout)).toEqual(['CHWN']);
  });

  it('are not there for constants, which are uploaded in each layout that is wanted', () => {
    const graph = new Graph();
    const x = image(graph);
    const k = constant(graph, 'k', [2, 4, 6, 6]);
    const [a] = graph.add(new Binary(add), [x, k], { name: 'a' });
    const [b] = graph.add(new Binary(add), [a, k], { name: 'b' });
    const [c] = graph.add(new Binary(add), [b, k], { name: 'c' });
    graph.output('c', c);
    const built = plan(graph, layouts({ a: 'nhwc', b: 'nhwc' }));
    expect(transforms(built.plan.steps)).toEqual(['Transform x NHWC', 'Transform b NCHW']);
    const forms = built.plan.tensors.filter(({ place }) => place.kind === 'constant');
    expect(forms.map(({ layout }) => layout.name).sort()).toEqual(['NCHW', 'NHWC']);
    expect(built.constants).toHaveLength(2);
    expect(built.plan.constantBytes).toBe(2 * 4 * sizeOf([2, 4, 6, 6]));
  });
});

/** Two poolings of x side by side. */
function twoPools(channels = 4): Graph {
  const graph = new Graph();
  const x = image(graph, [2, channels, 6, 6]);
  const parts = ['a', 'b'].map((name) => graph.add(new MaxPool({ kernel: [2, 2] }), [x], { name })[0]);
  const [y] = graph.add(new Concat(1), parts, { name: 'y' });
  graph.output('y', y);
  return graph;
}
/** The layout of `twoPools` throughout. */
function kinds(kind: LayoutKind): Pick {
  return layouts({ a: kind, b: kind, y: kind });
}

describe('concatenation', () => {
  it.each(['nchw', 'nhwc', 'chwn'] as const)('in %s is written in place by its producers', (kind) => {
    const built = plan(twoPools(), kinds(kind)).plan;
    expect(stepOf(built, 'y').launches).toEqual([]);
    const [a, b] = [writtenBy(built, 'a'), writtenBy(built, 'b')];
    expect(a.place).toEqual(b.place);
    expect(a.bytes).toBe(4 * sizeOf([2, 8, 5, 5]));
    expect([a.dims, b.dims]).toEqual([
      [2, 4, 5, 5],
      [2, 4, 5, 5],
    ]);
  });

  it('copies what does not end with a block where channels are blocked', () => {
    expect(stepOf(plan(twoPools(4), kinds('nchw4c')).plan, 'y').launches).toHaveLength(0);
    expect(stepOf(plan(twoPools(3), kinds('nchw4c')).plan, 'y').launches).toHaveLength(2);
  });

  it('copies what another layout is wanted for', () => {
    const { steps } = plan(twoPools(), layouts({ a: 'nhwc' })).plan;
    expect(stepOf({ steps } as Plan, 'y').launches).toHaveLength(1);
    expect(transforms(steps)).toContain('Transform a NCHW');
  });

  it('copies graph inputs, constants, aliases, and what somebody else reads', () => {
    const graph = new Graph();
    const x = image(graph, [2, 4, 6, 6]);
    const k = constant(graph, 'k', [2, 4, 6, 6]);
    const alone = unary(graph, x, 'alone');
    const shared = unary(graph, x, 'shared');
    const output = unary(graph, x, 'output');
    const [alias] = graph.add(new Identity(), [unary(graph, x, 'origin')], { name: 'alias' });
    const [y] = graph.add(new Concat(1), [x, k, alone, shared, output, alias], { name: 'y' });
    graph.output('y', y);
    graph.output('z', unary(graph, shared, 'z'));
    graph.output('output', output);
    const built = plan(graph).plan;
    expect(stepOf(built, 'y').launches).toHaveLength(5);
    expect(writtenBy(built, 'alone').place).toEqual(outputOf(built, 'y').place);
  });

  it('copies what stands in it twice', () => {
    const graph = new Graph();
    const a = unary(graph, image(graph), 'a');
    const [y] = graph.add(new Concat(1), [a, a], { name: 'y' });
    graph.output('y', y);
    expect(stepOf(plan(graph).plan, 'y').launches).toHaveLength(2);
  });

  it('of concatenations copies the inner one, whose parts are in place', () => {
    const graph = new Graph();
    const x = image(graph);
    const [inner] = graph.add(new Concat(1), [unary(graph, x, 'a'), unary(graph, x, 'b')], {
      name: 'inner',
    });
    const [outer] = graph.add(new Concat(1), [inner, unary(graph, x, 'c')], { name: 'outer' });
    graph.output('y', outer);
    const built = plan(graph).plan;
    expect(stepOf(built, 'inner').launches).toHaveLength(0);
    expect(stepOf(built, 'outer').launches).toHaveLength(1);
    expect(writtenBy(built, 'a').place).toEqual(writtenBy(built, 'b').place);
    expect(writtenBy(built, 'c').place).toEqual(outputOf(built, 'y').place);
    expect(mixedLaunches(built)).toEqual([]);
  });
});

describe('outputs', () => {
  it('may be inputs, constants and aliases, under several names', () => {
    const graph = new Graph();
    const x = image(graph);
    const k = constant(graph, 'k', [3]);
    const [flat] = graph.add(new Reshape([2, 144]), [unary(graph, x, 'a')], { name: 'flat' });
    for (const [name, value] of Object.entries({ x1: x, x2: x, k, f1: flat, f2: flat }))
      graph.output(name, value);
    const built = plan(graph);
    const { plan: made } = built;
    expect(summary(made.steps)).toEqual(['Neg a']);
    expect(made.outputs.map(({ name }) => name)).toEqual(['x1', 'x2', 'k', 'f1', 'f2']);
    expect(outputOf(made, 'x1')).toBe(made.tensors[made.inputs[0].tensor]);
    expect(outputOf(made, 'x2')).toBe(outputOf(made, 'x1'));
    expect(outputOf(made, 'k').place).toEqual({ kind: 'constant', index: 0 });
    expect(built.constants.map(({ type }) => type.dims)).toEqual([[3]]);
    expect(outputOf(made, 'f1').dims).toEqual([2, 144]);
    expect(outputOf(made, 'f1').place).toEqual(writtenBy(made, 'a').place);
  });

  it('are row-major, whatever the layout that they were computed in', () => {
    const graph = new Graph();
    const a = unary(graph, image(graph), 'a');
    graph.output('y', a);
    graph.output('again', a);
    const { steps, ...rest } = plan(graph, layouts({ a: 'chwn' })).plan;
    expect(transforms(steps)).toEqual(['Transform x CHWN', 'Transform a NCHW']);
    expect(outputOf({ steps, ...rest }, 'y').layout.name).toBe('NCHW');
  });

  it('keep their memory to the end, as inputs do until they are read', () => {
    const graph = new Graph();
    const x = image(graph);
    const late = image(graph, [2, 4, 6, 6], 'late');
    const first = unary(graph, x, 'first');
    let y = first;
    for (let i = 0; i < 6; i++) y = unary(graph, y, `n${i}`);
    graph.output('first', first);
    graph.output('y', graph.add(new Binary(add), [y, late], { name: 'sum' })[0]);
    const built = plan(graph).plan;
    const kept = [outputOf(built, 'first'), built.tensors[built.inputs[1].tensor]].map(({ place }) => place);
    for (const name of ['n0', 'n1', 'n2', 'n3', 'n4', 'n5'])
      for (const place of kept) expect(writtenBy(built, name).place).not.toEqual(place);
    expect(built.banks.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(6 * outputOf(built, 'y').bytes);
  });
});

describe('memory', () => {
  it('is never both read and written in one bank by a launch', () => {
    const graph = new Graph();
    const builder = new NetworkBuilder(graph);
    const x = image(graph, [2, 8, 6, 6]);
    const [left, right] = graph.add(new Split(1, [3, 5]), [x], { name: 'split' });
    let y = builder.concat([builder.relu(left), right, builder.maxPool(x, { kernel: 3, stride: 1, pad: 1 })]);
    y = builder.add(
      builder.conv(y, { channels: 16, kernel: 1 }),
      builder.conv(y, { channels: 16, kernel: 1 }),
    );
    graph.output('y', builder.softmax(builder.linear(builder.flatten(y), 10)));
    for (const name of UNIFORM) {
      const built = plan(graph, all(name)).plan;
      expect(mixedLaunches(built)).toEqual([]);
      expect(built.banks.length).toBeGreaterThan(1);
      for (const { place, bytes } of built.tensors) {
        if (place.kind !== 'arena') continue;
        expect(place.offset % DEFAULT_LIMITS.offsetAlignment).toBe(0);
        expect(place.offset + bytes).toBeLessThanOrEqual(built.banks[place.bank]);
      }
    }
  });

  it('is used again: a long chain takes no more than a short one', () => {
    const bytes = [2, 40].map((length) => {
      const graph = new Graph();
      let y = image(graph);
      for (let i = 0; i < length; i++) y = unary(graph, y, `n${i}`);
      graph.output('y', y);
      return plan(graph).plan.banks.reduce((sum, size) => sum + size, 0);
    });
    expect(bytes[1]).toBe(bytes[0]);
  });
});

describe('what cannot be planned', () => {
  it('is refused by name and node: an op, and an element type', () => {
    const graph = new Graph();
    const options = { axis: 0, exclusive: false, reverse: false };
    graph.output('y', graph.add(new CumSum(options), [image(graph)], { name: 'sums' })[0]);
    expect(() => plan(graph)).toThrow(UnsupportedError);
    expect(() => plan(graph)).toThrow(/CumSum "sums".*CumSum on a GPU/);
    const doubles = new Graph();
    doubles.output('y', doubles.input('x', { dtype: 'f64', dims: [2] }));
    expect(() => plan(doubles)).toThrow(/element type f64 on a GPU/);
  });

  it('launches nothing where there are no elements', () => {
    const graph = new Graph();
    const x = image(graph, [0, 4, 6, 6]);
    const [pooled] = graph.add(new MaxPool({ kernel: [2, 2] }), [x], { name: 'pool' });
    graph.output('y', graph.add(new Transpose([0, 2, 3, 1]), [pooled], { name: 'turned' })[0]);
    for (const name of UNIFORM) {
      const { steps } = plan(graph, all(name)).plan;
      expect(steps.flatMap(({ launches }) => launches)).toEqual([]);
    }
  });
});

/** A split of channels, and something that reads each part. */
function splitInto(dims: readonly number[], sizes: readonly number[]): Graph {
  const graph = new Graph();
  const parts = graph.add(new Split(1, [...sizes]), [image(graph, [...dims])], { name: 'split' });
  for (const [i, part] of parts.entries()) graph.output(`y${i}`, unary(graph, part, `n${i}`));
  return graph;
}

/** The split's candidate that launches nothing, if there is one. */
const slicing: Pick = (_node, candidates) => candidates.find(({ slices }) => slices) ?? candidates[0];

describe('a split', () => {
  it('of channels is nothing but two pieces of memory where they lie outermost', () => {
    const built = plan(splitInto([1, 8, 16, 16], [4, 4]), slicing).plan;
    expect(built.steps.map(({ op }) => op)).toEqual(['Neg', 'Neg']);
    const read = built.steps.map(({ launches }) => built.tensors[launches[0].tensors[0]]);
    expect(read.map(({ dims }) => dims)).toEqual([
      [1, 4, 16, 16],
      [1, 4, 16, 16],
    ]);
    const [first, second] = read.map(({ place }) => (place.kind === 'arena' ? place : undefined));
    expect(second).toEqual({ ...first, offset: (first?.offset ?? 0) + 4 * 4 * 16 * 16 });
  });

  it('keeps an empty piece within the memory, though it begins where that ends', () => {
    const graph = new Graph();
    const parts = graph.add(new Split(1, [8, 0]), [image(graph, [1, 8, 16, 16])], { name: 'split' });
    for (const [i, part] of parts.entries()) graph.output(`y${i}`, part);
    const { outputs, tensors, banks } = plan(graph, slicing).plan;
    for (const { tensor } of outputs) {
      const { place, bytes } = tensors[tensor];
      expect(place.kind === 'arena' && place.offset + bytes <= banks[place.bank]).toBe(true);
    }
  });

  it('copies out of a constant under another name, though an equal split of an activation has pieces', () => {
    const graph = new Graph();
    const weights = constant(graph, 'weights', [1, 8, 16, 16]);
    const [renamed] = graph.add(new Identity(), [weights], { name: 'renamed' });
    for (const [name, whole] of Object.entries({ image: image(graph, [1, 8, 16, 16]), renamed })) {
      const parts = graph.add(new Split(1, [4, 4]), [whole], { name: `split ${name}` });
      for (const [i, part] of parts.entries()) graph.output(`${name}${i}`, unary(graph, part, `${name}${i}`));
    }
    const { steps } = plan(graph, slicing).plan;
    expect(steps.filter(({ op }) => op === 'Split').map(({ name }) => name)).toEqual(['split renamed']);
  });

  it('copies where a piece would begin where no binding can, or is in several', () => {
    for (const graph of [splitInto([1, 8, 3, 3], [4, 4]), splitInto([2, 8, 16, 16], [4, 4])]) {
      const names = plan(graph, all('nchw')).plan.steps.map(({ op }) => op);
      expect(names).toContain('Split');
    }
  });
});
