import { describe, expect, test } from 'vitest';
import type { StepProfile } from '../../src/devices/device.js';
import {
  answerLines,
  bestAnswers,
  caseLine,
  countOutcomes,
  formatJson,
  jsonValues,
  keyValues,
  layerLegend,
  layerReports,
  layerTable,
  looksLikeScores,
  outputLine,
  table,
  totalsLine,
} from '../../src/report/index.js';
import { Tensor } from '../../src/tensor/index.js';

const text = (lines: readonly string[]): string => `\n${lines.join('\n')}\n`;

/** A measured step. */
function step(name: string, milliseconds: number, dims: readonly number[] = [1, 16, 28, 28]): StepProfile {
  return {
    op: 'Conv+Relu',
    name,
    kernel: 'reference_f64',
    layout: 'NCHW',
    output: { dtype: 'f32', dims },
    bytes: 55_000,
    flops: 652_288,
    milliseconds,
  };
}

describe('tables', () => {
  test('columns align, and the footer stands under a rule of its own', () => {
    const lines = table(
      [{ title: 'name' }, { title: 'n', align: 'right' }],
      [
        ['conv1', '1'],
        ['a\u001B[2Jb', '1,000'],
      ],
      { footer: [['total', '1,001']] },
    );
    expect(text(lines)).toMatchInlineSnapshot(`
      "
      name       n
      ────────────
      conv1      1
      a[2Jb  1,000
      ────────────
      total  1,001
      "
    `);
  });

  test('the flexible column gives way when a table is too wide', () => {
    const columns = [{ title: 'node', flexible: true }, { title: 'kernel' }];
    const lines = table(columns, [['x'.repeat(90), 'y'.repeat(30)]]);
    expect(Math.max(...lines.map((line) => line.length))).toBe(100);
    expect(lines[2].startsWith(`${'x'.repeat(34)}…${'x'.repeat(33)}  y`)).toBe(true);
  });

  test('long values wrap under their start', () => {
    const lines = keyValues(
      [
        ['ops', 'Conv\u00A02, Relu\u00A03, MaxPool\u00A02'],
        ['opset', '17'],
      ],
      24,
    );
    expect(text(lines)).toMatchInlineSnapshot(`
      "
      ops    Conv 2, Relu 3,
             MaxPool 2
      opset  17
      "
    `);
  });
});

describe('layers', () => {
  test('times are medians over the runs of the same graph', () => {
    const runs = [
      [step('conv1', 5)],
      [step('conv1', 1)],
      [step('conv1', 2)],
      [step('conv1', 9, [2, 16, 28, 28])],
    ];
    expect(layerReports(runs).map(({ milliseconds }) => milliseconds)).toEqual([9]);
    expect(layerReports(runs.slice(0, 3)).map(({ milliseconds }) => milliseconds)).toEqual([2]);
    expect(layerReports(runs.slice(0, 2)).map(({ milliseconds }) => milliseconds)).toEqual([3]);
    expect(layerReports([])).toEqual([]);
  });

  test('the table ends in totals', () => {
    const reports = layerReports([
      [step('conv1', 1.234), { ...step('half', 0.01), output: { dtype: 'f16', dims: [1, 10] } }],
    ]);
    expect(text([...layerTable(reports), layerLegend(20)])).toMatchInlineSnapshot(`
      "
      op         node   output      layout     bytes    FLOP     ms  kernel
      ────────────────────────────────────────────────────────────────────────────
      Conv+Relu  conv1  1x16x28x28  NCHW    53.7 KiB   652 k   1.23  reference_f64
      Conv+Relu  half   f16 1x10    NCHW    53.7 KiB   652 k  0.010  reference_f64
      ────────────────────────────────────────────────────────────────────────────
      total                                  107 KiB  1.30 M   1.24
      bytes: each input read once, each output written once; ms: median of 20 runs
      "
    `);
    expect(layerLegend(1)).toMatch(/ms: one run$/);
  });
});

describe('answers', () => {
  const scores = Tensor.from('f32', [2, 4], [0.1, 0.6, 0.3, 0, 5, 5, NaN, -7]);

  test('N x classes, also with trailing ones, looks like scores', () => {
    expect(looksLikeScores(scores)).toBe(true);
    expect(looksLikeScores({ dtype: 'f16', dims: [1, 1000, 1, 1] })).toBe(true);
    expect(looksLikeScores({ dtype: 'f32', dims: [1, 3, 8, 8] })).toBe(false);
    expect(looksLikeScores({ dtype: 'f32', dims: [10] })).toBe(false);
    expect(looksLikeScores({ dtype: 'f32', dims: [10, 1] })).toBe(false);
    expect(looksLikeScores({ dtype: 'i64', dims: [1, 10] })).toBe(false);
  });

  test('best first, ties by class, NaN last; probabilities are told from other scores', () => {
    const [first, second] = bestAnswers(scores, 3, ['cat', 'dog']);
    expect(first.probabilities).toBe(true);
    expect(first.best.map(({ class: c, label }) => [c, label])).toEqual([
      [1, 'dog'],
      [2, '2'],
      [0, 'cat'],
    ]);
    expect(second.probabilities).toBe(false);
    expect(second.best.map(({ class: c }) => c)).toEqual([0, 1, 3]);
    expect(bestAnswers(scores, 9)[1].best.map(({ class: c }) => c)).toEqual([0, 1, 3, 2]);
  });

  test('short labels stand on the line of the file, long ones below it', () => {
    const [short] = bestAnswers(scores, 2, ['cat', 'dog']);
    const [long] = bestAnswers(scores, 2, ['cat', 'tabby, tabby cat \u001B[31m'.repeat(9)]);
    const lines = [...answerLines('a.png', '1.2 ms', short), ...answerLines('b.png', '', long)];
    expect(text(lines)).toMatchInlineSnapshot(`
      "
      a.png  1.2 ms   dog  60.00 %   2  30.00 %
      b.png
        60.00 %  tabby, tabby cat [31mtabby, tabby cat [31mta…1mtabby, tabby cat [31mtabby, tabby cat [31m
        30.00 %  2
      "
    `);
  });
});

test('outputs: small ones whole, large ones by their range', () => {
  expect(outputLine('y\u001B', Tensor.from('f32', [3], [1, 2.5, NaN]))).toBe('y: f32 3 [1, 2.5, NaN]');
  const large = Array.from({ length: 100 }, (_, i) => (i === 7 ? NaN : i));
  expect(outputLine('y', Tensor.from('f64', [100], large))).toBe('y: f64 100, 0 to 99, mean 49.93, 1 NaN');
  expect(outputLine('y', Tensor.from('f64', [100], large.fill(NaN)))).toBe('y: f64 100, 100 NaNs');
});

test('verify: a line per case, and totals', () => {
  const reports = [
    { name: 'a', status: 'passed', milliseconds: 1 },
    { name: 'b', status: 'failed', reason: 'output "y" differs\u001B[1m', milliseconds: 1 },
    { name: 'c', status: 'unsupported', feature: 'operator Loop', milliseconds: 1 },
  ] as const;
  expect(text([...reports.map(caseLine), totalsLine(countOutcomes(reports))])).toMatchInlineSnapshot(`
    "
    passed       a
    failed       b: output "y" differs[1m
    unsupported  c: operator Loop
    1 passed, 1 failed, 1 unsupported
    "
  `);
});

test('documents hold no control characters and no numbers that JSON lacks', () => {
  const error = { name: 'E', message: 'a\u001B[1m\u009B\u202E' };
  const json = formatJson({ error });
  expect(/[\p{Cc}\p{Cf}]/u.test(json.replaceAll('\n', ''))).toBe(false);
  expect(JSON.parse(json)).toEqual({ error });
  expect(jsonValues(Tensor.from('f32', [3], [0.5, NaN, -Infinity]))).toEqual([0.5, 'NaN', '-Infinity']);
  expect(jsonValues(Tensor.from('i64', [2], [3n, 2n ** 60n]))).toEqual([3, '1152921504606846976']);
  expect(jsonValues(new Tensor('u8', [1001]))).toBeNull();
});
