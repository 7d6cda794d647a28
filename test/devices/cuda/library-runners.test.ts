/** Handles, descriptors and statuses of cuDNN and cuBLASLt, through libraries that a test can make fail. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCublasLt } from '../../../src/devices/cuda/cublaslt.js';
import { openCudnn } from '../../../src/devices/cuda/cudnn.js';
import type { ConvCall, MatmulCall } from '../../../src/devices/cuda/library-calls.js';
import type { LibraryRunner } from '../../../src/devices/cuda/library-runner.js';
import type { LibraryCall } from '../../../src/devices/gpu.js';
import { DeviceError } from '../../../src/errors.js';
import { Tensor } from '../../../src/tensor/index.js';
import { FakeLibrary, HAS_COMPILER, SKIPPED } from './libraries/support.js';

/** Longest time that a compiler may take on a busy machine, milliseconds. */
const BUILDING = 120_000;

const CONV: ConvCall = {
  algorithm: 0,
  type: 'f32',
  xDims: [1, 1, 2, 3],
  xStrides: [6, 6, 3, 1],
  wDims: [1, 1, 1, 2],
  wStrides: [2, 2, 2, 1],
  yDims: [1, 1, 2, 2],
  yStrides: [4, 4, 2, 1],
  strides: [1, 1],
  dilations: [1, 1],
  padsBegin: [0, 0],
  padsEnd: [0, 0],
  bias: true,
  residual: false,
  activation: 'relu',
  activationParameters: [],
};

/** d [2, 2] = a [2, 1] * b [1, 2] + bias, column-major. */
const MATMUL: MatmulCall = {
  algorithm: 0,
  type: 'f32',
  rows: 2,
  cols: 2,
  depth: 1,
  batches: 1,
  transA: false,
  transB: false,
  leads: [2, 1, 2, 2],
  batchStrides: [0, 0, 0, 0],
  offsets: [0, 0, 0, 0],
  alpha: 1,
  beta: 0,
  bias: true,
  addend: false,
  relu: true,
};

function conv(changes: Partial<ConvCall> = {}): LibraryCall {
  return { library: 'cudnn', operation: 'conv', parameters: { ...CONV, ...changes } };
}

function matmul(changes: Partial<MatmulCall> = {}): LibraryCall {
  return { library: 'cublaslt', operation: 'matmul', parameters: { ...MATMUL, ...changes } };
}

/** x, w, bias and y of `CONV`. */
function convInputs(): Float32Array[] {
  return [Float32Array.of(1, 2, 3, 4, 5, 6), Float32Array.of(1, -2), Float32Array.of(5), new Float32Array(4)];
}

/** a, b, bias and d of `MATMUL`. */
function matmulInputs(): Float32Array[] {
  return [Float32Array.of(1, -2), Float32Array.of(3, 4), Float32Array.of(10, 7), new Float32Array(4)];
}

function bf16(...numbers: number[]): Uint16Array {
  return Uint16Array.from(Tensor.from('bf16', [numbers.length], numbers).data, Number);
}

describe.skipIf(!HAS_COMPILER)(`library runners${SKIPPED}`, () => {
  let library: FakeLibrary;
  let runner: LibraryRunner;
  let current: number;

  /** Opens a library, counting how often the context is made current. */
  const open = (name: LibraryCall['library']): void => {
    library = new FakeLibrary(name);
    current = 0;
    const environment = library.environment(() => {
      current++;
    });
    runner = name === 'cudnn' ? openCudnn(environment) : openCublasLt(environment);
  };

  /** Runs a call on arrays in host memory. */
  const run = async (
    call: LibraryCall,
    arrays: readonly (Float32Array | Uint16Array)[],
    stream = 5n,
  ): Promise<void> => {
    const prepared = await runner.prepare(call);
    const workspace = new Uint8Array(Math.max(1, prepared.workspaceBytes));
    const pointers = arrays.map((array) => library.ffi.address(array));
    try {
      prepared.launch(stream, pointers, library.ffi.address(workspace));
    } finally {
      prepared.release();
    }
  };

  describe('cuDNN', () => {
    beforeEach(() => open('cudnn'), BUILDING);
    afterEach(() => {
      runner.destroy();
      library.checkFreed();
    });

    it('runs a convolution on a stream', async () => {
      const arrays = convInputs();
      await run(conv(), arrays, 77n);
      // x[0] - 2 * x[1] + 5, not below 0
      expect([...arrays[3]]).toEqual([2, 1, 0, 0]);
      expect(library.get('stream')).toBe(77);
      expect(library.get('executions')).toBe(1);
      expect(runner.version).toBe('9.19.0');
    });

    it('runs bf16, which is stored in 16 bits', async () => {
      const y = new Uint16Array(4);
      await run(conv({ type: 'bf16' }), [bf16(1, 2, 3, 4, 5, 6), bf16(1, -2), bf16(5), y]);
      expect([...new Tensor('bf16', [4], y).toNumbers()]).toEqual([2, 1, 0, 0]);
    });

    it('takes no engine that rounds f32 or that rounds as it likes', async () => {
      await run(conv(), convInputs());
      expect(library.get('engine')).toBe(2);
      await run(conv({ algorithm: 1 }), convInputs());
      expect(library.get('engine')).toBe(4);
      await run(conv({ type: 'tf32' }), convInputs());
      expect(library.get('engine')).toBe(0);
      await run(conv({ type: 'tf32', algorithm: 1 }), convInputs());
      expect(library.get('engine')).toBe(2);
    });

    it('passes over what is not supported or needs too much memory', async () => {
      library.set('unsupported engine', 1 + 2);
      await run(conv(), convInputs());
      expect(library.get('engine')).toBe(4);
      // The last, where there are fewer.
      await run(conv({ algorithm: 7 }), convInputs());
      expect(library.get('engine')).toBe(4);
    });

    it('runs the ending on its own where nothing fuses it', async () => {
      library.set('unfused', 1);
      const arrays = convInputs();
      await run(conv(), arrays);
      expect([...arrays[3]]).toEqual([2, 1, 0, 0]);
      expect(library.get('executions')).toBe(2);
    });

    it('shares what it found out between calls in use', async () => {
      const calls = await Promise.all([0, 1, 0].map((algorithm) => runner.prepare(conv({ algorithm }))));
      const live = library.get('live');
      calls[0].release();
      calls[1].release();
      expect(library.get('live')).toBe(live);
      const arrays = convInputs();
      calls[2].launch(
        0n,
        arrays.map((array) => library.ffi.address(array)),
        library.ffi.address(new Uint8Array(4096)),
      );
      expect([...arrays[3]]).toEqual([2, 1, 0, 0]);
      calls[2].release();
      // The handle.
      expect(library.get('live')).toBe(1);
    });

    it('makes the context current after every wait', async () => {
      const prepared = await runner.prepare(conv());
      // Once to begin with, and before each of the engines 0, 1 and 2 is tried.
      expect(current).toBe(4);
      prepared.release();
    });

    it('frees what calls in use hold when it is destroyed', async () => {
      await runner.prepare(conv());
      expect(library.get('live')).toBeGreaterThan(1);
    });

    it.each(['cudnnBackendSetAttribute', 'cudnnBackendFinalize'] as const)(
      'names a status of %s',
      async (name) => {
        library.set(name, 2000);
        const failed = runner.prepare(conv({ bias: false, activation: 'none' }));
        await expect(failed).rejects.toThrow(DeviceError);
        library.set(name, 2000);
        await expect(runner.prepare(conv({ bias: false, activation: 'none' }))).rejects.toThrow(
          `cuDNN has no algorithm in f32 for a convolution of 1x1x2x3 by 1x1x1x2; its last answer was: ${name} failed: CUDNN_STATUS_BAD_PARAM (2000: as the test wants it)`,
        );
        // The call after that is not harmed.
        await run(conv(), convInputs());
      },
    );

    it('names a status of a launch', async () => {
      library.set('cudnnBackendExecute', 3000);
      await expect(run(conv(), convInputs())).rejects.toThrow(
        'cuDNN 9.19.0: cudnnBackendExecute failed: CUDNN_STATUS_NOT_SUPPORTED (3000: as the test wants it).',
      );
    });

    it('refuses what is no convolution', async () => {
      await expect(runner.prepare(matmul())).rejects.toThrow('cublaslt is not asked for matmul here');
      for (const wrong of [
        { strides: [1] },
        { xDims: [1, 1, 2.5, 3] },
        { wDims: [1, 0, 1, 2] },
        { algorithm: -1 },
      ]) {
        await expect(runner.prepare(conv(wrong))).rejects.toThrow(TypeError);
      }
      // Dims that do not fit each other are cuDNN's to refuse.
      await expect(runner.prepare(conv({ yDims: [1, 1, 2, 3] }))).rejects.toThrow('output dims');
    });
  });

  describe('cuBLASLt', () => {
    beforeEach(() => open('cublaslt'), BUILDING);
    afterEach(() => {
      runner.destroy();
      library.checkFreed();
    });

    it('runs a product on a stream', async () => {
      const arrays = matmulInputs();
      await run(matmul(), arrays, 78n);
      expect([...arrays[3]]).toEqual([13, 1, 14, 0]);
      expect(library.get('stream')).toBe(78);
      expect(library.get('workspace limit')).toBe(32 * 2 ** 20);
      expect(library.get('alignment')).toBe(256);
      expect(runner.version).toBe('13.1.1');
    });

    it('tells the alignment of what does not begin with its buffer', async () => {
      const arrays = [...matmulInputs().slice(0, 3), new Float32Array(6)];
      await run(matmul({ offsets: [0, 0, 0, 8] }), arrays);
      expect([...arrays[3]]).toEqual([0, 0, 13, 1, 14, 0]);
      expect(library.get('alignment')).toBe(8);
    });

    it('tells the worst alignment of an addend’s and the result’s columns', async () => {
      const expected = [
        { type: 'f16', columns: [70, 72], alignment: 4 },
        { type: 'f16', columns: [70, 71], alignment: 2 },
        { type: 'bf16', columns: [71, 72], alignment: 2 },
        { type: 'f32', columns: [71, 71], alignment: 4 },
        { type: 'f16', columns: [72, 64], alignment: 256 },
      ] as const;
      for (const { type, columns, alignment } of expected) {
        const changes = { type, leads: [2, 2, ...columns], addend: true, offsets: [0, 0, 0, 0, 0] };
        (await runner.prepare(matmul(changes))).release();
        expect(library.get('alignment'), `${type} ${columns.join()}`).toBe(alignment);
      }
    });

    it('leaves out algorithms that the library calls unsupported', async () => {
      // Of three algorithms the second: those left are of workspaces of 0 and 1024 bytes.
      const calls = await Promise.all([0, 1, 2].map((algorithm) => runner.prepare(matmul({ algorithm }))));
      expect(calls.map(({ workspaceBytes }) => workspaceBytes)).toEqual([0, 1024, 1024]);
      for (const call of calls) call.release();
    });

    it('names statuses', async () => {
      library.set('cublasLtMatmulAlgoGetHeuristic', 15);
      await expect(runner.prepare(matmul())).rejects.toThrow(
        'cuBLASLt 13.1.1: cublasLtMatmulAlgoGetHeuristic failed: CUBLAS_STATUS_NOT_SUPPORTED (15: the requested functionality is not supported).',
      );
      library.set('cublasLtMatmul', 7);
      await expect(run(matmul(), matmulInputs())).rejects.toThrow(
        'cublasLtMatmul failed: CUBLAS_STATUS_INVALID_VALUE (7: an unsupported value was passed)',
      );
      await expect(runner.prepare(matmul({ leads: [1, 1, 2, 2] }))).rejects.toThrow(DeviceError);
    });

    it('refuses what is no product', async () => {
      await expect(runner.prepare(conv())).rejects.toThrow('cudnn is not asked for conv here');
      for (const wrong of [{ rows: 0 }, { offsets: [0] }, { alpha: NaN }, { leads: [2, 1, 2] }]) {
        await expect(runner.prepare(matmul(wrong))).rejects.toThrow(TypeError);
      }
    });
  });

  it('says what does not load and how to get it', () => {
    const cudnn = new FakeLibrary('cudnn');
    const cublaslt = new FakeLibrary('cublaslt');
    expect(() => openCudnn({ ...cudnn.environment(), path: '/nowhere/libcudnn.so.9' })).toThrow(
      /cuDNN does not load \(.*Install cuDNN 9, with `pip install nvidia-cudnn-cu13` for example\./,
    );
    // Another library, without the functions.
    expect(() => openCublasLt({ ...cudnn.environment(), path: cudnn.path })).toThrow(
      /cuBLASLt does not load/,
    );
    cudnn.set('version', 8906);
    expect(() => openCudnn(cudnn.environment())).toThrow('it is version 8906, older than 9');
    cudnn.set('version', 0);
    cudnn.set('cudnnCreate', 2000);
    expect(() => openCudnn(cudnn.environment())).toThrow('cudnnCreate failed: CUDNN_STATUS_BAD_PARAM');
    cublaslt.set('cublasLtCreate', 7);
    expect(() => openCublasLt(cublaslt.environment())).toThrow(
      'cublasLtCreate failed: CUBLAS_STATUS_INVALID_VALUE',
    );
  });
});
