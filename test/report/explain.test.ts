/** The text of `lanewise explain`, of documents as they are and with measured times. */
import { beforeAll, describe, expect, test } from 'vitest';
import { network } from '../../src/networks/index.js';
import {
  arenaText,
  explainLines,
  formatJson,
  formatMicroseconds,
  formatShare,
  table,
  type ExplainDocument,
} from '../../src/report/index.js';
import { explainModel, type ExplainOptions } from '../../src/session/explain.js';
import { standInProfile } from '../../src/session/stand-in.js';

const PROFILE = { ...standInProfile(), name: 'mine', measured: '2026-11-23' };

async function documentOf(options: ExplainOptions = {}): Promise<ExplainDocument> {
  const explanation = await explainModel(network('lenet'), {
    dims: { N: 32 },
    profile: PROFILE,
    policy: 'heuristic',
    ...options,
  });
  return { command: 'explain', model: 'lenet', assumed: [], ...explanation };
}

/** As if steps had been measured: the k-th takes k + 1 microseconds. */
function measured(document: ExplainDocument): ExplainDocument {
  const { plan, policies } = document;
  const run = { median: 31_000, low: 30_000, high: 32_500 };
  return {
    ...document,
    measured: plan.steps.map((_, i) => (i + 1) * 1000),
    run,
    policies: policies.map((summary, i) => ({ ...summary, measured: i === 0 ? null : run })),
  };
}

/** Cells of the row of the first table that begins so. */
function cells(lines: readonly string[], start: string): string[] {
  const line = lines.find((text) => text.trimStart().startsWith(start)) ?? '';
  return line.trim().split(/ {2,}/);
}

let document: ExplainDocument;
beforeAll(async () => {
  document = await documentOf();
});

describe('steps', () => {
  test('a row each, numbered from 1, and totals that are those of the plan', () => {
    const lines = explainLines(document, 150);
    const head = lines.findIndex((line) => line.startsWith('#'));
    const rows = lines.slice(head + 2, head + 2 + document.plan.steps.length);
    expect(rows.map((row) => Number.parseInt(row.trim(), 10))).toEqual(
      document.plan.steps.map((_, i) => i + 1),
    );
    for (const [i, { kernel, name }] of document.plan.steps.entries()) {
      expect(rows[i]).toContain(kernel);
      expect(rows[i]).toContain(name);
    }
    const total = cells(lines, 'total');
    const { bytes, time, floor } = document.totals;
    expect(total[1]).toBe(`${(bytes / 2 ** 20).toFixed(2)} MiB`);
    expect(total.slice(-2)).toEqual([`~${formatMicroseconds(time)}`, formatShare(floor / time)]);
  });

  test('measured and expected times stand beside each other, and the roof is a share of the measured one', () => {
    const lines = explainLines(measured(document), 150);
    expect(cells(lines, '#')).toEqual(expect.arrayContaining(['expected', 'measured']));
    const { plan } = document;
    const row = cells(lines, '2  ');
    const [expected, time, roof] = row.slice(-3);
    expect(expected).toBe(`~${formatMicroseconds(plan.steps[1].cost?.median ?? 0)}`);
    expect(time).toBe('2.00');
    expect(roof).toBe(`${formatShare((plan.steps[1].cost?.floor ?? 0) / 2000)} ${plan.steps[1].cost?.bound}`);
    const count = plan.steps.length;
    expect(cells(lines, 'total').at(-2)).toBe(formatMicroseconds(500 * count * (count + 1)));
    expect(explainLines(document, 150).join('\n')).not.toMatch(/measured +of the roof/);
  });

  test('a measured cost has no mark, a modelled one has', () => {
    const steps = document.plan.steps.map((step, i) =>
      i === 0 && step.cost ? { ...step, cost: { ...step.cost, origin: 'measured' as const } } : step,
    );
    const lines = explainLines({ ...document, plan: { ...document.plan, steps } }, 150);
    expect(cells(lines, '1  ').at(-2)).toMatch(/^[\d.]+$/);
    expect(cells(lines, '2  ').at(-2)).toMatch(/^~[\d.]+$/);
  });

  test('reasons: the rule, the second best with its layouts and its price, or that there is no other way', () => {
    const why = document.why.map((reason, i) => {
      if (!reason) return null;
      if (i === 1) return { ...reason, rule: 'C = 1 < Ct = 128', runnerUp: null, possible: 3 };
      if (i === 2) return { ...reason, rule: null, runnerUp: null, possible: 1 };
      return reason;
    });
    const lines = explainLines({ ...document, why }, 250);
    expect(cells(lines, '2  ').at(-1)).toBe('C = 1 < Ct = 128; only way allowed');
    expect(cells(lines, '3  ').at(-1)).toBe('only way');
    const last = why.map((reason) => Boolean(reason?.runnerUp)).lastIndexOf(true);
    expect(last).toBeGreaterThan(2);
    expect(cells(lines, `${last + 1}  `).at(-2)).toContain(why[last]?.runnerUp?.kernel);
    expect(cells(lines, `${last + 1}  `).at(-1)).toMatch(/^\+[\d.,]+$/);
  });

  test.each([80, 100, 140, 250])('fit into %d columns where they can', (width) => {
    const lines = explainLines(measured(document), width);
    const widest = Math.max(...lines.map((line) => line.length));
    // Numbers are never cut.
    expect(widest).toBeLessThanOrEqual(Math.max(width, 110));
    expect(lines.join('\n')).toContain('second best');
  });
});

describe('below the steps', () => {
  test('every policy, the plan marked, measured with quartiles where it was', () => {
    const text = explainLines(measured(document), 150).join('\n');
    expect(text).toMatch(
      /^policy +expected +measured +quartiles +transforms +launches +activations +proved$/m,
    );
    expect(text).toMatch(/^optimal +[\d.]+ +none +\d+ +[\d.]+ \wiB +yes$/m);
    expect(text).toMatch(
      /^heuristic \(this plan\) +[\d.]+ +31\.0 +30\.0 to 32\.5 +[\d.]+ in \d \([\d.]+ %\) +\d+ /m,
    );
    expect(explainLines(document, 150).join('\n')).not.toContain('quartiles');
  });

  test('a gap that is left is told', () => {
    const plan = { ...document.plan, optimal: false, predicted: 200, bound: 190 };
    expect(explainLines({ ...document, plan }).join('\n')).toMatch(
      /^choice +policy heuristic; not proved: the cheapest that it allows takes at most 5\.0 % less$/m,
    );
  });

  test('memory against the lower bound', () => {
    expect(arenaText(2048, 2048)).toBe('2.00 KiB of activations, as much as are alive at once');
    expect(arenaText(2150, 2048)).toMatch(
      /^2\.10 KiB of activations, 5\.0 % above the lower bound, the 2\.00 KiB/,
    );
    expect(arenaText(0, 0)).toBe('0 B of activations, as much as are alive at once');
  });

  test('findings with their steps, the first dozen', () => {
    const finding = {
      kind: 'unfused',
      steps: [2],
      nanoseconds: 5,
      message: 'relu\u001B[1m runs alone.',
    } as const;
    const findings = [
      finding,
      { ...finding, steps: [0, 1, 2] },
      { ...finding, steps: [9, 3, 4, 5, 6, 7, 8] },
      ...Array.from({ length: 12 }, () => finding),
    ];
    const text = explainLines({ ...document, findings }).join('\n');
    expect(text).toMatch(/^15 findings:$/m);
    expect(text).toMatch(/^- unfused, step 3: relu\[1m runs alone\.$/m);
    expect(text).toMatch(/^- unfused, steps 1, 2, 3: /m);
    expect(text).toMatch(/^- unfused, steps 4 to 10: /m);
    expect(text).toMatch(/^ {2}and 3 more: see --json$/m);
    expect(text.match(/^- /gm)).toHaveLength(12);
  });
});

function textWith(
  source: 'shipped' | 'measured' | 'estimated',
  day: string | null,
  measuredShare: number,
): string {
  const profile = { ...document.profile, name: 'mine', source, measured: day };
  const totals = { ...document.totals, measuredShare };
  return explainLines({ ...document, profile, totals })
    .join(' ')
    .replaceAll(/ +/g, ' ');
}

test('where costs come from: shipped, measured, a guess', () => {
  expect(textWith('shipped', '2026-11-23', 0.5)).toContain(
    'profile mine (ships with Lanewise, measured 2026-11-23); 50 % of the expected time is of measured kernels',
  );
  expect(textWith('measured', '2026-11-23', 0)).toContain(
    '(measured 2026-11-23); all expected times are by the model',
  );
  expect(textWith('estimated', null, 0)).toContain('(a guess at a GPU that nobody has measured)');
});

test('the document is JSON, whole', () => {
  expect(JSON.parse(formatJson(document))).toEqual(document);
});

test('notes come first, and a device and a model may be called anything', () => {
  const notes = ['No GPU here\u001B[2J.'];
  const lines = explainLines({ ...document, notes, model: 'a\u202Eb', device: 'x\u0007y' });
  expect(lines.slice(0, 4)).toEqual([
    'No GPU here[2J.',
    '',
    expect.stringMatching(/^network {2}ab: image 32x1x28x28, stored as f32$/),
    'device   xy',
  ]);
});

test('microseconds and shares', () => {
  expect([0, 4, 523, 12_340, 999_600, 1_234_567].map(formatMicroseconds)).toEqual([
    '0.00',
    '0.00',
    '0.52',
    '12.3',
    '1,000',
    '1,235',
  ]);
  expect([0, 0.004, 0.0994, 0.0996, 0.826, 1.5].map(formatShare)).toEqual([
    '0.0 %',
    '0.4 %',
    '9.9 %',
    '10 %',
    '83 %',
    '150 %',
  ]);
});

test('several columns of a table give way, the widest first', () => {
  const columns = [
    { title: 'a', flexible: true },
    { title: 'n' },
    { title: 'b', flexible: true },
    { title: 'c', flexible: true },
  ];
  const row = ['x'.repeat(40), '12', 'y'.repeat(9), 'z'.repeat(30)];
  const [, rule, line] = table(columns, [row], { width: 50 });
  expect([rule.length, line.length]).toEqual([50, 50]);
  expect(line.split(/ +/).map((cell) => cell.length)).toEqual([17, 2, 9, 16]);
  expect(
    table(columns, [row], { width: 10 })[2]
      .split(/ +/)
      .map((cell) => cell.length),
  ).toEqual([8, 2, 8, 8]);
  expect(table(columns, [row], { width: 200 })[2]).toBe(row.join('  '));
});
