/** The study's own kernels and its check of kernels, on software WebGPU. */
import { describe, expect, it } from 'vitest';
import { isCandidate } from '../../src/candidates/candidate.js';
import { candidatesFor } from '../../src/candidates/index.js';
import { wgslOf, type KernelSource } from '../../src/devices/gpu.js';
import type { TensorView } from '../../src/kernels/view.js';
import { Conv } from '../../src/ops/conv.js';
import { Identity } from '../../src/ops/identity.js';
import { Softmax } from '../../src/ops/softmax.js';
import { fusedSoftmax } from '../../src/study/baselines/fused-softmax.js';
import { tiledTransform } from '../../src/study/baselines/tiled-transform.js';
import { checkFillKernel, filledValue, filledWord } from '../../src/study/check-fill.js';
import { sampledError, type CheckTask } from '../../src/study/sampled-check.js';
import { layoutOf, rowMajor, type Dims, type TensorType } from '../../src/tensor/index.js';
import { RandomBuffers } from '../../src/tune/timing/buffers.js';
import { useSoftwareDevice } from '../kernels/run-cases.js';

const device = useSoftwareDevice();

/** A kernel from one tensor to another. */
function oneStep(source: KernelSource): CheckTask['steps'] {
  return [
    {
      source,
      operands: [
        { kind: 'input', index: 0 },
        { kind: 'output', index: 0 },
      ],
    },
  ];
}

function softmaxTask(rows: number, classes: number): CheckTask {
  const x: TensorView = { dims: [rows, classes], layout: rowMajor(2), type: 'f32' };
  return {
    op: new Softmax([1]),
    inputs: [x],
    output: x,
    workspace: [],
    steps: oneStep(fusedSoftmax(x, device().limits.maxGrid)),
    dependence: ([row, column]) => ({
      boxes: [{ origin: [row, 0], dims: [1, classes] }],
      at: [0, column],
    }),
  };
}

function transformTask(dims: Dims): CheckTask {
  const x: TensorView = { dims, layout: layoutOf('chwn', 4), type: 'f32' };
  return {
    op: new Identity(),
    inputs: [x],
    output: { ...x, layout: layoutOf('nchw', 4) },
    workspace: [],
    steps: oneStep(tiledTransform(x, device().limits.maxGrid)),
    dependence: (index) => ({ boxes: [{ origin: index, dims: [1, 1, 1, 1] }], at: [0, 0, 0, 0] }),
  };
}

describe('baselines', () => {
  it.each([
    [1, 1],
    [3, 7],
    [257, 10],
    [32, 1000],
  ])('the fused softmax of %i rows of %i', async (rows, classes) => {
    expect(await sampledError(device(), softmaxTask(rows, classes))).toBeLessThan(1e-5);
  });

  it.each([[[1, 1, 1, 1]], [[3, 5, 7, 2]], [[32, 4, 8, 1]], [[33, 3, 11, 13]], [[70, 1, 1, 65]]])(
    'the tiled transform of %j',
    async (dims) => {
      expect(await sampledError(device(), transformTask(dims))).toBe(0);
    },
  );

  it.each(['f32', 'f16'] as const)('have the same text as before in %s', async (type) => {
    const softmax = fusedSoftmax({ dims: [128, 1000], layout: rowMajor(2), type }, 65535);
    const transform = tiledTransform({ dims: [128, 96, 55, 55], layout: layoutOf('chwn', 4), type }, 65535);
    for (const source of [softmax, transform]) {
      await expect(wgslOf(source)).toMatchFileSnapshot(`__snapshots__/${source.id}.wgsl`);
    }
  });
});

/** The first candidate of a convolution in each layout, by a reference of perhaps another stride. */
async function convErrors(channels: number, stride: number): Promise<[string, number][]> {
  const op = new Conv({ strides: [2, 2] });
  const inputs: TensorType[] = [
    { dtype: 'f32', dims: [3, channels, 9, 11] },
    { dtype: 'f32', dims: [6, channels, 3, 3] },
    { dtype: 'f32', dims: [6] },
  ];
  const types = { inputs, outputs: op.infer(inputs) };
  const { limits, features } = device();
  const context = { limits, features, storage: 'f32' } as const;
  const errors: [string, number][] = [];
  const all = candidatesFor(op, types, context).filter(isCandidate);
  const same = all.filter(({ inputs: [x], outputs: [y] }) => x?.name === y.name);
  const some = same.filter(
    ({ outputs: [y] }, i) => same.findIndex(({ outputs: [other] }) => other.name === y.name) === i,
  );
  for (const candidate of some) {
    const views = inputs.map(({ dims }, i): TensorView => {
      const layout = candidate.inputs[i];
      if (!layout) throw new TypeError('a convolution of three inputs');
      return { dims, layout, type: 'f32' };
    });
    const output: TensorView = { dims: types.outputs[0].dims, layout: candidate.outputs[0], type: 'f32' };
    const error = await sampledError(device(), {
      op,
      inputs: views,
      output,
      workspace: candidate.workspace,
      steps: candidate.build({ inputs: views, outputs: [output] }),
      dependence: ([n, filter, row, column]) => ({
        boxes: [
          { origin: [n, 0, row * stride, column * stride], dims: [1, channels, 3, 3] },
          { origin: [filter, 0, 0, 0], dims: [1, channels, 3, 3] },
          { origin: [filter], dims: [1] },
        ],
        at: [0, 0, 0, 0],
      }),
    });
    errors.push([candidate.id, error]);
  }
  return errors;
}

describe('the sampled check', () => {
  it('knows what buffers are filled with', async () => {
    const memory = new RandomBuffers(device());
    const buffer = await memory.allocate(4096, 'filled');
    const [kernel] = await device().compile([checkFillKernel(4096, device().limits.maxGrid)]);
    const slice = { buffer, offset: 0, bytes: 4096 };
    const recording = await device().record([{ kernel, slices: [slice] }], [slice]);
    const [bytes] = await device().submit(recording);
    device().release(recording);
    memory.freeAll();
    const words = new Uint32Array(bytes.buffer);
    expect(Array.from(words)).toEqual(Array.from(words, (_, i) => filledWord(i)));
    const floats = new Float32Array(bytes.buffer);
    expect(Array.from(floats)).toEqual(Array.from(floats, (_, i) => filledValue('f32', i)));
    for (let i = 0; i < 2048; i++) expect(Math.abs(filledValue('f16', i))).toBeLessThan(2);
  });

  it.each([3, 8])(
    'passes kernels that are right, padded blocks too: %i channels',
    { timeout: 300_000 },
    async (channels) => {
      const errors = await convErrors(channels, 2);
      expect(errors).toHaveLength(4);
      expect(errors.filter(([, error]) => !(error < 1e-5))).toEqual([]);
    },
  );

  it('finds those that compute something else', async () => {
    const errors = await convErrors(3, 1);
    expect(errors.filter(([, error]) => !(error > 0.1))).toEqual([]);
  });
});
