/** Charts: snapshots to look at, and what holds for all data. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { barChart, gridChart, lineChart, stackedChart } from '../../src/report/charts/index.js';
import { linearScale, logScale } from '../../src/report/charts/scale.js';
import type { Spread } from '../../src/tune/timing/measure.js';

const spread = (median: number, part = 0.05): Spread => ({
  median,
  low: median * (1 - part),
  high: median * (1 + part),
});
const format = ({ median, low, high }: Spread): string => `${median} (${low} to ${high})`;
const short = ({ median }: Spread): string => String(median);
const frame = (id: string) => ({ id, title: `The ${id}`, description: `What the ${id} shows.` });

describe('snapshots', () => {
  it('bars', async () => {
    const chart = barChart({
      ...frame('bars'),
      unit: 'times as fast',
      series: ['CHWN', 'NCHW', 'NHWC'],
      groups: [
        { label: 'CV1', values: [spread(2.5), spread(1, 0), spread(1.2)] },
        { label: 'CV2', values: [spread(0.4), spread(1, 0), undefined] },
      ],
      level: { value: 1, label: 'NCHW' },
      format,
    });
    await expect(chart).toMatchFileSnapshot('__snapshots__/bars.svg');
  });

  it('bars on a logarithmic axis', async () => {
    const chart = barChart({
      ...frame('log-bars'),
      unit: 'times as fast',
      log: true,
      series: ['fused', 'many threads'],
      groups: [10, 100, 1000].map((size, i) => ({
        label: `128x${size}`,
        values: [spread(2 + i), spread(3 * 10 ** i)],
      })),
      format,
    });
    await expect(chart).toMatchFileSnapshot('__snapshots__/log-bars.svg');
  });

  it('lines', async () => {
    const sizes = [1, 2, 4, 8, 16, 32, 64, 128];
    const chart = lineChart({
      ...frame('lines'),
      unit: 'µs',
      xLabel: 'batch size N',
      log: true,
      series: [
        { name: 'NCHW', points: sizes.map((x) => ({ x, value: spread(3 * x) })) },
        { name: 'CHWN', points: sizes.map((x) => ({ x, value: spread(20 * x ** 0.5, 0.2) })) },
      ],
      marks: [{ x: 64, label: 'Nt = 64' }],
      format,
    });
    await expect(chart).toMatchFileSnapshot('__snapshots__/lines.svg');
  });

  it('stacked bars', async () => {
    const chart = stackedChart({
      ...frame('stacked'),
      unit: '%',
      series: ['Conv', 'Gemm', 'Transform'],
      groups: ['lenet', 'vgg16'].map((label) => ({
        label,
        bars: ['optimal', 'nchw'].map((policy, i) => ({ label: policy, parts: [70, 30 - 5 * i, 5 * i] })),
      })),
      format: (value) => `${value} %`,
    });
    await expect(chart).toMatchFileSnapshot('__snapshots__/stacked.svg');
  });

  it('a grid', async () => {
    const chart = gridChart({
      ...frame('grid'),
      rowLabel: 'rows',
      columnLabel: 'columns',
      rows: ['1', '2', '4'],
      columns: ['1', '2', '3', '4'],
      cells: [
        { row: 0, column: 0, value: spread(20) },
        { row: 1, column: 0, value: spread(15) },
        { row: 1, column: 1, value: spread(12) },
        { row: 2, column: 1, value: spread(30) },
      ],
      path: [0, 1, 2],
      short,
      format,
    });
    await expect(chart).toMatchFileSnapshot('__snapshots__/grid.svg');
  });
});

const FRAME = /^<svg [^>]*role="img" aria-labelledby="x-title x-desc" viewBox="0 0 960 [\d.]+"/;

/** What is wrong with a chart: it is not well-formed, lacks its texts, or has something where it cannot be seen. */
function problemsOf(svg: string): string[] {
  const problems: string[] = [];
  const check = (holds: boolean, problem: string): void => {
    if (!holds) problems.push(problem);
  };
  check(FRAME.test(svg), 'no frame');
  check(/<title id="x-title">.*<\/title>\n<desc id="x-desc">/.test(svg), 'no title');
  check(!/="[^"]*(?:NaN|Infinity|undefined)/.test(svg), 'a place that is no number');
  check(tagsBalance(svg), 'tags that do not match');
  const height = Number(/viewBox="0 0 960 ([\d.]+)"/.exec(svg)?.[1]);
  const inside = (value: number, most: number): void => {
    check(Number.isFinite(value) && value >= 0 && value <= most + 0.01, `${value} of ${most}`);
  };
  for (const [, name, value] of svg.matchAll(/ (x|y|x1|x2|y1|y2|cx|cy)="([^"]*)"/g)) {
    inside(Number(value), name.includes('x') ? 960 : height);
  }
  for (const [, x, width] of svg.matchAll(/ x="([^"]*)" y="[^"]*" width="([^"]*)"/g)) {
    inside(Number(x) + Number(width), 960);
  }
  for (const [, points] of svg.matchAll(/ points="([^"]*)"/g)) {
    for (const pair of points.split(' ').filter(Boolean)) {
      const [x, y] = pair.split(',').map(Number);
      inside(x, 960);
      inside(y, height);
    }
  }
  return problems;
}

/** Whether every element is closed where it should be, and no text has markup in it. */
function tagsBalance(svg: string): boolean {
  const open: string[] = [];
  for (const [, close, name, rest] of svg.matchAll(/<(\/?)([^\s/>]+)([^>]*)>/g)) {
    if (close) {
      if (open.pop() !== name) return false;
    } else if (!rest.endsWith('/')) open.push(name);
  }
  const known = /<\/?(?:svg|title|desc|g|text|rect|line|circle|polyline|polygon)[\s/>]/;
  return (
    open.length === 0 && Array.from(svg.matchAll(/<\/?[^\s/>]+[\s/>]/g)).every(([tag]) => known.test(tag))
  );
}

const label = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('<script>alert(1)</script>', `"'&`, 'a\u0000b\u202Ec', 'x'.repeat(400)),
);
const chartFrame = fc.record({ id: fc.constant('x'), title: label, description: label });
const positive = fc.double({ min: 1e-9, max: 1e15, noNaN: true });
const anySpread = fc
  .tuple(positive, positive, positive)
  .map((values) => [...values].sort((a, b) => a - b))
  .map(([low, median, high]): Spread => ({ low, median, high }));
const runs = { numRuns: 60 };

describe('for all data', () => {
  it('bars are inside and escaped', () => {
    const chart = fc
      .record({ unit: label, series: fc.array(label, { maxLength: 12 }), log: fc.boolean() })
      .chain(({ series, ...rest }) =>
        fc.record({
          chart: fc.constant({ series, ...rest }),
          frame: chartFrame,
          level: fc.option(fc.record({ value: positive, label }), { nil: undefined }),
          groups: fc.array(
            fc.record({
              label,
              values: fc.array(fc.option(anySpread, { nil: undefined }), {
                minLength: series.length,
                maxLength: series.length,
              }),
            }),
            { maxLength: 15 },
          ),
        }),
      );
    fc.assert(
      fc.property(chart, ({ chart: rest, frame: own, level, groups }) => {
        expect(problemsOf(barChart({ ...own, ...rest, groups, format, ...(level && { level }) }))).toEqual(
          [],
        );
      }),
      runs,
    );
  });

  it('lines are inside and escaped', () => {
    const points = fc
      .uniqueArray(fc.integer({ min: 1, max: 100_000 }), { maxLength: 12 })
      .chain((sizes) =>
        fc.tuple(...sizes.sort((a, b) => a - b).map((x) => anySpread.map((value) => ({ x, value })))),
      );
    const chart = fc.record({
      frame: chartFrame,
      unit: label,
      xLabel: label,
      log: fc.boolean(),
      series: fc.array(fc.record({ name: label, points }), { maxLength: 9 }),
      marks: fc.array(fc.record({ x: fc.integer({ min: 1, max: 10_000 }), label }), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(chart, ({ frame: own, ...rest }) => {
        expect(problemsOf(lineChart({ ...own, ...rest, format }))).toEqual([]);
      }),
      runs,
    );
  });

  it('stacked bars are inside and escaped', () => {
    const part = fc.oneof(fc.constant(0), positive);
    const chart = fc.record({
      frame: chartFrame,
      unit: label,
      groups: fc.array(
        fc.record({
          label,
          bars: fc.array(fc.record({ label, parts: fc.array(part, { minLength: 3, maxLength: 3 }) }), {
            maxLength: 6,
          }),
        }),
        { maxLength: 9 },
      ),
    });
    fc.assert(
      fc.property(chart, ({ frame: own, ...rest }) => {
        expect(
          problemsOf(stackedChart({ ...own, ...rest, series: ['a', 'b', 'c'], format: String })),
        ).toEqual([]);
      }),
      runs,
    );
  });

  it('grids are inside and escaped', () => {
    const size = fc.integer({ min: 1, max: 24 });
    const chart = fc.tuple(size, size).chain(([rows, columns]) =>
      fc.record({
        frame: chartFrame,
        rows: fc.array(label, { minLength: rows, maxLength: rows }),
        columns: fc.array(label, { minLength: columns, maxLength: columns }),
        cells: fc.array(fc.record({ row: fc.nat(rows - 1), column: fc.nat(columns - 1), value: anySpread }), {
          minLength: 1,
          maxLength: 20,
        }),
      }),
    );
    fc.assert(
      fc.property(chart, ({ frame: own, ...rest }) => {
        const path = rest.cells.map((_, i) => i);
        expect(
          problemsOf(gridChart({ ...own, ...rest, rowLabel: 'r', columnLabel: 'c', path, short, format })),
        ).toEqual([]);
      }),
      runs,
    );
  });

  it('nothing to show is a chart too', () => {
    expect(problemsOf(barChart({ ...frame('x'), unit: '', series: [], groups: [], format }))).toEqual([]);
    expect(problemsOf(lineChart({ ...frame('x'), unit: '', xLabel: '', series: [], format }))).toEqual([]);
    expect(
      problemsOf(stackedChart({ ...frame('x'), unit: '', series: [], groups: [], format: String })),
    ).toEqual([]);
  });
});

describe('scales', () => {
  it('put values in order between 0 and 1, with few marks, whatever they are', () => {
    fc.assert(
      fc.property(fc.array(positive, { minLength: 1, maxLength: 20 }), (values) => {
        const sorted = [...values].sort((a, b) => a - b);
        for (const scale of [linearScale(values), logScale(values), logScale(values, 2)]) {
          const places = sorted.map(scale.at);
          expect(places.every((place, i) => place >= (places[i - 1] ?? 0) && place <= 1)).toBe(true);
          expect(scale.ticks.length).toBeGreaterThan(1);
          expect(scale.ticks.length).toBeLessThan(15);
          expect(scale.ticks.every((tick) => Number.isFinite(tick))).toBe(true);
        }
      }),
    );
  });

  it('have round marks', () => {
    expect(linearScale([4.3]).ticks).toEqual([0, 1, 2, 3, 4, 5]);
    expect(logScale([0.03, 800]).ticks).toEqual([0.01, 0.1, 1, 10, 100, 1000]);
    expect(logScale([1, 512], 2).ticks.at(-1)).toBe(512);
  });

  it('refuse charts of what is no number', () => {
    const values = [{ median: NaN, low: 1, high: 2 }];
    const draw = (): string =>
      barChart({ ...frame('x'), unit: '', series: ['a'], groups: [{ label: '', values }], format });
    expect(draw).toThrow(RangeError);
  });
});
