/** Building networks layer by layer, with weights that are random but always the same. */
import { Constant, type Graph, type Value } from '../graph/index.js';
import { AveragePool } from '../ops/average-pool.js';
import { BatchNormalization } from '../ops/batch-normalization.js';
import { Binary } from '../ops/binary.js';
import { add } from '../ops/binary-functions.js';
import { Concat } from '../ops/concat.js';
import { Conv } from '../ops/conv.js';
import { Gemm } from '../ops/gemm.js';
import { MaxPool } from '../ops/max-pool.js';
import type { Op } from '../ops/op.js';
import { Reshape } from '../ops/reshape.js';
import { Softmax } from '../ops/softmax.js';
import { Unary, type UnaryFunction } from '../ops/unary.js';
import { relu } from '../ops/unary-functions.js';
import { Tensor, sizeOf } from '../tensor/index.js';
import { randomStream } from '../tensor/random.js';

export interface ConvLayer {
  readonly channels: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly pad?: number;
  readonly group?: number;
  /** Adds a batch normalisation instead of a bias. */
  readonly normalise?: boolean;
  /** What follows; nothing when left out. */
  readonly activation?: UnaryFunction;
}

export interface PoolLayer {
  readonly kernel: number;
  readonly stride: number;
  readonly pad?: number;
  readonly ceilMode?: boolean;
}

/** Adds layers to a graph; values are [N, C, H, W] until `flatten`. */
export class NetworkBuilder {
  readonly graph: Graph;
  readonly #counts = new Map<string, number>();

  constructor(graph: Graph) {
    this.graph = graph;
  }

  /** Convolution, then normalisation and activation where asked for. Square kernels. */
  conv(x: Value, layer: ConvLayer): Value {
    const { channels, kernel, stride = 1, pad = 0, group = 1, normalise = false, activation } = layer;
    const name = this.#name('conv');
    const dims = [channels, x.type.dims[1] / group, kernel, kernel];
    const weight = this.#weights(`${name}.weight`, dims, sizeOf(dims.slice(1)));
    const bias = normalise ? undefined : this.#vector(`${name}.bias`, channels, -0.05, 0.05);
    const op = new Conv({ strides: [stride, stride], padsBegin: [pad, pad], padsEnd: [pad, pad], group });
    let y = this.#add(op, [x, weight, bias], name);
    if (normalise) y = this.#normalise(y, name);
    return activation ? this.unary(y, activation) : y;
  }

  relu(x: Value): Value {
    return this.unary(x, relu);
  }

  unary(x: Value, fn: UnaryFunction): Value {
    return this.#add(new Unary(fn), [x], this.#name(fn.name.toLowerCase()));
  }

  add(a: Value, b: Value): Value {
    return this.#add(new Binary(add), [a, b], this.#name('add'));
  }

  maxPool(x: Value, layer: PoolLayer): Value {
    return this.#add(new MaxPool(windowOf(layer)), [x], this.#name('pool'));
  }

  /** The mean of every plane: [N, C, 1, 1]. */
  globalAveragePool(x: Value): Value {
    const kernel = x.type.dims.slice(2);
    return this.#add(new AveragePool({ kernel }), [x], this.#name('pool'));
  }

  /** Values side by side along the channels. */
  concat(values: readonly Value[]): Value {
    return this.#add(new Concat(1), values, this.#name('concat'));
  }

  flatten(x: Value): Value {
    const [batch, ...rest] = x.type.dims;
    return this.#add(new Reshape([batch, sizeOf(rest)]), [x], this.#name('flatten'));
  }

  /** A fully connected layer on [N, C]. */
  linear(x: Value, units: number): Value {
    const name = this.#name('fc');
    const inputs = x.type.dims[1];
    const weight = this.#weights(`${name}.weight`, [units, inputs], inputs);
    const bias = this.#vector(`${name}.bias`, units, -0.05, 0.05);
    return this.#add(new Gemm({ transB: true }), [x, weight, bias], name);
  }

  /** Over the channels. */
  softmax(x: Value): Value {
    return this.#add(new Softmax([1]), [x], this.#name('softmax'));
  }

  #normalise(x: Value, conv: string): Value {
    const channels = x.type.dims[1];
    const name = `${conv}.bn`;
    const parameters = [
      this.#vector(`${name}.scale`, channels, 0.8, 1.2),
      this.#vector(`${name}.bias`, channels, -0.1, 0.1),
      this.#vector(`${name}.mean`, channels, -0.1, 0.1),
      this.#vector(`${name}.variance`, channels, 0.8, 1.2),
    ];
    return this.#add(new BatchNormalization({ epsilon: 1e-5 }), [x, ...parameters], name);
  }

  /** Uniform weights with the variance of He et al. 2015: 2 / fan-in, which keeps activations in range. */
  #weights(name: string, dims: readonly number[], fanIn: number): Value {
    const bound = Math.sqrt(6 / fanIn);
    return this.#random(name, dims, -bound, bound);
  }

  #vector(name: string, length: number, low: number, high: number): Value {
    return this.#random(name, [length], low, high);
  }

  #random(name: string, dims: readonly number[], low: number, high: number): Value {
    const make = (): Tensor => {
      const next = randomStream(name);
      const data = new Float32Array(sizeOf(dims));
      for (let i = 0; i < data.length; i++) data[i] = low + (high - low) * next();
      return new Tensor('f32', dims, data);
    };
    return this.graph.constant(name, Constant.computed({ dtype: 'f32', dims }, make));
  }

  #add(op: Op, inputs: readonly (Value | undefined)[], name: string): Value {
    return this.graph.add(op, inputs, { name })[0];
  }

  /** `conv1`, `conv2`, ... */
  #name(kind: string): string {
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    return `${kind}${count}`;
  }
}

function windowOf({
  kernel,
  stride,
  pad = 0,
  ceilMode = false,
}: PoolLayer): ConstructorParameters<typeof MaxPool>[0] {
  return {
    kernel: [kernel, kernel],
    strides: [stride, stride],
    padsBegin: [pad, pad],
    padsEnd: [pad, pad],
    ceilMode,
  };
}
