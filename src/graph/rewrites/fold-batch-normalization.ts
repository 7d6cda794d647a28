/** Batch normalisation by known statistics becomes part of the layer in front of it. */
import { BatchNormalization, batchNormalizationAffine } from '../../ops/batch-normalization.js';
import { Conv } from '../../ops/conv.js';
import { ConvTranspose } from '../../ops/conv-transpose.js';
import { Gemm } from '../../ops/gemm.js';
import type { Op } from '../../ops/op.js';
import { Tensor, sizeOf, type DType } from '../../tensor/index.js';
import { spend } from '../folding.js';
import type { Constant, Graph, Node, Value } from '../graph.js';
import { forEachNode, optionsOf, soleProducer, type Rewrite } from './rewrite.js';
import { scaledConstant, type ChannelFactors } from './scaled-constant.js';

/**
 * y = scale * (w * x + b) + shift per output channel is the same layer with weights scale * w and bias
 * scale * b + shift.
 */
export const foldBatchNormalization: Rewrite = {
  name: 'fold batch normalisation',
  apply: (graph) => forEachNode(graph, (node) => fold(graph, node)),
};

/** float16 and bfloat16 are left alone: scaled weights could leave the range of the one, and lose half the other. */
const FOLDED_TYPES: ReadonlySet<DType> = new Set(['f32', 'f64']);

/** Beyond it, and below its inverse, the weights could overflow or vanish where the layer's result would not. */
const LARGEST_SCALE = 2 ** 40;

/** y = x * scale + shift, per channel. */
interface Affine {
  readonly scale: Float64Array;
  readonly shift: Float64Array;
}

/** A layer as it has to be for an affine function to go into its weights. */
interface FoldableLayer {
  /** The op, ready to take a bias per channel, with the normalisation's activation. */
  readonly op: Op;
  readonly weights: Constant;
  /** Which weight belongs to which channel. */
  readonly factors: ChannelFactors;
  /** What is added to each channel so far: one number for all, or one for each; none when undefined. */
  readonly bias: Float64Array | undefined;
}

function fold(graph: Graph, node: Node): boolean {
  const { op, inputs, outputs } = node;
  const [y] = outputs;
  if (!(op instanceof BatchNormalization) || !FOLDED_TYPES.has(y.type.dtype)) return false;
  const producer = soleProducer(inputs[0]);
  const affine = producer && affineOf(graph, op, inputs.slice(1));
  const layer = affine && foldableLayer(producer, affine, op);
  if (!layer) return false;
  const { dtype } = y.type;
  const bias = affine.shift.map((shift, c) => shift + affine.scale[c] * biasAt(layer.bias, c));
  const weights = graph.constant(`${producer.name}/weights`, scaledConstant(layer.weights, layer.factors));
  const biasValue = graph.constant(`${producer.name}/bias`, Tensor.from(dtype, [bias.length], bias));
  graph.replace(producer, layer.op, [producer.inputs[0], weights, biasValue]);
  graph.replaceUses(y, producer.outputs[0]);
  graph.remove(node);
  return true;
}

function biasAt(bias: Float64Array | undefined, channel: number): number {
  if (!bias) return 0;
  return bias[bias.length === 1 ? 0 : channel];
}

/** Scale and shift of a normalisation; undefined where they are not known, or not sane numbers to multiply by. */
function affineOf(
  graph: Graph,
  op: BatchNormalization,
  parameters: readonly (Value | undefined)[],
): Affine | undefined {
  if (!parameters.every((value) => value?.constant)) return undefined;
  const work = 8 * sizeOf(parameters[0]?.type.dims ?? []);
  if (!spend(graph, work, 0)) return undefined;
  const [scale, bias, mean, variance] = parameters.map(
    (value) => value?.constant?.tensor.toFloat64() ?? new Float64Array(),
  );
  const affine = batchNormalizationAffine({ scale, bias, mean, variance }, op.epsilon);
  const sane = affine.scale.every(
    (s) => s === 0 || (Math.abs(s) <= LARGEST_SCALE && Math.abs(s) >= 1 / LARGEST_SCALE),
  );
  return sane && affine.shift.every(Number.isFinite) ? affine : undefined;
}

/** A layer's parts; undefined when it is none of the kinds, adds a residual, ends in an activation, or has unknown parameters. */
function foldableLayer(
  { op, inputs: [, w, b, residual] }: Node,
  { scale }: Affine,
  { activation }: BatchNormalization,
): FoldableLayer | undefined {
  if (!w?.constant || (b && !b.constant) || residual) return undefined;
  if ('activation' in op && op.activation) return undefined;
  const weights = w.constant;
  const { dims } = w.type;
  const parts = { weights, bias: b?.constant?.tensor.toFloat64() };
  if (op instanceof Conv) {
    const factors = { factors: scale, run: sizeOf(dims.slice(1)) };
    return { ...parts, op: new Conv(optionsOf(op, { activation })), factors };
  }
  if (op instanceof ConvTranspose) {
    const factors = transposedFactors(scale, dims, op.group);
    return { ...parts, op: new ConvTranspose(optionsOf(op, { activation })), factors };
  }
  if (!(op instanceof Gemm) || (b && !addsPerColumn(b.type.dims))) return undefined;
  const factors = { factors: scale, run: op.transB ? dims[1] : 1 };
  const bias = op.beta === 0 ? undefined : parts.bias?.map((c) => op.beta * c);
  return { weights, bias, op: new Gemm(optionsOf(op, { beta: 1, activation })), factors };
}

/** A transposed convolution's weights are [C, M / group, K...]: its channels start anew in each group's rows. */
function transposedFactors(
  scale: Float64Array,
  [channels, outPerGroup, ...kernel]: readonly number[],
  group: number,
): ChannelFactors {
  const factors = new Float64Array(channels * outPerGroup);
  for (let i = 0; i < factors.length; i++) {
    const groupIndex = Math.floor(Math.floor(i / outPerGroup) / (channels / group));
    factors[i] = scale[groupIndex * outPerGroup + (i % outPerGroup)];
  }
  return { factors, run: sizeOf(kernel) };
}

/** Whether what a Gemm adds is the same in every row. */
function addsPerColumn(dims: readonly number[]): boolean {
  return dims.length < 2 || dims[0] === 1;
}
