/** Convolutions as graphs of cuDNN's operations: the convolution, then residual, bias and activation one after another. */
import {
  ATTRIBUTE,
  CROSS_CORRELATION,
  DATA_TYPE,
  DESCRIPTOR,
  POINTWISE,
  value,
  type AttributeValue,
  type CudnnBackend,
} from './cudnn-backend.js';
import type { ConvCall, LibraryActivation, LibraryType } from './library-calls.js';

/** A tensor of a call that a graph reads or writes. */
export interface GraphTensor {
  /** By this cuDNN knows it. */
  readonly uid: number;
  /** Its place among the call's bindings. */
  readonly binding: number;
}

export interface OperationGraph {
  readonly descriptor: bigint;
  readonly tensors: readonly GraphTensor[];
  /** Frees it and all that it is made of. */
  release(): void;
}

/**
 * What a graph computes: the whole call; its convolution alone, into y; or what comes behind that, in place.
 * The last two together are for calls that cuDNN cannot do in one.
 */
export type GraphPart = 'whole' | 'convolution' | 'ending';

const STORED: Readonly<Record<LibraryType, number>> = {
  f32: DATA_TYPE.FLOAT,
  tf32: DATA_TYPE.FLOAT,
  f16: DATA_TYPE.HALF,
  bf16: DATA_TYPE.BFLOAT16,
};

/** Bytes by which tensors are aligned at least; bindings are by 256. */
const ALIGNMENT = 16;

/** Modes of activations, and the attributes of their parameters. */
const ACTIVATIONS: Readonly<
  Record<
    Exclude<LibraryActivation, 'none'>,
    { readonly mode: number; readonly attributes: readonly number[] }
  >
> = {
  relu: { mode: POINTWISE.RELU_FWD, attributes: [] },
  clip: {
    mode: POINTWISE.RELU_FWD,
    attributes: [
      ATTRIBUTE.POINTWISE_RELU_LOWER_CLIP,
      ATTRIBUTE.POINTWISE_RELU_LOWER_CLIP_SLOPE,
      ATTRIBUTE.POINTWISE_RELU_UPPER_CLIP,
    ],
  },
  sigmoid: { mode: POINTWISE.SIGMOID_FWD, attributes: [] },
  tanh: { mode: POINTWISE.TANH_FWD, attributes: [] },
  elu: { mode: POINTWISE.ELU_FWD, attributes: [ATTRIBUTE.POINTWISE_ELU_ALPHA] },
  swish: { mode: POINTWISE.SWISH_FWD, attributes: [ATTRIBUTE.POINTWISE_SWISH_BETA] },
  gelu: { mode: POINTWISE.GELU_FWD, attributes: [] },
  'gelu-tanh': { mode: POINTWISE.GELU_APPROX_TANH_FWD, attributes: [] },
};

/** Whether something comes behind the convolution. */
export function hasEnding({ bias, residual, activation }: ConvCall): boolean {
  return bias || residual || activation !== 'none';
}

/** @throws DeviceError naming cuDNN's status, for a graph that it does not support too */
export function operationGraph(backend: CudnnBackend, call: ConvCall, part: GraphPart): OperationGraph {
  const builder = new GraphBuilder(backend, call);
  try {
    return builder.build(part);
  } catch (error) {
    builder.release();
    throw error;
  }
}

type Attributes = readonly (readonly [attribute: number, AttributeValue])[];

class GraphBuilder {
  readonly #backend: CudnnBackend;
  readonly #call: ConvCall;
  readonly #made: bigint[] = [];
  readonly #operations: bigint[] = [];
  readonly #tensors: GraphTensor[] = [];
  #nextUid = 1;

  constructor(backend: CudnnBackend, call: ConvCall) {
    this.#backend = backend;
    this.#call = call;
  }

  build(part: GraphPart): OperationGraph {
    const { bias, residual } = this.#call;
    const last = 2 + Number(bias) + Number(residual);
    const whole = part === 'whole' && hasEnding(this.#call);
    let sum = part === 'ending' ? this.#output(last) : this.#convolution(whole ? undefined : last);
    if (whole || part === 'ending') sum = this.#ending(sum, last);
    const graph = this.#make(DESCRIPTOR.OPERATIONGRAPH, [
      [ATTRIBUTE.OPERATIONGRAPH_OPS, value.descriptors(...this.#operations)],
      // Deprecated, and needed all the same up to version 9.20 at least.
      [ATTRIBUTE.OPERATIONGRAPH_HANDLE, value.handle(this.#backend.handle)],
    ]);
    return { descriptor: graph, tensors: this.#tensors, release: () => this.release() };
  }

  release(): void {
    for (const descriptor of this.#made.splice(0).reverse()) this.#backend.destroy(descriptor);
  }

  /** The product, into y if that is its binding, else into a tensor between operations. */
  #convolution(yBinding: number | undefined): bigint {
    const { xDims, xStrides, wDims, wStrides, strides, dilations, padsBegin, padsEnd } = this.#call;
    const convolution = this.#make(DESCRIPTOR.CONVOLUTION, [
      [ATTRIBUTE.CONVOLUTION_COMP_TYPE, value.enum('DATA_TYPE', DATA_TYPE.FLOAT)],
      [ATTRIBUTE.CONVOLUTION_CONV_MODE, value.enum('CONVOLUTION_MODE', CROSS_CORRELATION)],
      [ATTRIBUTE.CONVOLUTION_SPATIAL_DIMS, value.int64(strides.length)],
      [ATTRIBUTE.CONVOLUTION_FILTER_STRIDES, value.int64(...strides)],
      [ATTRIBUTE.CONVOLUTION_DILATIONS, value.int64(...dilations)],
      [ATTRIBUTE.CONVOLUTION_PRE_PADDINGS, value.int64(...padsBegin)],
      [ATTRIBUTE.CONVOLUTION_POST_PADDINGS, value.int64(...padsEnd)],
    ]);
    const y = yBinding === undefined ? this.#between() : this.#output(yBinding);
    this.#operate(DESCRIPTOR.OPERATION_CONVOLUTION_FORWARD, [
      [ATTRIBUTE.OPERATION_CONVOLUTION_FORWARD_CONV_DESC, value.descriptors(convolution)],
      [ATTRIBUTE.OPERATION_CONVOLUTION_FORWARD_X, value.descriptors(this.#tensor(xDims, xStrides, 0))],
      [ATTRIBUTE.OPERATION_CONVOLUTION_FORWARD_W, value.descriptors(this.#tensor(wDims, wStrides, 1))],
      [ATTRIBUTE.OPERATION_CONVOLUTION_FORWARD_Y, value.descriptors(y)],
      [ATTRIBUTE.OPERATION_CONVOLUTION_FORWARD_ALPHA, value.float(1)],
      [ATTRIBUTE.OPERATION_CONVOLUTION_FORWARD_BETA, value.float(0)],
    ]);
    return y;
  }

  /**
   * The residual first, then the bias, then the activation: the order of cuDNN's pattern ConvBiasAct, for which it has
   * kernels compiled ahead.
   */
  #ending(from: bigint, yBinding: number): bigint {
    const { bias, residual, activation, activationParameters, yDims, yStrides } = this.#call;
    const steps: ((x: bigint, y: bigint) => void)[] = [];
    if (residual) {
      const tensor = this.#tensor(yDims, yStrides, bias ? 3 : 2);
      steps.push((x, y) => this.#pointwise(POINTWISE.ADD, [], x, y, tensor));
    }
    if (bias) {
      const tensor = this.#bias();
      steps.push((x, y) => this.#pointwise(POINTWISE.ADD, [], x, y, tensor));
    }
    if (activation !== 'none') {
      const { mode, attributes } = ACTIVATIONS[activation];
      const parameters = attributes.map((name, i) => [name, value.float(activationParameters[i])] as const);
      steps.push((x, y) => this.#pointwise(mode, parameters, x, y));
    }
    let sum = from;
    for (const [i, step] of steps.entries()) {
      const y = i === steps.length - 1 ? this.#output(yBinding) : this.#between();
      step(sum, y);
      sum = y;
    }
    return sum;
  }

  #pointwise(mode: number, parameters: Attributes, x: bigint, y: bigint, b?: bigint): void {
    const descriptor = this.#make(DESCRIPTOR.POINTWISE, [
      [ATTRIBUTE.POINTWISE_MODE, value.enum('POINTWISE_MODE', mode)],
      [ATTRIBUTE.POINTWISE_MATH_PREC, value.enum('DATA_TYPE', DATA_TYPE.FLOAT)],
      ...parameters,
    ]);
    this.#operate(DESCRIPTOR.OPERATION_POINTWISE, [
      [ATTRIBUTE.OPERATION_POINTWISE_PW_DESCRIPTOR, value.descriptors(descriptor)],
      [ATTRIBUTE.OPERATION_POINTWISE_XDESC, value.descriptors(x)],
      ...(b === undefined ? [] : [[ATTRIBUTE.OPERATION_POINTWISE_BDESC, value.descriptors(b)] as const]),
      [ATTRIBUTE.OPERATION_POINTWISE_YDESC, value.descriptors(y)],
    ]);
  }

  /** [1, M, 1, ...], dense; strides as the library's own front end has them where channels are innermost. */
  #bias(): bigint {
    const { yDims, yStrides } = this.#call;
    const channels = yDims[1];
    const dims = yDims.map((_, axis) => (axis === 1 ? channels : 1));
    const innermost = yStrides[1] === 1;
    const strides = yDims.map((_, axis) => (axis === 0 ? channels : axis === 1 || !innermost ? 1 : channels));
    return this.#tensor(dims, strides, 2);
  }

  #output(binding: number): bigint {
    const { yDims, yStrides } = this.#call;
    return this.#tensor(yDims, yStrides, binding);
  }

  /** A tensor of y's dims between two operations: in registers, where cuDNN fuses them. */
  #between(): bigint {
    const { yDims, yStrides } = this.#call;
    return this.#tensor(yDims, yStrides, undefined);
  }

  #tensor(dims: readonly number[], strides: readonly number[], binding: number | undefined): bigint {
    const uid = this.#nextUid++;
    if (binding !== undefined) this.#tensors.push({ uid, binding });
    const type = binding === undefined ? DATA_TYPE.FLOAT : STORED[this.#call.type];
    return this.#make(DESCRIPTOR.TENSOR, [
      [ATTRIBUTE.TENSOR_UNIQUE_ID, value.int64(uid)],
      [ATTRIBUTE.TENSOR_DATA_TYPE, value.enum('DATA_TYPE', type)],
      [ATTRIBUTE.TENSOR_BYTE_ALIGNMENT, value.int64(ALIGNMENT)],
      [ATTRIBUTE.TENSOR_DIMENSIONS, value.int64(...dims)],
      [ATTRIBUTE.TENSOR_STRIDES, value.int64(...strides)],
      [ATTRIBUTE.TENSOR_IS_VIRTUAL, value.boolean(binding === undefined)],
    ]);
  }

  #operate(type: number, attributes: Attributes): void {
    this.#operations.push(this.#make(type, attributes));
  }

  #make(type: number, attributes: Attributes): bigint {
    const descriptor = this.#backend.make(type, attributes);
    this.#made.push(descriptor);
    return descriptor;
  }
}
