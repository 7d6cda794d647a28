/** Matrix products by cuBLASLt, NVIDIA's library for them (version 12 or later; what is used was never changed since). */
import { DeviceError } from '../../errors.js';
import type { LibraryCall } from '../gpu.js';
import type { ForeignLibrary } from './ffi.js';
import { LibraryApi } from './library-api.js';
import { matmulCall, type LibraryType, type MatmulCall } from './library-calls.js';
import type { LibraryEnvironment, LibraryRunner, OpenLibrary, PreparedCall } from './library-runner.js';

/** Device memory that an algorithm may use: what NVIDIA advises for GPUs of compute capability 9. */
const WORKSPACE_BYTES = 32 * 2 ** 20;

/** Algorithms that the library is asked for, always as many: a call's number must mean the same every time. */
export const MATMUL_ALGORITHMS = 8;

/** `cublasLtMatmulHeuristicResult_t`: an algorithm of 64 bytes, its workspace's size, a status, a figure, reserved. */
const RESULT_BYTES = 96;
const ALGORITHM_BYTES = 64;

/** Numbers from cublasLt.h. */
const MATMUL_DESC = { TRANSA: 3, TRANSB: 4, EPILOGUE: 7, BIAS_POINTER: 8 } as const;
const LAYOUT = { BATCH_COUNT: 5, STRIDED_BATCH_OFFSET: 6 } as const;
const PREFERENCE = { MAX_WORKSPACE_BYTES: 1, MIN_ALIGNMENT_A: 5 } as const;
const EPILOGUE = { DEFAULT: 1, RELU: 2, BIAS: 4, RELU_BIAS: 6 } as const;
const CUDA_R_32F = 0;
const TYPES: Readonly<
  Record<LibraryType, { readonly data: number; readonly compute: number; bytes: number }>
> = {
  f32: { data: CUDA_R_32F, compute: 68, bytes: 4 },
  tf32: { data: CUDA_R_32F, compute: 77, bytes: 4 },
  f16: { data: 2, compute: 68, bytes: 2 },
  bf16: { data: 14, compute: 68, bytes: 2 },
};

const VOID = 'void *';
const pointers = (count: number): string[] => new Array<string>(count).fill(VOID);
/** What is called, with C's types. Handles and descriptors are pointers. */
const SIGNATURES = {
  cublasLtCreate: [VOID],
  cublasLtDestroy: [VOID],
  cublasLtMatmulDescCreate: [VOID, 'int', 'int'],
  cublasLtMatmulDescSetAttribute: [VOID, 'int', VOID, 'size_t'],
  cublasLtMatmulDescDestroy: [VOID],
  cublasLtMatrixLayoutCreate: [VOID, 'int', 'uint64_t', 'uint64_t', 'int64_t'],
  cublasLtMatrixLayoutSetAttribute: [VOID, 'int', VOID, 'size_t'],
  cublasLtMatrixLayoutDestroy: [VOID],
  cublasLtMatmulPreferenceCreate: [VOID],
  cublasLtMatmulPreferenceSetAttribute: [VOID, 'int', VOID, 'size_t'],
  cublasLtMatmulPreferenceDestroy: [VOID],
  cublasLtMatmulAlgoGetHeuristic: [...pointers(7), 'int', ...pointers(2)],
  cublasLtMatmul: [...pointers(14), 'size_t', VOID],
} as const;

type Api = LibraryApi<keyof typeof SIGNATURES>;

const DECLARATION = {
  title: 'cuBLASLt',
  remedy: 'Install cuBLAS 12 or 13, with `pip install nvidia-cublas` for example.',
  signatures: SIGNATURES,
  version: (library: ForeignLibrary): string => {
    const version = Number(library.func('cublasLtGetVersion', 'size_t', [])());
    return [Math.floor(version / 10000), Math.floor(version / 100) % 100, version % 100].join('.');
  },
  describe: (library: ForeignLibrary): ((status: number) => string) => {
    const name = library.func('cublasLtGetStatusName', 'str', ['int']);
    const text = library.func('cublasLtGetStatusString', 'str', ['int']);
    return (status) => `${String(name(status))} (${status}: ${String(text(status))})`;
  },
};

/** cuBLASLt on the current device. */
export const openCublasLt: OpenLibrary = (environment) => new CublasLt(environment);

class CublasLt implements LibraryRunner {
  readonly library = 'cublaslt';
  readonly version: string;
  readonly #api: Api;
  readonly #handle: bigint;

  constructor(environment: LibraryEnvironment) {
    this.#api = new LibraryApi(environment, DECLARATION);
    this.version = this.#api.version;
    this.#handle = this.#api.create('cublasLtCreate');
  }

  async prepare(call: LibraryCall): Promise<PreparedCall> {
    const matmul = matmulCall(call);
    const problem = new Problem(this.#api, matmul);
    try {
      const chosen = problem.choose(this.#handle, matmul.algorithm);
      return {
        workspaceBytes: chosen.workspaceBytes,
        launch: (stream, pointers, workspace) =>
          problem.launch(this.#handle, chosen, stream, pointers, workspace),
        release: () => problem.release(),
      };
    } catch (error) {
      problem.release();
      throw error;
    }
  }

  destroy(): void {
    this.#api.call('cublasLtDestroy', this.#handle);
  }
}

interface Chosen {
  readonly algorithm: Uint8Array;
  readonly workspaceBytes: number;
}

/** The descriptors of a product. */
class Problem {
  readonly #api: Api;
  readonly #call: MatmulCall;
  readonly #releases: (() => void)[] = [];
  readonly #operation: bigint;
  /** Of a, b, the addend and d. */
  readonly #layouts: readonly bigint[];
  /** Factors are read on the host when a product is launched. */
  readonly #alpha: Float32Array;
  readonly #beta: Float32Array;

  constructor(api: Api, call: MatmulCall) {
    this.#api = api;
    this.#call = call;
    this.#alpha = Float32Array.of(call.alpha);
    this.#beta = Float32Array.of(call.addend ? call.beta : 0);
    try {
      this.#operation = this.#makeOperation();
      const { rows, cols, depth } = call;
      const d = [rows, cols] as const;
      const stored = [
        call.transA ? ([depth, rows] as const) : ([rows, depth] as const),
        call.transB ? ([cols, depth] as const) : ([depth, cols] as const),
        d,
        d,
      ];
      this.#layouts = stored.map((dims, i) => this.#makeLayout(dims, i));
    } catch (error) {
      this.release();
      throw error;
    }
  }

  #makeOperation(): bigint {
    const { type, transA, transB, bias, relu } = this.#call;
    const operation = this.#api.create('cublasLtMatmulDescCreate', TYPES[type].compute, CUDA_R_32F);
    this.#releases.push(() => this.#api.call('cublasLtMatmulDescDestroy', operation));
    const set = (attribute: number, value: number): void =>
      setAttribute(this.#api, 'cublasLtMatmulDescSetAttribute', operation, attribute, Int32Array.of(value));
    set(MATMUL_DESC.TRANSA, Number(transA));
    set(MATMUL_DESC.TRANSB, Number(transB));
    const [plain, activated] = bias ? (['BIAS', 'RELU_BIAS'] as const) : (['DEFAULT', 'RELU'] as const);
    set(MATMUL_DESC.EPILOGUE, EPILOGUE[relu ? activated : plain]);
    // Algorithms are looked for by the place's alignment, and there are none for no place; launches set the real one.
    if (bias) this.#setBias(operation, BigInt(2 ** 20 + this.#call.offsets[2]));
    return operation;
  }

  #setBias(operation: bigint, place: bigint): void {
    const attribute = MATMUL_DESC.BIAS_POINTER;
    setAttribute(this.#api, 'cublasLtMatmulDescSetAttribute', operation, attribute, BigUint64Array.of(place));
  }

  #makeLayout([rows, cols]: readonly [number, number], index: number): bigint {
    const { type, leads, batches, batchStrides } = this.#call;
    const layout = this.#api.create('cublasLtMatrixLayoutCreate', TYPES[type].data, rows, cols, leads[index]);
    this.#releases.push(() => this.#api.call('cublasLtMatrixLayoutDestroy', layout));
    if (batches > 1) {
      const set = (attribute: number, value: ArrayBufferView): void =>
        setAttribute(this.#api, 'cublasLtMatrixLayoutSetAttribute', layout, attribute, value);
      set(LAYOUT.BATCH_COUNT, Int32Array.of(batches));
      set(LAYOUT.STRIDED_BATCH_OFFSET, BigInt64Array.of(BigInt(batchStrides[index])));
    }
    return layout;
  }

  /**
   * An algorithm by the library's own order, the last where there are fewer.
   * @throws DeviceError where there is none
   */
  choose(handle: bigint, algorithm: number): Chosen {
    const api = this.#api;
    const preference = api.create('cublasLtMatmulPreferenceCreate');
    const results = new Uint8Array(MATMUL_ALGORITHMS * RESULT_BYTES);
    const found = new Int32Array(1);
    try {
      const set = (attribute: number, value: ArrayBufferView): void =>
        setAttribute(api, 'cublasLtMatmulPreferenceSetAttribute', preference, attribute, value);
      set(PREFERENCE.MAX_WORKSPACE_BYTES, BigUint64Array.of(BigInt(WORKSPACE_BYTES)));
      for (const [i, alignment] of this.#alignments().entries()) {
        set(PREFERENCE.MIN_ALIGNMENT_A + i, Uint32Array.of(alignment));
      }
      const what = [handle, this.#operation, ...this.#layouts, preference];
      api.call('cublasLtMatmulAlgoGetHeuristic', ...what, MATMUL_ALGORITHMS, results, found);
    } finally {
      api.call('cublasLtMatmulPreferenceDestroy', preference);
    }
    const view = new DataView(results.buffer);
    const usable = Array.from({ length: found[0] }, (_, i) => i * RESULT_BYTES).filter(
      (at) => view.getInt32(at + ALGORITHM_BYTES + 8, true) === 0,
    );
    if (usable.length === 0) {
      const { type, rows, cols, depth } = this.#call;
      throw new DeviceError(
        `cuBLASLt has no algorithm in ${type} for a product of ${rows}x${cols}x${depth}`,
        {
          remedy: 'Choose another candidate.',
        },
      );
    }
    const at = usable[Math.min(algorithm, usable.length - 1)];
    return {
      algorithm: results.slice(at, at + ALGORITHM_BYTES),
      workspaceBytes: Number(view.getBigUint64(at + ALGORITHM_BYTES, true)),
    };
  }

  launch(
    handle: bigint,
    { algorithm, workspaceBytes }: Chosen,
    stream: bigint,
    pointers: readonly bigint[],
    workspace: bigint,
  ): void {
    const { bias, addend, offsets } = this.#call;
    const places = pointers.map((pointer, i) => pointer + BigInt(offsets[i]));
    const [a, b] = places;
    const d = places[places.length - 1];
    const c = addend ? places[bias ? 3 : 2] : d;
    if (bias) this.#setBias(this.#operation, places[2]);
    const [aLayout, bLayout, cLayout, dLayout] = this.#layouts;
    const product = [this.#alpha, a, aLayout, b, bLayout];
    const sum = [this.#beta, c, cLayout, d, dLayout];
    const means = [algorithm, workspace, workspaceBytes, stream];
    this.#api.call('cublasLtMatmul', handle, this.#operation, ...product, ...sum, ...means);
  }

  release(): void {
    for (const release of this.#releases.splice(0)) release();
  }

  /**
   * Bytes by which a, b, the addend and d begin aligned. The library looks at distances of columns itself, but for an addend
   * and d together only at the addend's, it seems: with columns of 70 halves there and 71 in d, cuBLASLt 13.1 accessed an
   * odd place as a pair, which loses the device. So these two are said to be aligned no better than the worst column of both.
   */
  #alignments(): number[] {
    const { bias, addend, offsets } = this.#call;
    const d = offsets[offsets.length - 1];
    const begins = [offsets[0], offsets[1], addend ? offsets[bias ? 3 : 2] : d, d].map((at) =>
      alignmentOf([at]),
    );
    const columns = addend ? this.#columnAlignment() : WIDEST_ACCESS;
    if (columns >= WIDEST_ACCESS) return begins;
    return begins.map((begin, i) => (i < 2 ? begin : Math.min(begin, columns)));
  }

  /** Of the addend and d, all matrices of a batch included. */
  #columnAlignment(): number {
    const { leads, batchStrides, batches, type } = this.#call;
    const distances = [2, 3].flatMap((i) => [leads[i], batches > 1 ? batchStrides[i] : 0]);
    return alignmentOf(distances.map((distance) => distance * TYPES[type].bytes));
  }
}

/** Bytes of the widest access: what is aligned by so much needs no care. */
const WIDEST_ACCESS = 16;

/** Bindings begin at multiples of this; it is what the library takes for granted too. */
const ALIGNMENT = 256;

/** The largest power of two by which all of these can be divided, up to that of bindings. */
function alignmentOf(distances: readonly number[]): number {
  let alignment = ALIGNMENT;
  while (distances.some((distance) => distance % alignment !== 0)) alignment /= 2;
  return alignment;
}

/** Sets an attribute of a descriptor to what a view holds. */
function setAttribute(
  api: Api,
  name: Parameters<Api['call']>[0],
  object: bigint,
  attribute: number,
  value: ArrayBufferView,
): void {
  api.call(name, object, attribute, value, value.byteLength);
}
