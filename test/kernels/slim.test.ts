/** The slim pointwise convolution: right in every size, and its sizes. */
import { describe, expect, it } from 'vitest';
import { isCandidate } from '../../src/candidates/candidate.js';
import { candidatesFor } from '../../src/candidates/index.js';
import { slimCandidate } from '../../src/candidates/conv-slim.js';
import {
  SLIM_SIZES,
  heldChannels,
  slimBytes,
  slimGroups,
  slimRefusal,
  slimSizes,
  type SlimShape,
  type SlimSizes,
} from '../../src/kernels/conv/slim-sizes.js';
import { Conv } from '../../src/ops/conv.js';
import { layoutOf, type Dims, type LayoutKind } from '../../src/tensor/index.js';
import { DEFAULT_LIMITS, LARGE_LIMITS } from '../support/limits.js';
import { slimCases } from './cases/slim.js';
import { contextOf, randomNumbers, runCase, sizeRuns, type CaseRun, type OpCase } from './harness.js';
import { describeCases, useSoftwareDevice } from './run-cases.js';

describeCases('slim pointwise convolutions', slimCases);

/** Pointwise layers of MobileNet-v2 and SqueezeNet: input channels, output channels, positions. */
const LAYERS: readonly SlimShape[] = (
  [
    [32, 16, 64 * 112 * 112],
    [16, 96, 64 * 112 * 112],
    [96, 24, 64 * 56 * 56],
    [24, 144, 64 * 56 * 56],
    [144, 24, 64 * 56 * 56],
    [192, 32, 64 * 28 * 28],
    [32, 192, 64 * 28 * 28],
    [128, 16, 128 * 55 * 55],
    [1, 1, 4],
  ] as const
).map(([channels, outChannels, positions]) => ({ channels, outChannels, positions }));

function allSizes(): SlimSizes[] {
  const { vectors, channels, depth, blocks, threads } = SLIM_SIZES;
  return vectors.flatMap((v) =>
    channels.flatMap((c) =>
      depth.flatMap((d) =>
        blocks.flatMap((b) =>
          threads.map((t) => ({ vectors: v, channels: c, depth: d, blocks: b, threads: t })),
        ),
      ),
    ),
  );
}

describe('sizes of slim convolutions', () => {
  it.each([
    ['a small device', DEFAULT_LIMITS],
    ['a large one', LARGE_LIMITS],
    ['a software device', { ...DEFAULT_LIMITS, subgroupSize: [4, 4] as const }],
  ])('are legal by default on %s', (_, limits) => {
    for (const shape of LAYERS) {
      const sizes = slimSizes(shape, limits);
      expect(sizes && slimRefusal(shape, sizes, limits)).toBeUndefined();
      expect([shape, sizes]).not.toEqual([shape, undefined]);
    }
  });

  it('keep within memory and registers, and cover all outputs', () => {
    for (const shape of LAYERS) {
      for (const sizes of allSizes()) {
        if (slimRefusal(shape, sizes, DEFAULT_LIMITS) !== undefined) continue;
        expect(slimBytes(shape, sizes)).toBeLessThanOrEqual(DEFAULT_LIMITS.maxWorkgroupBytes);
        expect(4 * sizes.vectors * (sizes.channels + heldChannels(shape, sizes))).toBeLessThanOrEqual(208);
        const outputs = 4 * sizes.vectors * sizes.threads * sizes.channels * sizes.blocks;
        expect(slimGroups(shape, sizes) * outputs).toBeGreaterThanOrEqual(
          shape.positions * shape.outChannels,
        );
      }
    }
  });

  it('leave no two that make the same kernel', () => {
    for (const shape of LAYERS) {
      const legal = allSizes().filter((sizes) => slimRefusal(shape, sizes, LARGE_LIMITS) === undefined);
      const kernels = legal.map(({ channels, depth, blocks, ...rest }) => ({
        ...rest,
        channels: Math.min(channels, Math.ceil(shape.outChannels / 4) * 4),
        depth: Math.min(depth, shape.channels),
        blocks: Math.min(blocks, Math.ceil(shape.outChannels / channels)),
      }));
      expect(new Set(kernels.map((kernel) => JSON.stringify(kernel))).size).toBe(legal.length);
    }
  });
});

function pointwise(x: Dims, outChannels: number): OpCase {
  return {
    name: `pointwise ${x.join('x')} to ${outChannels}`,
    op: new Conv({ strides: [1, 1] }),
    inputs: [
      { dtype: 'f32', dims: x },
      { dtype: 'f32', dims: [outChannels, x[1], 1, 1] },
    ],
  };
}

/** Pointwise candidates in NCHW. */
function idsOf(x: Dims, outChannels: number): string[] {
  const { op, inputs } = pointwise(x, outChannels);
  const types = inputs.map((input) => ({ dtype: 'f32' as const, dims: input?.dims ?? [] }));
  const node = { inputs: types, outputs: op.infer(types) };
  const context = { limits: LARGE_LIMITS, features: new Set<never>(), storage: 'f32' as const };
  return candidatesFor(op, node, context)
    .filter(isCandidate)
    .map(({ id }) => id)
    .filter((id) => id.startsWith('conv_nchw_pointwise'));
}

/** Why the candidate does not apply to an input of 8 channels. */
function refused(op: Conv, w: Dims, kind: LayoutKind = 'nchw'): string {
  const inputs = [
    { dtype: 'f32' as const, dims: [4, 8, 8, 8] },
    { dtype: 'f32' as const, dims: w },
  ];
  const types = { inputs, outputs: op.infer(inputs) };
  const context = { limits: LARGE_LIMITS, features: new Set<never>(), storage: 'f32' as const };
  const layout = layoutOf(kind, 4);
  const found = slimCandidate(
    { name: 'conv', op, transposed: false, types, context },
    { x: layout, y: layout, tag: kind },
    'f32',
  );
  return 'refused' in found ? found.refused : found.id;
}

describe('the candidate', () => {
  it('comes first where memory bounds the time, last where sums do, and not with many channels', () => {
    expect(idsOf([64, 16, 112, 112], 96)[0]).toBe('conv_nchw_pointwise-slim_4x4_t128k16b24_f32');
    expect(idsOf([64, 144, 56, 56], 24)[0]).toMatch(/pointwise-slim_4x24_/);
    expect(idsOf([64, 32, 56, 56], 512).at(-1)).toMatch(/pointwise-slim/);
    expect(idsOf([64, 64, 56, 56], 256).some((id) => id.includes('slim'))).toBe(false);
    // 49 positions are no vectors.
    expect(idsOf([64, 16, 7, 7], 96).some((id) => id.includes('slim'))).toBe(false);
  });

  it('refuses what is not pointwise in one group, with the reason', () => {
    expect(refused(new Conv({ strides: [1, 1] }), [8, 8, 3, 3])).toBe('it is not pointwise in one group');
    expect(refused(new Conv({ strides: [2, 2] }), [8, 8, 1, 1])).toBe('it is not pointwise in one group');
    expect(refused(new Conv({ strides: [1, 1], group: 2 }), [8, 4, 1, 1])).toBe(
      'it is not pointwise in one group',
    );
    expect(refused(new Conv({ strides: [1, 1] }), [8, 8, 1, 1], 'nhwc')).toBe('positions are no vectors');
  });
});

describe('slim convolutions in other sizes', () => {
  const device = useSoftwareDevice();
  it('are right', async () => {
    const random = randomNumbers(11);
    const failures: string[] = [];
    for (const testCase of [pointwise([4, 3, 6, 10], 26), pointwise([4, 37, 6, 10], 14)]) {
      const context = contextOf(device(), 'f32');
      const own = {
        ...testCase,
        candidates: (types, given) =>
          candidatesFor(testCase.op, types, given).filter(({ id }) => id.includes('-slim_')),
      } satisfies OpCase;
      const runs = sizeRuns(own, context);
      expect(runs.length).toBeGreaterThan(1);
      const some: CaseRun[] = runs.filter(() => random() < 12 / runs.length);
      for (const { candidate, failure } of await runCase(device(), own, 'f32', some)) {
        if (failure !== undefined) failures.push(`${testCase.name}, ${candidate}: ${failure}`);
      }
    }
    expect(failures).toEqual([]);
  }, 600_000);
});
