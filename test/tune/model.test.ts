/** The cost model: a roofline, and what it learns. */
import { describe, expect, it } from 'vitest';
import { Estimator, classOf, workOf, type LaunchWork, type Work } from '../../src/tune/profile/model.js';
import type { KernelSource } from '../../src/devices/gpu.js';
import type { DeviceProfile } from '../../src/tune/profile/profile.js';
import type { Subject } from '../../src/tune/timing/measure.js';
import { estimatedProfile } from '../../src/tune/profile/profiles.js';
import { DEFAULT_LIMITS } from '../support/limits.js';

const identity = { kind: 'webgpu', vendor: '', architecture: '', name: '', driver: '', runtime: '' } as const;
const exactly = (value: number): { median: number; low: number; high: number } => ({
  median: value,
  low: value,
  high: value,
});

/** 1 byte a nanosecond beyond the cache of 1000 bytes and 4 within, 2 FLOP a nanosecond, 10 ns a launch. */
const PROFILE: DeviceProfile = {
  ...estimatedProfile({ identity, limits: DEFAULT_LIMITS, features: new Set() }),
  roofs: {
    copy: exactly(1e9),
    cachedCopy: exactly(4e9),
    cacheBytes: 1000,
    f32: exactly(2e9),
    f16: null,
    launch: exactly(10),
    saturation: 100,
  },
  slowdowns: {
    known_f32: { factor: 3, low: 2, high: 5, latency: 7, samples: 9 },
    other_f32: { factor: 1, low: 1, high: 1, latency: 0, samples: 1 },
  },
};

function work(kernelClass: string, ...launches: Partial<LaunchWork>[]): Work {
  const idle = { flops: 0, bytes: 0, constantBytes: 0, invocations: 100, code: 0 };
  return { kernelClass, launches: launches.map((launch) => ({ ...idle, ...launch })) };
}

describe('a class', () => {
  it.each([
    ['conv_nhwc_implicit_t128x64x16r8_split4_f32', 'conv_nhwc_implicit_f32'],
    ['conv_nchw4c_chwn_direct_4x8_f16', 'conv_nchw4c_chwn_direct_f16'],
    ['maxpool_chwn_patch2x1_f32', 'maxpool_chwn_f32'],
    ['softmax_nc_resident_t256x1s1v4sg32_f32', 'softmax_nc_resident_f32'],
    ['gather_nchw_move_i32', 'gather_nchw_move_i32'],
    ['gemm_nc_cublaslt_a3_tf32', 'gemm_nc_cublaslt_tf32'],
    ['conv_nhwc_implicit-mma_t128x64x64w2x2s3_bf16', 'conv_nhwc_implicit-mma_bf16'],
  ])('of %s is %s', (id, name) => {
    expect(classOf(id)).toBe(name);
  });
});

/** The floor of work of a class that reaches it, and what sets it. */
function floorOf(launches: readonly Partial<LaunchWork>[]): unknown {
  const cost = new Estimator(PROFILE).estimate(work('other_f32', ...launches));
  return [cost.floor, cost.bound];
}

describe('the floor', () => {
  it.each<[string, Partial<LaunchWork>[], number, string]>([
    ['of nothing is the launch', [{}], 10, 'launch'],
    ['of two launches is two', [{}, {}], 20, 'launch'],
    ['is memory beyond the cache', [{ bytes: 5000 }], 5010, 'memory'],
    ['is memory within the cache', [{ bytes: 1000 }], 260, 'memory'],
    ['counts weights beyond it', [{ bytes: 400, constantBytes: 300 }], 410, 'memory'],
    ['is arithmetic where that takes longer', [{ bytes: 5000, flops: 20_000 }], 10_010, 'arithmetic'],
    [
      'is more for a grid that leaves the device idle',
      [{ flops: 2000, invocations: 25 }],
      4010,
      'arithmetic',
    ],
    ['adds launches, each of its own kind', [{ bytes: 5000 }, { flops: 2000 }], 6020, 'memory'],
  ])('%s', (_name, launches, nanoseconds, bound) => {
    expect(floorOf(launches)).toEqual([nanoseconds, bound]);
  });
});

// 2 FLOP a nanosecond by the f32 units, 24 and 12 on tensor cores.
describe('the floor of kernels on tensor cores', () => {
  it.each([
    ['conv_nhwc_cudnn_f16', 24],
    ['gemm_nc_mma-kk_bf16', 24],
    ['conv_nhwc_pointwise-cublaslt_tf32', 12],
    ['conv_nhwc_implicit-mma_tf32', 12],
    ['conv_nhwc_cudnn_f32', 2],
    ['conv_nhwc_cudnn-grouped_f16', 2],
    ['conv_nhwc_implicit-matrix_f16', 2],
  ])('of class %s counts %d FLOP a nanosecond', (kernelClass, rate) => {
    const { floor, bound } = new Estimator(PROFILE).estimate(work(kernelClass, { flops: 240_000 }));
    expect([floor, bound]).toEqual([10 + 240_000 / rate, 'arithmetic']);
  });

  it('says nothing of what libraries do in f32, and something of other types', () => {
    const slowdowns = {
      conv_nhwc_cudnn_f32: { factor: 9, low: 9, high: 9, latency: 0, samples: 1 },
      gemm_nc_cublaslt_f16: { factor: 5, low: 5, high: 5, latency: 0, samples: 1 },
    };
    const query = (name: string): number =>
      new Estimator({ ...PROFILE, slowdowns }).estimate(work(name, { bytes: 5000 })).median;
    expect(query('conv_nhwc_cudnn_f32')).toBe(10 + 9 * 5000);
    expect(query('conv_nhwc_cudnn_f16')).toBeLessThan(10 + 2 * 5000);
    expect(query('gemm_nc_cublaslt_tf32')).toBe(10 + 5 * 5000);
  });
});

/** A subject whose one launch has a text of so many characters. */
function textOf(length: number): Subject {
  const source: KernelSource = {
    id: 'known_f32',
    features: [],
    workgroupBytes: 0,
    bytes: 0,
    wgsl: ' '.repeat(length),
    bindings: [],
    grid: [1, 1, 1],
    workgroup: [32, 1, 1],
    flops: 0,
  };
  return { name: 'known_f32', buffers: [], launches: [{ source, buffers: [] }] };
}

describe('work', () => {
  it.each([
    [4000, true, 0],
    [20_000, true, 16_000],
    [20_000, false, 0],
  ])('of a text of %i characters among other kernels (%s) has %i to fetch', (length, foreign, code) => {
    expect(workOf('known_f32', textOf(length), foreign).launches[0].code).toBe(code);
  });
});

describe('an estimate', () => {
  const bytes = 5000;

  it('is the floor times what is known of the class, and its latency', () => {
    const query = work('known_f32', { bytes }, {});
    const { median, low, high, floor, origin } = new Estimator(PROFILE).estimate(query);
    // Two launches of 10 and 7 ns more.
    expect([median, low, high, floor, origin]).toEqual([15_034, 10_034, 25_034, 5020, 'modelled']);
  });

  it('counts the fetching of code on top, whether measured or not, and learns nothing from it', () => {
    const estimator = new Estimator(PROFILE);
    const [short, long] = [0, 1000].map((code) => work('known_f32', { bytes, code }));
    const spread = { median: 6000, low: 5900, high: 6200 };
    const added = estimator.judge(long, spread).median - 6000;
    expect(added).toBeGreaterThan(0);
    expect(estimator.estimate(long).median - estimator.estimate(short).median).toBeCloseTo(added);
    expect(estimator.judge(short, spread)).toMatchObject(spread);
    // What is measured is measured with code at hand: both teach the same.
    const teach = (query: Work): number => {
      const pupil = new Estimator(PROFILE);
      pupil.learn(query, 10 + 7 + 4 * bytes);
      pupil.settle();
      return pupil.estimate(short).median;
    };
    expect(teach(long)).toBe(teach(short));
  });

  it('follows what was learned when it is settled, not before', () => {
    const estimator = new Estimator(PROFILE);
    const query = work('known_f32', { bytes });
    const before = estimator.estimate(query).median;
    for (const factor of [2, 4, 6]) estimator.learn(query, 10 + 7 + factor * bytes);
    expect(estimator.estimate(query).median).toBe(before);
    estimator.settle();
    expect(estimator.estimate(query).median).toBe(10 + 7 + 4 * bytes);
    const learned = { factor: 4, low: 4, high: 6, latency: 7, samples: 3 };
    expect(estimator.slowdowns['known_f32']).toEqual(learned);
  });

  it('takes its latency from what is mostly launch, and its factor from the rest', () => {
    const estimator = new Estimator(PROFILE);
    // 10 ns of launch, 2 of memory within the cache, 20 more.
    estimator.learn(work('known_f32', { bytes: 8 }), 32);
    estimator.learn(work('known_f32', { bytes }), 10 + 20 + 2 * bytes);
    estimator.settle();
    expect(estimator.slowdowns['known_f32']).toMatchObject({ factor: 2, latency: 20, samples: 2 });
    expect(estimator.estimate(work('known_f32', { bytes: 2 * bytes })).median).toBe(10 + 20 + 4 * bytes);
  });

  it('of a class that was not measured moves with those that were', () => {
    const estimator = new Estimator(PROFILE);
    estimator.learn(work('known_f32', { bytes }), 10 + 7 + 6 * bytes);
    estimator.settle();
    // Twice what was known of the one: twice what was known of the other.
    expect(estimator.estimate(work('other_f32', { bytes })).median).toBe(10 + 2 * bytes);
  });

  it('in half precision is by what is known of single precision, until more is', () => {
    const estimator = new Estimator(PROFILE);
    const [half, single] = ['known_f16', 'known_f32'].map((name) => work(name, { bytes }));
    expect(estimator.estimate(half).median).toBe(estimator.estimate(single).median);
    estimator.learn(half, 10 + 7 + 6 * bytes);
    estimator.settle();
    expect(estimator.estimate(half).median).toBe(10 + 7 + 6 * bytes);
  });

  it('is never nothing, whatever a clock said', () => {
    const estimator = new Estimator(PROFILE);
    estimator.learn(work('known_f32', { bytes }), 5);
    estimator.settle();
    expect(estimator.estimate(work('known_f32', { bytes })).median).toBeGreaterThan(bytes / 4);
  });
});
