/** Views of a saved plan without its model, and of a device. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { network } from '../../../src/networks/index.js';
import type { ThresholdSample } from '../../../src/tune/profile/profile.js';
import {
  boxOfStep,
  detailsView,
  deviceView,
  graphSize,
  graphView,
  markupText,
  memoryView,
  pageText,
  placeGraph,
  planAlone,
  readDevices,
  rooflineView,
  sweepChart,
  tableCsv,
  timelineView,
  type Markup,
  type ViewData,
} from '../../../src/report/views/index.js';
import { explainModel } from '../../../src/session/explain.js';
import { standInProfile } from '../../../src/session/stand-in.js';
import { XMLParser } from './xml.js';

let whole: ViewData;
let alone: ViewData;

beforeAll(async () => {
  const explanation = await explainModel(network('squeezenet1_1'), {
    dims: { N: 2 },
    profile: standInProfile(),
  });
  whole = { model: 'squeezenet1_1', ...explanation };
  // As it comes out of a file.
  alone = planAlone(JSON.parse(JSON.stringify(whole.plan)), 'plan.json');
});

function countOf(view: Markup | undefined, test: (mark: Markup) => boolean): number {
  if (!view) return 0;
  const inner = view.children.reduce(
    (sum, child) => sum + (typeof child === 'string' ? 0 : countOf(child, test)),
    0,
  );
  return inner + (test(view) ? 1 : 0);
}

/** Without the model's name. */
function picturesOf(data: ViewData): string {
  return [timelineView(data), memoryView(data)].map(markupText).join('').replaceAll(data.model, '');
}

describe('a plan alone', () => {
  it('has the totals of the explanation that it was made with', () => {
    expect(alone.totals).toEqual(whole.totals);
  });

  it('draws the same timeline and memory', () => {
    expect(picturesOf(alone)).toBe(picturesOf(whole));
    expect(tableCsv(alone).split('\r\n')).toHaveLength(alone.plan.steps.length + 2);
  });

  it('says what it does not know, in every step', () => {
    expect(rooflineView(alone)).toBeUndefined();
    for (const [i, { node }] of alone.plan.steps.entries()) {
      const details = detailsView(alone, i);
      const text = details ? markupText(details) : '';
      expect(text).not.toMatch(/not known|of the copy bandwidth|NaN|undefined/);
      expect(text.includes('lanewise inspect MODEL --plan FILE')).toBe(node !== null);
    }
    expect(pageText(alone, '1.0.0')).toContain('This is a saved plan alone');
  });
});

describe('the place of a step in the graph', () => {
  it('is where its box is drawn, inside of the picture', () => {
    const placed = placeGraph(whole.plan);
    const { width, height } = graphSize(placed);
    const drawn = markupText(graphView(whole, { placed }));
    for (const i of whole.plan.steps.keys()) {
      const box = boxOfStep(placed, i);
      if (!box) throw new Error(`step ${i} has no box`);
      expect(Math.min(box.left, box.top)).toBeGreaterThanOrEqual(0);
      expect(box.left + box.width).toBeLessThanOrEqual(width);
      expect(box.top + box.height).toBeLessThanOrEqual(height);
      const [, x, y] =
        new RegExp(`data-step="${i}"[^>]*translate\\(([\\d.]+) ([\\d.]+)\\)`).exec(drawn) ?? [];
      expect(box.left + box.width / 2 - 16).toBeCloseTo(Number(x), 1);
      expect(box.top + box.height / 2 - 16).toBeCloseTo(Number(y), 1);
    }
    expect(boxOfStep(placed, whole.plan.steps.length)).toBeUndefined();
  });
});

describe('a device', () => {
  const profile = standInProfile();

  it('shows its roofs, and a mark per sample of the sweep', () => {
    const [device] = readDevices(JSON.stringify(profile), 'profile.json');
    const view = deviceView(device);
    const text = markupText(view);
    expect(new XMLParser(text).check()).toBe('div');
    expect(text).toContain(profile.name);
    expect(text).toMatch(/<th scope="row">copy<\/th><td class="number">[\d.]+ [TG]B\/s/);
    const { thresholds } = profile;
    if (!thresholds) throw new Error('the shipped profile has no thresholds');
    // The point that both axes of the sweep go through is in both charts.
    const shared = countOf(view, ({ tag }) => tag === 'circle') - 2 * thresholds.samples.length;
    expect(shared).toBeGreaterThan(0);
    expect(text).toContain(`read from ${thresholds.samples.length} samples`);
  });

  it('takes what tune exports, with the number of its costs', () => {
    const text = JSON.stringify({
      format: 'lanewise-costs',
      version: 1,
      devices: [{ identity: profile.device, profile, costs: [] }],
    });
    expect(readDevices(text, 'costs.json')).toEqual([{ profile, costs: 0 }]);
    expect(() => readDevices('{"format":"lanewise-costs"}', 'costs.json')).toThrow(/costs\.json/);
  });

  it('says where thresholds and samples are missing', () => {
    const bare = markupText(deviceView({ profile: { ...profile, thresholds: null }, costs: 0 }));
    expect(bare).toContain('runs the sweep that finds them');
    const thresholds = { channels: 3, batch: 64, samples: [] };
    const empty = markupText(deviceView({ profile: { ...profile, thresholds }, costs: 0 }));
    expect(empty).toContain('samples of the sweep are not in this file');
  });

  it('draws any sweep within its picture', () => {
    const sample = fc.record({
      n: fc.integer({ min: 1, max: 1024 }),
      c: fc.integer({ min: 1, max: 1024 }),
      nchw: fc.double({ min: 1, max: 1e12, noNaN: true }),
      chwn: fc.double({ min: 1, max: 1e12, noNaN: true }),
    });
    const samples = fc.array<ThresholdSample>(sample, { maxLength: 8 });
    const size = fc.oneof(fc.integer({ min: 1, max: 2048 }), fc.constant(Number.MAX_SAFE_INTEGER));
    fc.assert(
      fc.property(samples, size, size, fc.constantFrom('n', 'c'), (list, channels, batch, axis) => {
        const view = sweepChart({ channels, batch, samples: list }, axis);
        if (!view) return;
        const text = markupText(view);
        expect(text).not.toMatch(/NaN|Infinity|undefined/);
        for (const [, x, y] of text.matchAll(/cx="([^"]+)" cy="([^"]+)"/g)) {
          expect(Number(x)).toBeGreaterThanOrEqual(0);
          expect(Number(x)).toBeLessThanOrEqual(640);
          expect(Number(y)).toBeGreaterThanOrEqual(0);
          expect(Number(y)).toBeLessThanOrEqual(300);
        }
      }),
    );
  });
});
