/** Layouts of random graphs, and of large ones. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { layoutGraph, type LayoutEdge } from '../../../src/report/views/graph-layout.js';

const BOX = { width: 100, height: 40 };

/** Edges from an earlier to a later node. */
const graphs = fc.integer({ min: 1, max: 25 }).chain((count) =>
  fc.record({
    count: fc.constant(count),
    edges: fc.array(
      fc
        .tuple(fc.nat(count - 1), fc.nat(count - 1))
        .map(([a, b]): LayoutEdge => ({ from: Math.min(a, b), to: Math.max(a, b) })),
      { maxLength: 60 },
    ),
  }),
);

it('boxes never overlap, readers stand below, and everything is inside', () => {
  fc.assert(
    fc.property(graphs, ({ count, edges: drawn }) => {
      const edges = drawn.filter(({ from, to }) => from < to);
      const boxes = Array.from({ length: count }, () => BOX);
      const { nodes, edges: lines, width, height } = layoutGraph(boxes, edges);
      for (const { from, to } of edges) expect(nodes[to].y - nodes[from].y).toBeGreaterThan(BOX.height);
      for (const [i, a] of nodes.entries()) {
        expect(a.x - BOX.width / 2).toBeGreaterThanOrEqual(-1e-6);
        expect(a.x + BOX.width / 2).toBeLessThanOrEqual(width + 1e-6);
        expect(a.y + BOX.height / 2).toBeLessThanOrEqual(height + 1e-6);
        for (const b of nodes.slice(0, i)) {
          expect(Math.abs(a.y - b.y) >= BOX.height || Math.abs(a.x - b.x) >= BOX.width - 1e-6).toBe(true);
        }
      }
      for (const [i, line] of lines.entries()) {
        expect(line[0].x).toBe(nodes[edges[i].from].x);
        expect(line.at(-1)?.x).toBe(nodes[edges[i].to].x);
        for (const [k, { y }] of line.entries()) expect(k === 0 || y >= line[k - 1].y).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});

it('a chain is straight', () => {
  const edges = Array.from({ length: 9 }, (_, i) => ({ from: i, to: i + 1 }));
  const { nodes } = layoutGraph(
    Array.from({ length: 10 }, () => BOX),
    edges,
  );
  expect(new Set(nodes.map(({ x }) => x)).size).toBe(1);
});

it('edges lead down', () => {
  expect(() => layoutGraph([BOX, BOX], [{ from: 1, to: 0 }])).toThrow(RangeError);
  expect(() => layoutGraph([BOX], [{ from: 0, to: 0 }])).toThrow(RangeError);
});

it('a thousand nodes with shortcuts take less than two seconds', () => {
  const edges = Array.from({ length: 999 }, (_, i) => ({ from: i, to: i + 1 }));
  for (let i = 0; i + 4 < 1000; i += 3) edges.push({ from: i, to: i + 4 });
  const start = process.cpuUsage();
  layoutGraph(
    Array.from({ length: 1000 }, () => BOX),
    edges,
  );
  expect(process.cpuUsage(start).user).toBeLessThan(2e6);
});
