import { describe, expect, test } from 'vitest';
import { LINE_WIDTH, formatJson, storeLine, tuneLines, type TuneReport } from '../../src/report/index.js';
import type { DeviceProfile, ThresholdSample } from '../../src/tune/profile/profile.js';
import { UNREACHED, thresholdsFrom } from '../../src/tune/profile/thresholds.js';
import { profileNamed } from '../tune/cost-samples.js';

const text = (lines: readonly string[]): string => `\n${lines.join('\n')}\n`;
const spread = (median: number): { median: number; low: number; high: number } => ({
  median,
  low: median * 0.98,
  high: median * 1.01,
});

/** Three batch sizes at 256 channels, and two numbers of channels at a batch of 64. */
const SAMPLES: readonly ThresholdSample[] = [
  { n: 1, c: 256, nchw: 20_000, chwn: 25_000 },
  { n: 64, c: 256, nchw: 300_000, chwn: 310_000 },
  { n: 128, c: 256, nchw: 620_000, chwn: 600_000 },
  { n: 64, c: 1, nchw: 9000, chwn: 8000 },
  { n: 64, c: 16, nchw: 30_000, chwn: 31_000 },
];

const BASE = profileNamed('acme-runner-9-webgpu');
const PROFILE: DeviceProfile = {
  ...BASE,
  roofs: {
    copy: spread(4.1e12),
    cachedCopy: spread(8.4e12),
    cacheBytes: 40e6,
    f32: spread(60.2e12),
    f16: null,
    launch: spread(1900),
    saturation: 270_336,
  },
  thresholds: thresholdsFrom(SAMPLES),
};

function reportOf(changes: Partial<TuneReport> = {}, profile: Partial<DeviceProfile> = {}): TuneReport {
  return {
    device: { kind: 'webgpu', description: 'Acme Runner 9 (WebGPU)', software: false },
    profile: { ...PROFILE, ...profile },
    fresh: true,
    networks: [],
    costs: 1234,
    ...changes,
  };
}

describe('the report of tuning', () => {
  test('has the roofs with their quartiles, the sweep and the rule that was read from it', () => {
    expect(text(tuneLines(reportOf()))).toMatchInlineSnapshot(`
      "
      Acme Runner 9 (WebGPU)
      profile acme-runner-9-webgpu, measured now

      roof                     median                     quartiles
      ──────────────────────────────────────────────────────────────────────────────────────────────
      copy                  4.10 TB/s        4.02 TB/s to 4.14 TB/s  read and written, beyond caches
      copy in the cache     8.40 TB/s        8.23 TB/s to 8.48 TB/s  up to 38.1 MiB
      f32 arithmetic     60.2 TFLOP/s  59.0 TFLOP/s to 60.8 TFLOP/s  from 270,336 invocations on
      f16 arithmetic                                                 not to be had
      launch                  1.90 µs            1.86 µs to 1.92 µs  after one that it depends on

      Best kernels of a 3x3 convolution, NxCx13x13 to 384 channels
        N    C     NCHW     CHWN  faster  the rule loses
      ──────────────────────────────────────────────────
        1  256  20.0 µs  25.0 µs  NCHW
       64  256   300 µs   310 µs  NCHW
      128  256   620 µs   600 µs  CHWN

       N    C     NCHW     CHWN  faster  the rule loses
      ─────────────────────────────────────────────────
      64    1  9.00 µs  8.00 µs  CHWN
      64   16  30.0 µs  31.0 µs  NCHW
      64  256   300 µs   310 µs  NCHW

      Ct: 16, CHWN for fewer channels
      Nt: 128, CHWN from this batch on
      CHWN if C < Ct or N >= Nt takes 0.00 % more than the faster layout at every point

      kept: the profile, with the model fitted to 1 kind of kernels, and 1,234 costs
      "
    `);
  });

  test('keeps within the width of reports', () => {
    for (const line of tuneLines(reportOf())) expect(line.length).toBeLessThanOrEqual(LINE_WIDTH);
  });

  test('says when the profile was measured before, and what networks should take', () => {
    const times = [0.512, 0.523, 0.611, 0.7, 1.3];
    const names = ['optimal', 'heuristic', 'nchw', 'nhwc', 'chwn'] as const;
    const policies = names.map((policy, i) => ({ policy, milliseconds: times[i], proved: i !== 0 }));
    const lines = tuneLines(
      reportOf(
        {
          fresh: false,
          networks: [{ name: 'resnet50', shapes: { image: [32, 3, 224, 224] }, measured: 312, policies }],
        },
        { thresholds: null },
      ),
    );
    expect(text(lines.filter((line) => !/^(copy|f\d\d|launch|roof|─)/.test(line)))).toMatchInlineSnapshot(`
      "
      Acme Runner 9 (WebGPU)
      profile acme-runner-9-webgpu, measured 2026-11-23
      (\`lanewise tune\` without a model measures it again)


      Kernels measured for each network, and the milliseconds that it should take under each policy
      network   input         kernels  optimal  heuristic   nchw   nhwc  chwn
      resnet50  32x3x224x224      312   0.512*      0.523  0.611  0.700  1.30
      *: the search ended before this was proved to be the cheapest choice

      kept: the profile, with the model fitted to 1 kind of kernels, and 1,234 costs
      "
    `);
  });

  test('says that a CPU’s times mean nothing, and that no cache was seen', () => {
    const roofs = { ...PROFILE.roofs, cacheBytes: 0, f16: spread(1e12) };
    const device = { kind: 'webgpu', description: 'Soft', software: true };
    const lines = tuneLines(reportOf({ device }, { roofs, thresholds: null }));
    expect(lines).toContain('A CPU does the work of this device: its times mean nothing.');
    expect(lines.find((line) => line.startsWith('copy in the cache'))).toMatch(
      /^copy in the cache +no faster$/,
    );
    expect(lines.find((line) => line.startsWith('f16'))).toMatch(
      /^f16 arithmetic +1\.00 TFLOP\/s +980 GFLOP/,
    );
    expect(lines.some((line) => line.startsWith('Ct'))).toBe(false);
  });

  test.each([
    {
      of: 'CHWN nowhere',
      rule: { channels: 1, batch: UNREACHED },
      ct: 'Ct: 1, so that channels are never few enough for CHWN',
      nt: 'Nt: none, no batch is large enough for CHWN',
    },
    {
      of: 'CHWN everywhere',
      rule: { channels: UNREACHED, batch: 1 },
      ct: 'Ct: none, CHWN for any number of channels',
      nt: 'Nt: 1, CHWN for any batch',
    },
    {
      of: 'both',
      rule: { channels: 16, batch: 128 },
      ct: 'Ct: 16, CHWN for fewer channels',
      nt: 'Nt: 128, CHWN from this batch on',
    },
  ])('names the thresholds of a device that wants $of', ({ rule, ct, nt }) => {
    const lines = tuneLines(reportOf({}, { thresholds: { ...rule, samples: SAMPLES } }));
    expect(lines).toContain(ct);
    expect(lines).toContain(nt);
  });

  test('as a document holds the profile as it is kept, thresholds that nothing reaches too', () => {
    const report = reportOf({}, { thresholds: { channels: 1, batch: UNREACHED, samples: SAMPLES } });
    expect(JSON.parse(formatJson({ command: 'tune', ...report }))).toEqual({ command: 'tune', ...report });
  });
});

describe('the line about the store', () => {
  test.each([
    [{ action: 'clear', file: null, devices: 0, costs: 0 }, 'nothing was known'],
    [{ action: 'clear', file: null, devices: 1, costs: 1200 }, 'forgotten: 1 device, 1,200 costs'],
    [{ action: 'export', file: 'a.json', devices: 2, costs: 1 }, 'written to a.json: 2 devices, 1 cost'],
    [{ action: 'import', file: 'a.json', devices: 1, costs: 0 }, 'taken from a.json: 1 device, 0 costs'],
  ] as const)('%o', (report, line) => {
    expect(storeLine(report)).toBe(line);
  });
});
