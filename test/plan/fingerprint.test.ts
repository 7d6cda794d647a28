/** What tells graphs and nodes apart for a planner. */
import { describe, expect, it } from 'vitest';
import { Graph, type Node } from '../../src/graph/index.js';
import { Pad } from '../../src/ops/pad.js';
import { Unary } from '../../src/ops/unary.js';
import { clip, neg } from '../../src/ops/unary-functions.js';
import { fingerprintOf, signatureOf } from '../../src/plan/fingerprint.js';
import { image } from './small-graphs.js';

type Made = readonly [name: string, make: (graph: Graph) => void];

const pad = (value: number): Made => [
  `a padding with ${value}`,
  (graph) => {
    const op = new Pad('constant', [0, 0, 1, 1], [0, 0, 1, 1], value);
    graph.output('y', graph.add(op, [image(graph)])[0]);
  },
];

/** Pairwise different. */
const GRAPHS: readonly Made[] = [
  pad(0),
  pad(-0),
  pad(Infinity),
  pad(-Infinity),
  ['a function', (graph) => graph.output('y', graph.add(new Unary(neg), [image(graph)])[0])],
  [
    'it twice',
    (graph) => {
      const [x] = graph.add(new Unary(neg), [image(graph)]);
      graph.output('y', graph.add(new Unary(neg), [x])[0]);
    },
  ],
  ['bounds', (graph) => graph.output('y', graph.add(new Unary(clip(-Infinity, 6)), [image(graph)])[0])],
  ['other bounds', (graph) => graph.output('y', graph.add(new Unary(clip(6, Infinity)), [image(graph)])[0])],
  ['other dims', (graph) => graph.output('y', graph.add(new Unary(neg), [image(graph, [2, 4, 6, 7])])[0])],
  [
    'its input as an output too',
    (graph) => {
      const x = image(graph);
      graph.output('y', graph.add(new Unary(neg), [x])[0]);
      graph.output('x', x);
    },
  ],
];

function build([, make]: Made, name = 'graph'): Graph {
  const graph = new Graph(name);
  make(graph);
  return graph;
}

function lastNode(graph: Graph): Node {
  return [...graph.nodes].at(-1)!;
}

describe('a fingerprint', () => {
  it('differs for graphs that differ', () => {
    expect(new Set(GRAPHS.map((made) => fingerprintOf(build(made)))).size).toBe(GRAPHS.length);
  });

  it.each(GRAPHS)('of %s is the same every time, under any name', (...made) => {
    expect(fingerprintOf(build(made, 'other'))).toBe(fingerprintOf(build(made)));
  });
});

describe('a signature', () => {
  it('tells operators apart by values that JSON has no words for', () => {
    const signatures = [pad(0), pad(-0), pad(Infinity), pad(-Infinity)].map((made) =>
      signatureOf(lastNode(build(made))),
    );
    expect(new Set(signatures).size).toBe(4);
  });

  it('is shared by equal nodes wherever they are', () => {
    const graph = build(GRAPHS[5]);
    expect(new Set([...graph.nodes].map(signatureOf)).size).toBe(1);
  });
});
