import { describe, expect, test } from 'vitest';
import { GraphError, LimitError, ShapeError } from '../../src/errors.js';
import {
  Constant,
  DEFAULT_LIMITS,
  Graph,
  countParameters,
  lastUses,
  peakActivationBytes,
  topologicalOrder,
  type Value,
} from '../../src/graph/index.js';
import { Binary } from '../../src/ops/binary.js';
import { add } from '../../src/ops/binary-functions.js';
import { Reshape } from '../../src/ops/reshape.js';
import { Split } from '../../src/ops/split.js';
import { Unary } from '../../src/ops/unary.js';
import { neg, relu } from '../../src/ops/unary-functions.js';
import { Tensor } from '../../src/tensor/index.js';
import { opTypes } from './evaluate.js';

const VECTOR = { dtype: 'f32', dims: [4] } as const;

function unary(graph: Graph, x: Value, name?: string): Value {
  return graph.add(new Unary(relu), [x], name === undefined ? {} : { name })[0];
}

function sum(graph: Graph, a: Value, b: Value): Value {
  return graph.add(new Binary(add), [a, b])[0];
}

describe('constants', () => {
  test('a fill and a computed constant are made when they are first read, once', () => {
    const fill = Constant.fill(Tensor.scalar('f16', 3), [2, 2]);
    expect(fill.type).toEqual({ dtype: 'f16', dims: [2, 2] });
    expect(fill.element?.toNumbers()).toEqual([3]);
    expect(fill.tensor.toNumbers()).toEqual([3, 3, 3, 3]);
    expect(fill.tensor).toBe(fill.tensor);
    let made = 0;
    const computed = Constant.computed({ dtype: 'f32', dims: [1] }, () => {
      made++;
      return Tensor.from('f32', [1], [5]);
    });
    expect(made).toBe(0);
    expect([computed.tensor.toNumbers(), computed.tensor.toNumbers(), made]).toEqual([[5], [5], 1]);
  });

  test('parameters are counted once however many read them', () => {
    const graph = new Graph();
    const x = graph.input('x', VECTOR);
    const w = graph.constant('w', new Tensor('f32', [4]));
    const unused = graph.constant('unused', new Tensor('f32', [100]));
    graph.output('y', sum(graph, sum(graph, x, w), w));
    expect(unused.unread).toBe(true);
    expect(countParameters(graph)).toEqual({ elements: 4, bytes: 16 });
  });
});

describe('adding', () => {
  test('a node gets its types from the op, and names', () => {
    const graph = new Graph('net');
    const x = graph.input('x', VECTOR);
    const [a, b] = graph.add(new Split(0, [1, 3]), [x], { name: 'split', outputNames: ['head'] });
    expect([a.name, b.name, a.type.dims, b.type.dims]).toEqual(['head', 'split:1', [1], [3]]);
    expect(a.producer).toBe(b.producer);
    expect(a.producer?.label).toBe('Split "split"');
    expect([...x.consumers]).toEqual([a.producer]);
  });

  test('a shape that does not fit names the node', () => {
    const graph = new Graph();
    const x = graph.input('x', VECTOR);
    expect(() => graph.add(new Reshape([5]), [x], { name: 'bad' })).toThrow(ShapeError);
    expect(() => graph.add(new Reshape([5]), [x], { name: 'bad' })).toThrow(/^Reshape "bad": /);
    expect(graph.nodes.size).toBe(0);
  });

  test('limits hold for inputs, constants and results', () => {
    const graph = new Graph('small', { ...DEFAULT_LIMITS, maxTensorBytes: 16, maxNodes: 1 });
    expect(() => graph.input('big', { dtype: 'f32', dims: [5] })).toThrow(LimitError);
    expect(() => graph.constant('big', new Tensor('f64', [3]))).toThrow(/"big" \(f64 3\) takes 24 bytes/);
    const x = graph.input('x', VECTOR);
    unary(graph, x);
    expect(() => unary(graph, x)).toThrow(/more than 1 nodes/);
  });

  test.each([[[-1]], [[0.5]], [[NaN]], [[2 ** 53]], [[2 ** 40, 2 ** 40]]])('dims %j are no shape', (dims) => {
    expect(() => new Graph().input('x', { dtype: 'f32', dims })).toThrow(ShapeError);
  });

  test('empty tensors are fine, empty ones with huge dims and absurd ranks are not', () => {
    const graph = new Graph();
    expect(graph.input('empty', { dtype: 'f32', dims: [0, 3] }).type.dims).toEqual([0, 3]);
    expect(() => graph.input('x', { dtype: 'f32', dims: [2 ** 40, 0] })).toThrow(/empty but has huge/);
    expect(() => graph.input('x', { dtype: 'f32', dims: new Array(65).fill(1) })).toThrow(/rank 65/);
  });

  test('an output name is given once', () => {
    const graph = new Graph();
    const x = graph.input('x', VECTOR);
    graph.output('y', x);
    expect(() => graph.output('y', x)).toThrow(GraphError);
  });
});

describe('changing', () => {
  test('replacing uses moves readers and output names', () => {
    const graph = new Graph();
    const x = graph.input('x', VECTOR);
    const y = unary(graph, x);
    const twice = sum(graph, y, y);
    graph.output('y', y);
    graph.output('sum', twice);
    graph.replaceUses(y, x);
    expect(y.unread).toBe(true);
    expect(twice.producer?.inputs).toEqual([x, x]);
    expect(graph.outputs.map(({ name, value }) => [name, value.name])).toEqual([
      ['y', 'x'],
      ['sum', twice.name],
    ]);
    expect(x.consumers.size).toBe(2);
    graph.replaceUses(x, x);
    expect(x.consumers.size).toBe(2);
    expect(x.outputNames.has('y')).toBe(true);
  });

  test('pruning takes out what leads to no output, all the way up', () => {
    const graph = new Graph();
    const x = graph.input('x', VECTOR);
    const kept = unary(graph, x);
    unary(graph, sum(graph, unary(graph, x), kept));
    graph.output('y', kept);
    expect(graph.prune()).toBe(3);
    expect(opTypes(graph)).toEqual(['Relu']);
    expect(x.consumers.size).toBe(1);
    expect(graph.prune()).toBe(0);
  });

  test('an op is replaced only by one with the same result type', () => {
    const graph = new Graph();
    const x = graph.input('x', VECTOR);
    const y = unary(graph, x);
    const [node] = graph.nodes;
    graph.replace(node, new Unary(neg), [x]);
    expect(node.op.type).toBe('Neg');
    expect(y.producer).toBe(node);
    expect(() => graph.replace(node, new Reshape([2, 2]), [x])).toThrow(GraphError);
    expect(node.op.type).toBe('Neg');
  });
});

describe('order and lifetimes', () => {
  test('producers come first, whatever the order of adding became', () => {
    const graph = new Graph();
    const x = graph.input('x', VECTOR);
    const a = unary(graph, x, 'a');
    const b = unary(graph, x, 'b');
    graph.output('y', sum(graph, a, b));
    const [nodeA, nodeB] = graph.nodes;
    graph.replace(nodeA, nodeA.op, [b]);
    expect(topologicalOrder(graph).map(({ name }) => name)).toEqual(
      ['b', 'a', 'Binary_0'].map((n) => n.replace('Binary', 'Add')),
    );
    graph.replace(nodeB, nodeB.op, [a]);
    expect(() => topologicalOrder(graph)).toThrow(/cycle/);
  });

  test('a value dies at its last reader; outputs of the graph live on', () => {
    const graph = new Graph();
    const x = graph.input('x', VECTOR);
    const a = unary(graph, x);
    const b = unary(graph, a);
    const c = sum(graph, a, b);
    unary(graph, c);
    graph.output('c', c);
    const order = topologicalOrder(graph);
    const names = lastUses(order).map((values) => values.map(({ name }) => name));
    // The last node's result is read by nobody: it dies where it is born.
    expect(names).toEqual([[], [], [a.name, b.name], [order[3].outputs[0].name]]);
    // x, a, b and c live at once while c is computed.
    expect(peakActivationBytes(order, graph.inputs)).toBe(4 * 16);
  });
});
