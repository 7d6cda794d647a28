/**
 * cuDNN's graph API (version 9): descriptors with numbered attributes, from which operations, graphs of operations and
 * plans to run them are made. Numbers are those of cudnn_graph_v9.h, under the names there without `CUDNN_`.
 */
import type { ForeignLibrary, ForeignValue } from './ffi.js';
import { LibraryApi } from './library-api.js';
import type { LibraryEnvironment } from './library-runner.js';

export const DESCRIPTOR = {
  POINTWISE: 0,
  CONVOLUTION: 1,
  ENGINE: 2,
  ENGINECFG: 3,
  ENGINEHEUR: 4,
  EXECUTION_PLAN: 5,
  OPERATION_CONVOLUTION_FORWARD: 10,
  OPERATION_POINTWISE: 13,
  OPERATIONGRAPH: 15,
  VARIANT_PACK: 16,
  TENSOR: 17,
} as const;

export const ATTRIBUTE = {
  POINTWISE_MODE: 0,
  POINTWISE_MATH_PREC: 1,
  POINTWISE_RELU_LOWER_CLIP: 3,
  POINTWISE_RELU_UPPER_CLIP: 4,
  POINTWISE_RELU_LOWER_CLIP_SLOPE: 5,
  POINTWISE_ELU_ALPHA: 6,
  POINTWISE_SWISH_BETA: 8,
  CONVOLUTION_COMP_TYPE: 100,
  CONVOLUTION_CONV_MODE: 101,
  CONVOLUTION_DILATIONS: 102,
  CONVOLUTION_FILTER_STRIDES: 103,
  CONVOLUTION_POST_PADDINGS: 104,
  CONVOLUTION_PRE_PADDINGS: 105,
  CONVOLUTION_SPATIAL_DIMS: 106,
  ENGINEHEUR_MODE: 200,
  ENGINEHEUR_OPERATION_GRAPH: 201,
  ENGINEHEUR_RESULTS: 202,
  ENGINECFG_ENGINE: 300,
  EXECUTION_PLAN_HANDLE: 400,
  EXECUTION_PLAN_ENGINE_CONFIG: 401,
  EXECUTION_PLAN_WORKSPACE_SIZE: 402,
  OPERATION_CONVOLUTION_FORWARD_ALPHA: 700,
  OPERATION_CONVOLUTION_FORWARD_BETA: 701,
  OPERATION_CONVOLUTION_FORWARD_CONV_DESC: 702,
  OPERATION_CONVOLUTION_FORWARD_W: 703,
  OPERATION_CONVOLUTION_FORWARD_X: 704,
  OPERATION_CONVOLUTION_FORWARD_Y: 705,
  OPERATION_POINTWISE_PW_DESCRIPTOR: 750,
  OPERATION_POINTWISE_XDESC: 751,
  OPERATION_POINTWISE_BDESC: 752,
  OPERATION_POINTWISE_YDESC: 753,
  OPERATIONGRAPH_HANDLE: 800,
  OPERATIONGRAPH_OPS: 801,
  TENSOR_BYTE_ALIGNMENT: 900,
  TENSOR_DATA_TYPE: 901,
  TENSOR_DIMENSIONS: 902,
  TENSOR_STRIDES: 903,
  TENSOR_UNIQUE_ID: 906,
  TENSOR_IS_VIRTUAL: 907,
  VARIANT_PACK_UNIQUE_IDS: 1000,
  VARIANT_PACK_DATA_POINTERS: 1001,
  VARIANT_PACK_WORKSPACE: 1003,
  ENGINE_NUMERICAL_NOTE: 1303,
} as const;

/** Types of attributes, with how their elements lie in memory. */
const TYPE = {
  HANDLE: 0,
  DATA_TYPE: 1,
  BOOLEAN: 2,
  INT64: 3,
  FLOAT: 4,
  VOID_PTR: 6,
  CONVOLUTION_MODE: 7,
  HEUR_MODE: 8,
  NUMERICAL_NOTE: 11,
  POINTWISE_MODE: 14,
  BACKEND_DESCRIPTOR: 15,
} as const;

export const DATA_TYPE = { FLOAT: 0, HALF: 2, BFLOAT16: 9 } as const;
export const CROSS_CORRELATION = 1;
export const POINTWISE = {
  ADD: 0,
  RELU_FWD: 100,
  TANH_FWD: 101,
  SIGMOID_FWD: 102,
  ELU_FWD: 103,
  GELU_FWD: 104,
  SWISH_FWD: 106,
  GELU_APPROX_TANH_FWD: 107,
} as const;
export const HEUR_MODE = { FALLBACK: 2, A: 3 } as const;
export const NOTE = {
  TENSOR_CORE: 0,
  DOWN_CONVERT_INPUTS: 1,
  REDUCED_PRECISION_REDUCTION: 2,
  NONDETERMINISTIC: 4,
  WINOGRAD_TILE_13x13: 8,
} as const;

/** Values of an attribute: as many elements as the array has. */
export interface AttributeValue {
  readonly type: number;
  readonly elements: ArrayBufferView & { readonly length: number };
}

type EnumType = 'DATA_TYPE' | 'CONVOLUTION_MODE' | 'HEUR_MODE' | 'POINTWISE_MODE';

/** Attribute values by their types. */
export const value = {
  int64: (...numbers: readonly number[]): AttributeValue => ({
    type: TYPE.INT64,
    elements: BigInt64Array.from(numbers, BigInt),
  }),
  float: (number: number): AttributeValue => ({ type: TYPE.FLOAT, elements: Float32Array.of(number) }),
  boolean: (flag: boolean): AttributeValue => ({ type: TYPE.BOOLEAN, elements: Uint8Array.of(Number(flag)) }),
  enum: (type: EnumType, number: number): AttributeValue => ({
    type: TYPE[type],
    elements: Int32Array.of(number),
  }),
  handle: (handle: bigint): AttributeValue => ({ type: TYPE.HANDLE, elements: BigUint64Array.of(handle) }),
  descriptors: (...descriptors: readonly bigint[]): AttributeValue => ({
    type: TYPE.BACKEND_DESCRIPTOR,
    elements: BigUint64Array.from(descriptors),
  }),
  pointers: (...pointers: readonly bigint[]): AttributeValue => ({
    type: TYPE.VOID_PTR,
    elements: BigUint64Array.from(pointers),
  }),
};

const VOID = 'void *';
const SIGNATURES = {
  cudnnCreate: [VOID],
  cudnnDestroy: [VOID],
  cudnnSetStream: [VOID, VOID],
  cudnnBackendCreateDescriptor: ['int', VOID],
  cudnnBackendDestroyDescriptor: [VOID],
  cudnnBackendSetAttribute: [VOID, 'int', 'int', 'int64_t', VOID],
  cudnnBackendGetAttribute: [VOID, 'int', 'int', 'int64_t', VOID, VOID],
  cudnnBackendFinalize: [VOID],
  cudnnBackendExecute: [VOID, VOID, VOID],
} as const;

const DECLARATION = {
  title: 'cuDNN',
  remedy: 'Install cuDNN 9, with `pip install nvidia-cudnn-cu13` for example.',
  signatures: SIGNATURES,
  version: (library: ForeignLibrary): string => {
    const version = Number(library.func('cudnnGetVersion', 'size_t', [])());
    if (version < 90000) throw new Error(`it is version ${version}, older than 9`);
    return [Math.floor(version / 10000), Math.floor(version / 100) % 100, version % 100].join('.');
  },
  describe: (library: ForeignLibrary): ((status: number) => string) => {
    const name = library.func('cudnnGetErrorString', 'str', ['int']);
    const last = library.func('cudnnGetLastErrorString', 'void', [VOID, 'size_t']);
    return (status) => {
      const text = new Uint8Array(256);
      last(text, text.length);
      const end = text.indexOf(0);
      const detail = new TextDecoder().decode(text.subarray(0, end < 0 ? text.length : end)).trim();
      return `${String(name(status))} (${status}${detail ? `: ${detail}` : ''})`;
    };
  },
};

/** The API with its handle, on the device that was current when it was made. */
export class CudnnBackend {
  readonly handle: bigint;
  readonly #api: LibraryApi<keyof typeof SIGNATURES>;

  /** @throws DeviceError when the library does not load, or its status */
  constructor(environment: LibraryEnvironment) {
    this.#api = new LibraryApi(environment, DECLARATION);
    this.handle = this.#api.create('cudnnCreate');
  }

  get version(): string {
    return this.#api.version;
  }

  create(type: number): bigint {
    const made = new BigUint64Array(1);
    this.#api.call('cudnnBackendCreateDescriptor', type, made);
    return made[0];
  }

  set(descriptor: bigint, attribute: number, { type, elements }: AttributeValue): void {
    this.#api.call('cudnnBackendSetAttribute', descriptor, attribute, type, elements.length, elements);
  }

  /** A finalized descriptor; it is destroyed again if that fails. */
  make(type: number, attributes: readonly (readonly [attribute: number, AttributeValue])[]): bigint {
    const { descriptor, failure } = this.tryMake(type, attributes);
    if (failure) throw failure;
    return descriptor;
  }

  /** The same where finalizing may fail: cuDNN tells in this way what it does not support. */
  tryMake(
    type: number,
    attributes: readonly (readonly [attribute: number, AttributeValue])[],
  ): { readonly descriptor: bigint; readonly failure?: Error } {
    const descriptor = this.create(type);
    try {
      for (const [attribute, content] of attributes) this.set(descriptor, attribute, content);
    } catch (error) {
      this.destroy(descriptor);
      throw error;
    }
    const status = this.#api.status('cudnnBackendFinalize', descriptor);
    if (status === 0) return { descriptor };
    const failure = this.#api.failure('cudnnBackendFinalize', status);
    this.destroy(descriptor);
    return { descriptor: 0n, failure };
  }

  /** How many elements an attribute has. */
  count(descriptor: bigint, attribute: number): number {
    const count = new BigInt64Array(1);
    this.#get(descriptor, attribute, TYPE.BACKEND_DESCRIPTOR, 0, count, 0n);
    return Number(count[0]);
  }

  /** Descriptors that an attribute holds, at most so many; each is the caller's to destroy. */
  descriptors(descriptor: bigint, attribute: number, type: number, most: number): bigint[] {
    const made = BigUint64Array.from({ length: most }, () => this.create(type));
    const count = new BigInt64Array(1);
    try {
      this.#get(descriptor, attribute, TYPE.BACKEND_DESCRIPTOR, most, count, made);
    } catch (error) {
      for (const one of made) this.destroy(one);
      throw error;
    }
    const held = Math.min(most, Number(count[0]));
    for (const unused of made.subarray(held)) this.destroy(unused);
    return [...made.subarray(0, held)];
  }

  integer(descriptor: bigint, attribute: number): number {
    const [result, count] = [new BigInt64Array(1), new BigInt64Array(1)];
    this.#get(descriptor, attribute, TYPE.INT64, 1, count, result);
    return Number(result[0]);
  }

  /** What an engine says of its arithmetic: numbers of `NOTE`. */
  notes(engine: bigint): number[] {
    const [notes, count] = [new Int32Array(32), new BigInt64Array(1)];
    this.#get(engine, ATTRIBUTE.ENGINE_NUMERICAL_NOTE, TYPE.NUMERICAL_NOTE, notes.length, count, notes);
    return [...notes.subarray(0, Math.min(notes.length, Number(count[0])))];
  }

  destroy(descriptor: bigint): void {
    if (descriptor !== 0n) this.#api.call('cudnnBackendDestroyDescriptor', descriptor);
  }

  /** Puts a plan's work on a stream. */
  execute(plan: bigint, pack: bigint, stream: bigint): void {
    this.#api.call('cudnnSetStream', this.handle, stream);
    this.#api.call('cudnnBackendExecute', this.handle, plan, pack);
  }

  /** Frees the handle. */
  close(): void {
    this.#api.call('cudnnDestroy', this.handle);
  }

  #get(...values: readonly ForeignValue[]): void {
    this.#api.call('cudnnBackendGetAttribute', ...values);
  }
}
