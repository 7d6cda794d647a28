/** What is asked of cuDNN and cuBLASLt, as data, and how it is read back out of a `LibraryCall`. */
import type { LibraryCall, LibraryParameter } from '../gpu.js';

/**
 * How numbers are stored and multiplied; sums are f32 in all of them. `tf32` is stored as f32, and its factors are rounded
 * to 10 bits; `f32` is never rounded.
 */
export type LibraryType = 'f32' | 'tf32' | 'f16' | 'bf16';

/** What cuDNN can do behind a convolution, with its parameters in order. */
export const LIBRARY_ACTIVATIONS = {
  none: 0,
  relu: 0,
  /** Lower bound, slope below it, upper bound. */
  clip: 3,
  sigmoid: 0,
  tanh: 0,
  /** alpha */
  elu: 1,
  /** beta: x * sigmoid(beta * x). */
  swish: 1,
  gelu: 0,
  'gelu-tanh': 0,
} as const;
export type LibraryActivation = keyof typeof LIBRARY_ACTIVATIONS;

/**
 * y = activation(conv(x, w) + residual + bias). Bindings: x, w, bias, residual, y, without those that there are not.
 * Dims are logical ([N, C, ...], weights [M, C / group, ...]), with two or three spatial axes; strides count elements.
 */
export type ConvCall = {
  /** By the library's own order, the best by its estimate first; the last where it has fewer. */
  readonly algorithm: number;
  readonly type: LibraryType;
  readonly xDims: readonly number[];
  readonly xStrides: readonly number[];
  readonly wDims: readonly number[];
  readonly wStrides: readonly number[];
  /** Those of the residual too. */
  readonly yDims: readonly number[];
  readonly yStrides: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padsBegin: readonly number[];
  readonly padsEnd: readonly number[];
  readonly bias: boolean;
  readonly residual: boolean;
  readonly activation: LibraryActivation;
  readonly activationParameters: readonly number[];
};

/**
 * d = activation(alpha * a * b + beta * addend + bias), where all matrices are column-major, as BLAS has them: d is
 * [rows, cols], a is [rows, depth] or its transpose, b [depth, cols] or its transpose, the addend like d, the bias [rows].
 * Bindings: a, b, bias, addend, d, without those that there are not; `batches` products of matrices at fixed strides.
 */
export type MatmulCall = {
  /** By the library's own order, the best by its estimate first; the last where it has fewer. */
  readonly algorithm: number;
  readonly type: LibraryType;
  readonly rows: number;
  readonly cols: number;
  readonly depth: number;
  readonly batches: number;
  readonly transA: boolean;
  readonly transB: boolean;
  /** Elements from column to column of a, b, the addend and d, as they are stored. */
  readonly leads: readonly number[];
  /** Elements from matrix to matrix of a, b, the addend and d. */
  readonly batchStrides: readonly number[];
  /** Bytes from a binding's beginning to its first element, in the bindings' order. */
  readonly offsets: readonly number[];
  readonly alpha: number;
  readonly beta: number;
  readonly bias: boolean;
  readonly addend: boolean;
  readonly relu: boolean;
};

/** @throws TypeError for a call of another operation or parameters that are none of a convolution's */
export function convCall({ library, operation, parameters }: LibraryCall): ConvCall {
  if (library !== 'cudnn' || operation !== 'conv') throw unknownCall(library, operation);
  const read = new Reader(parameters);
  const activation = read.oneOf('activation', Object.keys(LIBRARY_ACTIVATIONS).filter(isActivation));
  const xDims = read.list('xDims', 1);
  const rank = xDims.length;
  return {
    algorithm: read.whole('algorithm', 0),
    type: read.oneOf('type', LIBRARY_TYPES),
    xDims,
    xStrides: read.list('xStrides', 1, rank),
    wDims: read.list('wDims', 1, rank),
    wStrides: read.list('wStrides', 1, rank),
    yDims: read.list('yDims', 1, rank),
    yStrides: read.list('yStrides', 1, rank),
    strides: read.list('strides', 1, rank - 2),
    dilations: read.list('dilations', 1, rank - 2),
    padsBegin: read.list('padsBegin', 0, rank - 2),
    padsEnd: read.list('padsEnd', 0, rank - 2),
    bias: read.flag('bias'),
    residual: read.flag('residual'),
    activation,
    activationParameters: read.numbers('activationParameters', LIBRARY_ACTIVATIONS[activation]),
  };
}

/** @throws TypeError for a call of another operation or parameters that are none of a matrix product's */
export function matmulCall({ library, operation, parameters }: LibraryCall): MatmulCall {
  if (library !== 'cublaslt' || operation !== 'matmul') throw unknownCall(library, operation);
  const read = new Reader(parameters);
  const [bias, addend] = [read.flag('bias'), read.flag('addend')];
  return {
    algorithm: read.whole('algorithm', 0),
    type: read.oneOf('type', LIBRARY_TYPES),
    rows: read.whole('rows', 1),
    cols: read.whole('cols', 1),
    depth: read.whole('depth', 1),
    batches: read.whole('batches', 1),
    transA: read.flag('transA'),
    transB: read.flag('transB'),
    leads: read.list('leads', 1, 4),
    batchStrides: read.list('batchStrides', 0, 4),
    offsets: read.list('offsets', 0, 3 + Number(bias) + Number(addend)),
    alpha: read.number('alpha'),
    beta: read.number('beta'),
    bias,
    addend,
    relu: read.flag('relu'),
  };
}

const LIBRARY_TYPES: readonly LibraryType[] = ['f32', 'tf32', 'f16', 'bf16'];

function isActivation(name: string): name is LibraryActivation {
  return Object.hasOwn(LIBRARY_ACTIVATIONS, name);
}

function unknownCall(library: string, operation: string): TypeError {
  return new TypeError(`${library} is not asked for ${operation} here`);
}

/** Parameters by name, checked. */
class Reader {
  readonly #parameters: LibraryCall['parameters'];

  constructor(parameters: LibraryCall['parameters']) {
    this.#parameters = parameters;
  }

  number(name: string): number {
    const value = this.#parameters[name];
    return typeof value === 'number' && Number.isFinite(value) ? value : refuse(name, value);
  }

  whole(name: string, least: number): number {
    const value = this.number(name);
    return isWhole(value, least) ? value : refuse(name, value);
  }

  flag(name: string): boolean {
    const value = this.#parameters[name];
    return typeof value === 'boolean' ? value : refuse(name, value);
  }

  oneOf<T extends string>(name: string, allowed: readonly T[]): T {
    const value = this.#parameters[name];
    return allowed.find((one) => one === value) ?? refuse(name, value);
  }

  /** Any numbers, as many as are said. */
  numbers(name: string, length?: number): readonly number[] {
    const value = this.#parameters[name];
    if (value === undefined || typeof value !== 'object') return refuse(name, value);
    return length === undefined || value.length === length ? value : refuse(name, value);
  }

  list(name: string, least: number, length?: number): readonly number[] {
    const value = this.numbers(name, length);
    return value.every((entry) => isWhole(entry, least)) ? value : refuse(name, value);
  }
}

function isWhole(value: number, least: number): boolean {
  return Number.isSafeInteger(value) && value >= least;
}

function refuse(name: string, value: LibraryParameter | undefined): never {
  throw new TypeError(`a library call's ${name} is ${JSON.stringify(value)}`);
}
