/** Candidates of cuDNN and cuBLASLt against the references, through libraries that compute on the CPU what they are told. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isCandidate, type CandidateContext } from '../../../src/candidates/candidate.js';
import { candidatesFor } from '../../../src/candidates/index.js';
import type { LibraryCall } from '../../../src/devices/gpu.js';
import { Conv } from '../../../src/ops/conv.js';
import { Gemm } from '../../../src/ops/gemm.js';
import { MatMul } from '../../../src/ops/matmul.js';
import { clip, elu, gelu, leakyRelu, relu, sigmoid, swish, tanh } from '../../../src/ops/unary-functions.js';
import type { UnaryFunction } from '../../../src/ops/unary.js';
import { convCases, thoroughConvCases } from '../../kernels/cases/conv.js';
import { gemmCases, thoroughGemmCases } from '../../kernels/cases/gemm.js';
import { contextOf, partRuns, runCase, wholeRuns, type OpCase } from '../../kernels/harness.js';
import { LARGE_LIMITS } from '../../support/limits.js';
import { FakeLibrary, HAS_COMPILER, LibraryDevice, SKIPPED } from './libraries/support.js';

const thorough = process.env['LANEWISE_THOROUGH'] === '1';
/** Longest time that a compiler may take on a busy machine, milliseconds. */
const BUILDING = 120_000;

type Library = LibraryCall['library'];
type Storage = 'f32' | 'f16';
const STORAGES: readonly Storage[] = ['f32', 'f16'];

/** Runs all of a library's candidates of a case. @returns their ids, and what was wrong */
async function check(
  device: LibraryDevice,
  testCase: OpCase,
  storage: Storage,
  more: Partial<CandidateContext> = {},
): Promise<{ readonly ids: readonly string[]; readonly failures: readonly string[] }> {
  const context = { ...contextOf(device, storage), ...more };
  const runs = [...wholeRuns(testCase, context), ...partRuns(testCase, context)].filter(({ candidate }) =>
    candidate.id.includes(device.runner.library),
  );
  const results = await runCase(device, testCase, storage, runs);
  return {
    ids: runs.map(({ candidate }) => candidate.id),
    failures: results.flatMap(({ candidate, failure }) => (failure ? [`${candidate}: ${failure}`] : [])),
  };
}

function refusalsOf(testCase: OpCase, context: CandidateContext): Map<string, string> {
  const inputs = testCase.inputs.map((input) => input && { dtype: input.dtype, dims: input.dims });
  const types = { inputs, outputs: testCase.op.infer(inputs) };
  const refusals = candidatesFor(testCase.op, types, context).filter((entry) => !isCandidate(entry));
  return new Map(refusals.map((entry) => [entry.id, 'refused' in entry ? entry.refused : '']));
}

function contextWith(...features: ('f16' | 'cuda' | Library)[]): CandidateContext {
  return { limits: LARGE_LIMITS, features: new Set(features), storage: 'f32' };
}

/** Ids of the first algorithms for an op on inputs of these dims. */
function firstIds(op: Conv | Gemm, ...dims: readonly (readonly number[])[]): string[] {
  const inputs = dims.map((one) => f32(...one));
  const types = { inputs, outputs: op.infer(inputs) };
  return candidatesFor(op, types, contextWith('cuda', 'cudnn', 'cublaslt'))
    .filter(isCandidate)
    .flatMap(({ id }) => (/_(?:cudnn|cudnn-grouped|cublaslt|pointwise-cublaslt)_a0_/.test(id) ? [id] : []));
}

function f32(...dims: number[]): { readonly dtype: 'f32'; readonly dims: number[] } {
  return { dtype: 'f32', dims };
}

const ACTIVATIONS: readonly (UnaryFunction | undefined)[] = [
  undefined,
  relu,
  clip(0, 6),
  leakyRelu(0.2),
  sigmoid,
  tanh,
  elu(0.7),
  swish(1.5),
  gelu(),
  gelu('tanh'),
];

/** Any convolution: odd shapes, steps, padding, groups, what is fused. */
const convolutions = fc
  .record({
    batch: fc.integer({ min: 1, max: 3 }),
    group: fc.integer({ min: 1, max: 3 }),
    own: fc.integer({ min: 1, max: 5 }),
    out: fc.integer({ min: 1, max: 5 }),
    axes: fc.array(
      fc.record({
        kernel: fc.integer({ min: 1, max: 4 }),
        stride: fc.integer({ min: 1, max: 3 }),
        dilation: fc.integer({ min: 1, max: 2 }),
        pad: fc.integer({ min: 0, max: 2 }),
        padEnd: fc.integer({ min: 0, max: 2 }),
        more: fc.integer({ min: 0, max: 5 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    bias: fc.boolean(),
    residual: fc.boolean(),
    activation: fc.constantFrom(...ACTIVATIONS),
  })
  .map(({ batch, group, own, out, axes, bias, residual, activation }): OpCase => {
    const kernel = axes.map((axis) => axis.kernel);
    const spatial = axes.map(({ kernel: taps, dilation, pad, padEnd, more }) =>
      Math.max(1, (taps - 1) * dilation + 1 - pad - padEnd + more),
    );
    const op = new Conv({
      strides: axes.map(({ stride }) => stride),
      dilations: axes.map(({ dilation }) => dilation),
      padsBegin: axes.map(({ pad }) => pad),
      padsEnd: axes.map(({ padEnd }) => padEnd),
      group,
      activation,
    });
    const [x, w] = [f32(batch, group * own, ...spatial), f32(group * out, own, ...kernel)];
    const [y] = op.infer([x, w]);
    const inputs = [x, w, bias ? f32(group * out) : undefined, residual ? f32(...y.dims) : undefined];
    return { name: 'conv', op, inputs: inputs.slice(0, residual ? 4 : 3) };
  });

/** Any product, c in all forms. */
const products = fc
  .record({
    m: fc.integer({ min: 1, max: 9 }),
    n: fc.integer({ min: 1, max: 9 }),
    k: fc.integer({ min: 1, max: 9 }),
    transA: fc.boolean(),
    transB: fc.boolean(),
    alpha: fc.constantFrom(1, 0.5),
    beta: fc.constantFrom(1, 2, 0),
    c: fc.constantFrom('none', 'row', 'column', 'one', 'matrix'),
    activation: fc.constantFrom(undefined, relu),
  })
  .map(({ m, n, k, transA, transB, alpha, beta, c, activation }): OpCase => {
    const cDims = { none: undefined, row: [n], column: [m, 1], one: [1], matrix: [m, n] }[c];
    return {
      name: `gemm ${c}`,
      op: new Gemm({ transA, transB, alpha, beta, activation }),
      inputs: [transA ? f32(k, m) : f32(m, k), transB ? f32(n, k) : f32(k, n), cDims && f32(...cDims)],
    };
  });

const batches = fc
  .record({
    a: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
    shared: fc.boolean(),
    m: fc.integer({ min: 1, max: 6 }),
    n: fc.integer({ min: 1, max: 6 }),
    k: fc.integer({ min: 1, max: 6 }),
  })
  .map(({ a, shared, m, n, k }): OpCase => ({
    name: 'matmul',
    op: new MatMul(),
    inputs: [f32(...a, m, k), f32(...(shared ? [] : a), k, n)],
  }));

describe.skipIf(!HAS_COMPILER)(`library kernels${SKIPPED}`, () => {
  const devices = new Map<Library, LibraryDevice>();
  const deviceOf = (library: Library): LibraryDevice => {
    const device = devices.get(library);
    if (!device) throw new Error(`${library} was not opened`);
    return device;
  };
  beforeAll(() => {
    for (const library of ['cudnn', 'cublaslt'] as const)
      devices.set(library, new LibraryDevice(new FakeLibrary(library), library));
  }, BUILDING);
  afterAll(() => {
    for (const device of devices.values()) {
      device.destroy();
      device.library.checkFreed();
    }
  });

  const convolutionCases = [...convCases, ...(thorough ? thoroughConvCases : [])].filter(
    ({ op }) => op instanceof Conv,
  );
  it.each(convolutionCases.map((one) => [one.name, one] as const))('cudnn: %s', async (_, testCase) => {
    for (const storage of STORAGES) {
      const { failures } = await check(deviceOf('cudnn'), testCase, storage);
      expect(failures).toEqual([]);
    }
  });

  it.each([...gemmCases, ...(thorough ? thoroughGemmCases : [])].map((one) => [one.name, one] as const))(
    'cublaslt: %s',
    async (_, testCase) => {
      for (const storage of STORAGES) {
        const { failures } = await check(deviceOf('cublaslt'), testCase, storage);
        expect(failures).toEqual([]);
      }
    },
  );

  it('computes any convolution', async () => {
    await fc.assert(
      fc.asyncProperty(convolutions, fc.constantFrom(...STORAGES), async (testCase, storage) => {
        const { failures } = await check(deviceOf('cudnn'), testCase, storage);
        expect(failures).toEqual([]);
      }),
      { numRuns: 80 },
    );
  });

  it('computes any convolution where cuDNN fuses nothing', async () => {
    const device = deviceOf('cudnn');
    device.library.set('unfused', 1);
    try {
      await fc.assert(
        fc.asyncProperty(convolutions, async (testCase) => {
          const { failures } = await check(device, testCase, 'f32');
          expect(failures).toEqual([]);
        }),
        { numRuns: 30 },
      );
    } finally {
      device.library.set('unfused', 0);
    }
  });

  it('computes any matrix product, in every layout', async () => {
    await fc.assert(
      fc.asyncProperty(products, fc.constantFrom(...STORAGES), async (testCase, storage) => {
        const { failures } = await check(deviceOf('cublaslt'), testCase, storage);
        expect(failures).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('computes batches of products', async () => {
    await fc.assert(
      fc.asyncProperty(batches, async (testCase) => {
        const { failures } = await check(deviceOf('cublaslt'), testCase, 'f32');
        expect(failures).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('computes pointwise convolutions with bias, residual and Relu as one product', async () => {
    const op = new Conv({ strides: [1, 1], activation: relu });
    const inputs = [f32(3, 5, 3, 2), f32(7, 5, 1, 1), f32(7), f32(3, 7, 3, 2)];
    for (const storage of STORAGES) {
      const { ids, failures } = await check(deviceOf('cublaslt'), { name: 'pointwise', op, inputs }, storage);
      expect(ids).toContain(`conv_nhwc_pointwise-cublaslt_a0_${storage}`);
      expect(failures).toEqual([]);
    }
  });

  it('rounds f32 only where that was asked for', async () => {
    const conv: OpCase = {
      name: 'conv',
      op: new Conv({ strides: [1, 1] }),
      inputs: [f32(2, 6, 5, 4), f32(3, 6, 3, 3), undefined],
    };
    const gemm: OpCase = { name: 'gemm', op: new Gemm(), inputs: [f32(6, 50), f32(50, 5), undefined] };
    for (const [library, testCase] of [
      ['cudnn', conv],
      ['cublaslt', gemm],
    ] as const) {
      const exact = await check(deviceOf(library), testCase, 'f32');
      expect(exact.ids.every((id) => id.endsWith('_f32'))).toBe(true);
      expect(exact.failures).toEqual([]);
      const { ids, failures } = await check(deviceOf(library), testCase, 'f32', { tf32: true });
      expect(ids.every((id) => id.endsWith('_tf32'))).toBe(true);
      // Ten bits of fraction: errors between 1e-5 and 1e-3.
      expect(failures.some((failure) => /relative error \d\.\de-4/.test(failure))).toBe(true);
      const near = await check(
        deviceOf(library),
        { ...testCase, tolerance: { f32: 1e-3, f16: 1e-3 } },
        'f32',
        { tf32: true },
      );
      expect(near.failures).toEqual([]);
    }
  });
});

describe('candidates of libraries', () => {
  const conv: OpCase = {
    name: 'conv',
    op: new Conv({ strides: [1, 1] }),
    inputs: [f32(2, 6, 5, 4), f32(3, 6, 1, 1), undefined],
  };
  const gemm: OpCase = { name: 'gemm', op: new Gemm(), inputs: [f32(6, 5), f32(5, 5), undefined] };

  it('are there for every rank and layout that the libraries take', () => {
    const conv1 = new Conv({ strides: [1] });
    expect(firstIds(conv1, [2, 4, 9], [3, 4, 3])).toEqual(['conv_nwc_cudnn_a0_f32', 'conv_ncw_cudnn_a0_f32']);
    const conv2 = new Conv({ strides: [1, 1] });
    expect(firstIds(conv2, [2, 4, 9, 9], [3, 4, 1, 1])).toEqual([
      'conv_nhwc_pointwise-cublaslt_a0_f32',
      'conv_nhwc_cudnn_a0_f32',
      'conv_nchw_cudnn_a0_f32',
    ]);
    const grouped = new Conv({ strides: [1, 1], group: 4 });
    expect(firstIds(grouped, [2, 4, 9, 9], [4, 1, 3, 3])).toEqual([
      'conv_nhwc_cudnn-grouped_a0_f32',
      'conv_nchw_cudnn-grouped_a0_f32',
    ]);
    const conv3 = new Conv({ strides: [1, 1, 1] });
    expect(firstIds(conv3, [2, 4, 5, 5, 5], [3, 4, 3, 3, 3])).toEqual([
      'conv_ndhwc_cudnn_a0_f32',
      'conv_ncdhw_cudnn_a0_f32',
    ]);
    expect(firstIds(new Gemm(), [6, 5], [5, 7], [7]).sort()).toEqual(
      // c is added along columns: where they are not contiguous in y, it is no bias.
      ['gemm_cn_nc_cublaslt_a0_f32', 'gemm_nc_cublaslt_a0_f32'],
    );
    expect(firstIds(new Gemm(), [6, 5], [5, 7])).toHaveLength(4);
  });

  it('say which library is missing', () => {
    const refusals = refusalsOf(conv, contextWith('cuda'));
    expect(refusals.get('conv_nhwc_cudnn_f32')).toBe('cuDNN was not found');
    expect(refusals.get('conv_nhwc_pointwise-cublaslt_f32')).toBe('cuBLASLt was not found');
    expect(refusalsOf(gemm, contextWith('cuda')).get('gemm_nc_cublaslt_f32')).toBe('cuBLASLt was not found');
  });

  it('are not there on other devices', () => {
    const refusals = refusalsOf(conv, contextWith('f16'));
    expect([...refusals.keys()].filter((id) => /cudnn|cublaslt/.test(id))).toEqual([]);
  });

  it('say what a library cannot do', () => {
    const uneven = new Conv({ strides: [2, 2], padsBegin: [0, 0], padsEnd: [1, 1] });
    const refused = { ...conv, op: uneven, inputs: [f32(1, 4, 8, 8), f32(4, 4, 3, 3), undefined] };
    expect(refusalsOf(refused, contextWith('cuda', 'cudnn')).get('conv_nchw_cudnn_f32')).toBe(
      'the padding before the input and behind it differ',
    );
    const scaled: OpCase = { ...gemm, op: new Gemm({ beta: 2 }), inputs: [f32(6, 5), f32(5, 5), f32(5)] };
    expect(refusalsOf(scaled, contextWith('cuda', 'cublaslt')).get('gemm_nc_cublaslt_f32')).toBe(
      'beta scales a vector that is added to every row',
    );
    const ended: OpCase = { ...gemm, op: new Gemm({ activation: sigmoid }) };
    expect(refusalsOf(ended, contextWith('cuda', 'cublaslt')).get('gemm_nc_cublaslt_f32')).toBe(
      'cuBLASLt does not end in Sigmoid',
    );
  });

  it('are a few algorithms, with the others on a grid', () => {
    const inputs = gemm.inputs.map((input) => input && { dtype: input.dtype, dims: input.dims });
    const types = { inputs, outputs: gemm.op.infer(inputs) };
    const found = candidatesFor(gemm.op, types, contextWith('cuda', 'cublaslt'))
      .filter(isCandidate)
      .filter(({ id }) => id.startsWith('gemm_nc_cublaslt_'));
    expect(found.map(({ id }) => id)).toEqual([0, 1, 2].map((i) => `gemm_nc_cublaslt_a${i}_f32`));
    const grid = found[0].sizes?.grid;
    expect(grid?.points()).toHaveLength(8);
    expect(grid?.find('gemm_nc_cublaslt_a5_f32')?.id).toBe('gemm_nc_cublaslt_a5_f32');
    expect(grid?.find('gemm_nc_cublaslt_a8_f32')).toBeUndefined();
    expect(grid?.find('gemm_nc_cublaslt_a0_f16')).toBeUndefined();
  });
});
