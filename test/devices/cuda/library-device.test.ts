/** A CUDA device that finds libraries: fakes of the driver, of the compiler and of both libraries together. */
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isCandidate } from '../../../src/candidates/candidate.js';
import { candidatesFor } from '../../../src/candidates/index.js';
import type { CudaDevice } from '../../../src/devices/cuda/index.js';
import type { GpuSlice } from '../../../src/devices/gpu.js';
import { openCuda } from '../../../src/host/cuda.js';
import { Gemm } from '../../../src/ops/gemm.js';
import { relu } from '../../../src/ops/unary-functions.js';
import { Tensor } from '../../../src/tensor/index.js';
import { contextOf } from '../../kernels/harness.js';
import { FAKES, WITH_FAKES, cacheForTests, fakeFolder } from './fake.js';
import { FakeLibrary } from './libraries/support.js';

describe.skipIf(!FAKES)(`libraries on the CUDA device${WITH_FAKES}`, () => {
  let cache: ReturnType<typeof cacheForTests>;
  let folder: string;

  beforeAll(() => {
    cache = cacheForTests();
    folder = mkdtempSync(join(tmpdir(), 'lanewise-cuda-libraries-'));
    copyFileSync(new FakeLibrary('cudnn').path, join(folder, 'libcudnn.so.9'));
    fakeFolder();
  }, 120_000);

  afterAll(() => {
    cache.remove();
    rmSync(folder, { recursive: true });
  });

  const open = (): Promise<CudaDevice> => {
    const places = [fakeFolder(), folder].join(delimiter);
    return openCuda(0, { environment: { LANEWISE_CUDA_LIBS: places, HOME: '/nowhere' }, root: '/nowhere' });
  };

  it('leaves out cuDNN without cuBLASLt, which it calls', async () => {
    const device = await open();
    expect(device.features.has('cudnn')).toBe(false);
    device.destroy();
  });

  it('leaves out both where cuBLASLt does not load', async () => {
    writeFileSync(join(folder, 'libcublasLt.so.13'), 'no library');
    const device = await open();
    expect([device.features.has('cudnn'), device.features.has('cublaslt')]).toEqual([false, false]);
    device.destroy();
    rmSync(join(folder, 'libcublasLt.so.13'));
  });

  it('finds them, tells their versions, and runs their calls', async () => {
    copyFileSync(new FakeLibrary('cublaslt').path, join(folder, 'libcublasLt.so.13'));
    const device = await open();
    expect([...device.features]).toEqual(expect.arrayContaining(['cudnn', 'cublaslt']));
    expect(device.identity.runtime).toContain('cudnn 9.19.0');
    expect(device.identity.runtime).toContain('cublaslt 13.1.1');

    const op = new Gemm({ activation: relu });
    const tensors = [
      Tensor.from('f32', [3, 2], [1, -2, 3, 4, -5, 6]),
      Tensor.from('f32', [2, 2], [1, 0.5, -1, 2]),
      Tensor.from('f32', [2], [10, -4]),
    ];
    const inputs = tensors.map(({ dtype, dims }) => ({ dtype, dims }));
    const types = { inputs, outputs: op.infer(inputs) };
    // The second algorithm of the fake needs memory of its own.
    const candidate = candidatesFor(op, types, contextOf(device, 'f32'))
      .filter(isCandidate)
      .find(({ id }) => id === 'gemm_nc_cublaslt_a1_f32');
    if (!candidate) throw new Error('no candidate of cuBLASLt');
    const views = {
      inputs: inputs.map(({ dims }, i) => {
        const layout = candidate.inputs[i];
        return layout && ({ dims, layout, type: 'f32' } as const);
      }),
      outputs: [{ dims: [3, 2], layout: candidate.outputs[0], type: 'f32' } as const],
    };
    const [{ source, operands }] = candidate.build(views);
    const allocate = async (bytes: number): Promise<GpuSlice> => {
      const buffer = await device.allocate(bytes, 'operand');
      return { buffer, offset: 0, bytes };
    };
    const places = { input: await Promise.all([24, 16, 8].map(allocate)), output: [await allocate(24)] };
    for (const [i, { data }] of tensors.entries()) device.write(places.input[i].buffer, 0, data);
    const readback = await device.record([], [places.output[0]]);
    // The fake library computes when it is called, which is while the call is captured: what is written must be there.
    await device.submit(readback);
    const [kernel] = await device.compile([source]);
    const slices = operands.map(({ kind, index }) => {
      if (kind === 'workspace') throw new Error('calls have no scratch buffers');
      return places[kind][index];
    });
    const recording = await device.record([{ kernel, slices }]);
    const [bytes] = await device.submit(readback);
    expect([...new Float32Array(bytes.buffer)]).toEqual([...op.reference(tensors)[0].toNumbers()]);
    device.release(recording);
    device.release(readback);
    device.destroy();
  }, 60_000);
});
