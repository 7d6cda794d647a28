/** Views of real plans: what they show is what the plan says. */
import { XMLParser } from './xml.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { network, type NetworkName } from '../../../src/networks/index.js';
import {
  detailsView,
  figuresOf,
  flowOf,
  graphView,
  liveBytes,
  markupText,
  memorySpans,
  memoryView,
  networkTime,
  pageText,
  placeGraph,
  rooflineView,
  svgFile,
  tableCsv,
  tableView,
  timelineView,
  traceDocument,
  type Markup,
  type ViewData,
} from '../../../src/report/views/index.js';
import { explainModel } from '../../../src/session/explain.js';
import { standInProfile } from '../../../src/session/stand-in.js';

/** Chains, residual and concatenated branches. */
const NAMES = [
  'lenet',
  'resnet50',
  'squeezenet1_1',
  'mobilenet_v2',
] as const satisfies readonly NetworkName[];
const all = new Map<string, ViewData>();

beforeAll(async () => {
  for (const name of NAMES) {
    const explanation = await explainModel(network(name), { dims: { N: 2 }, profile: standInProfile() });
    all.set(name, { model: name, ...explanation });
  }
});

function dataOf(name: (typeof NAMES)[number]): ViewData {
  const data = all.get(name);
  if (!data) throw new Error(`${name} was not planned`);
  return data;
}

/** As if every step had been measured to take twice what was expected. */
function measured(data: ViewData): ViewData {
  const steps = data.plan.steps.map(({ cost }) => 2 * (cost?.median ?? 0));
  const total = steps.reduce((sum, time) => sum + time, 0);
  return { ...data, measured: steps, run: { median: total / 2, low: total / 2, high: total / 2 } };
}

function marks(view: Markup, test: (mark: Markup) => boolean): Markup[] {
  const inner = view.children.flatMap((child) => (typeof child === 'string' ? [] : marks(child, test)));
  return test(view) ? [view, ...inner] : inner;
}

describe.each(NAMES)('%s', (name) => {
  it('flows from its input to its output, through every step', () => {
    const { plan } = dataOf(name);
    const { nodes, edges } = flowOf(plan);
    const reached = new Set(nodes.flatMap(({ kind }, i) => (kind === 'input' ? [i] : [])));
    for (const { from, to } of edges) {
      expect(from).toBeLessThan(to);
      if (reached.has(from)) reached.add(to);
    }
    expect(reached.size).toBe(nodes.length);
    const isRead = new Set(edges.map(({ from }) => from));
    expect(nodes.filter(({ kind }, i) => kind !== 'output' && !isRead.has(i))).toEqual([]);
  });

  it('has boxes that do not overlap, each below what it reads', () => {
    const { flow, layout } = placeGraph(dataOf(name).plan);
    for (const { from, to } of flow.edges) expect(layout.nodes[from].y).toBeLessThan(layout.nodes[to].y);
    for (const [i, a] of layout.nodes.entries()) {
      for (const b of layout.nodes.slice(0, i)) {
        expect(Math.abs(a.y - b.y) > 20 || Math.abs(a.x - b.x) > 150).toBe(true);
      }
    }
  });

  it('has as much in memory at the peak as the plan says that no placement can do without', () => {
    const { plan } = dataOf(name);
    const launches = plan.steps.reduce((sum, step) => sum + step.launches.length, 0);
    const spans = memorySpans(plan);
    expect(Math.max(...liveBytes(spans, launches))).toBe(plan.lowerBound);
    const arena = plan.banks.reduce((sum, bytes) => sum + bytes, 0);
    for (const [i, a] of spans.entries()) {
      expect(a.address + a.bytes).toBeLessThanOrEqual(arena);
      const meets = spans
        .slice(0, i)
        .filter(
          (b) =>
            a.first <= b.last &&
            b.first <= a.last &&
            a.address < b.address + b.bytes &&
            b.address < a.address + a.bytes,
        );
      expect(meets).toEqual([]);
    }
  });

  it('is drawn as documents that parse, a mark for every step', () => {
    const data = dataOf(name);
    const steps = data.plan.steps.length;
    for (const view of [graphView(data), timelineView(data)]) {
      const found = marks(view, ({ attributes }) => attributes['data-step'] !== undefined);
      expect(new Set(found.map(({ attributes }) => attributes['data-step'])).size).toBe(steps);
    }
    for (const view of [graphView(data), timelineView(data), memoryView(data), rooflineView(data)]) {
      const text = view ? svgFile(view) : '';
      expect(new XMLParser(text).check()).toBe('svg');
      expect(text).not.toMatch(/NaN|Infinity|undefined/);
    }
    const launched = data.plan.steps.filter(({ launches, bytes }) => launches.length > 0 && bytes > 0).length;
    expect(
      marks(rooflineView(data) ?? { tag: '', attributes: {}, children: [] }, ({ tag }) => tag === 'circle'),
    ).toHaveLength(launched);
  });
});

describe('numbers', () => {
  it('tell measured from predicted', () => {
    const data = dataOf('lenet');
    expect(networkTime(data).what).toBe('predicted');
    expect(networkTime(measured(data))).toEqual({ time: data.totals.time, what: 'measured, the whole run' });
    const [box] = marks(graphView(data), ({ attributes }) => attributes['data-step'] === 0);
    const [other] = marks(graphView(measured(data)), ({ attributes }) => attributes['data-step'] === 0);
    expect(markupText(box)).toContain('~');
    expect(markupText(other)).not.toContain('~');
    expect(markupText(tableView(data))).not.toContain('measured µs');
    expect(markupText(tableView(measured(data)))).toContain('measured µs');
    const steps = traceDocument(measured(data)).traceEvents.filter(({ ph }) => ph === 'X');
    expect(new Set(steps.map(({ args }) => args['times']))).toEqual(new Set(['measured']));
  });

  it('of the steps make the whole', () => {
    for (const name of NAMES) {
      const figures = figuresOf(dataOf(name));
      expect(figures.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
      for (const { ofRoof } of figures) expect(ofRoof).toBeLessThanOrEqual(1 + 1e-9);
    }
  });

  it('sort as numbers', () => {
    const view = tableView(dataOf('resnet50'), { sort: { key: 'flops', descending: true } });
    const [body] = marks(view, ({ tag }) => tag === 'tbody');
    const order = body.children.flatMap((row) =>
      typeof row === 'string' ? [] : [Number(markupText(row).match(/>(\d+)</)?.[1])],
    );
    const flops = order.map((step) => dataOf('resnet50').plan.steps[step - 1].flops);
    expect(flops).toEqual([...flops].sort((a, b) => b - a));
  });

  it('go into a spreadsheet raw, and names as text', () => {
    const data = dataOf('lenet');
    const steps = data.plan.steps.map((step, i) => (i === 0 ? { ...step, name: '=1+1","' } : step));
    const [head, first, ...rest] = tableCsv({ ...data, plan: { ...data.plan, steps } })
      .trimEnd()
      .split('\r\n');
    expect(head.split(',')).toHaveLength(15);
    expect(rest).toHaveLength(steps.length - 1);
    expect(first).toContain(`"'=1+1"","""`);
    expect(rest[0].split(',')[5]).toBe(String((data.plan.steps[1].cost?.median ?? 0) / 1000));
  });
});

describe('a name out of a model', () => {
  const hostile = `</title><script>alert(1)</script><img src="x" onerror='y'>&\u0000\u202e`;

  it('is text in every view', () => {
    const data = dataOf('lenet');
    const steps = data.plan.steps.map((step) => ({ ...step, name: hostile }));
    const tensors = data.plan.tensors.map((tensor) => ({ ...tensor, name: hostile }));
    const own: ViewData = { ...data, model: hostile, plan: { ...data.plan, steps, tensors } };
    const views = [
      graphView(own),
      timelineView(own),
      memoryView(own),
      tableView(own),
      rooflineView(own),
      detailsView(own, 0),
    ];
    for (const text of [...views.map((view) => (view ? markupText(view) : '')), pageText(own, '1')]) {
      for (const part of ['<script', '<img', '\u0000', '\u202E']) expect(text).not.toContain(part);
    }
    expect(pageText(own, '1')).toContain('&lt;script&gt;');
  });
});

it('a page has all views, and nothing to load or run', () => {
  const text = pageText(measured(dataOf('resnet50')), '0.1.0');
  for (const title of ['Graph', 'Roofline', 'Timeline', 'Memory', 'Steps', 'Policies', 'Why, step by step'])
    expect(text).toContain(`<h2>${title}</h2>`);
  expect(text).not.toMatch(/<script|\bsrc=|\bhref=|url\(|@import|tabindex="-1"|role="button"/);
  expect(text).toContain("default-src 'none'");
});
