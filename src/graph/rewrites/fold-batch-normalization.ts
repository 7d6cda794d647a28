/** Batch normalisation by known statistics becomes part of the layer in front of it. */
import { BatchNormalization, batchNormalizationAffine } from '../../ops/batch-normalization.js';
import { Conv } from '../../ops/conv.js';
import { ConvTranspose } from '../../ops/conv-transpose.js';
import { Tensor, type DType } from '../../tensor/index.js';
import { Constant, type Graph, type Node, type Value } from '../graph.js';
import { scaledConstant, type SliceScale } from './scaled-constant.js';
import { forEachNode, soleProducer, type Rewrite } from './rewrite.js';

/**
 * y = scale * (w * x + b) + shift per output channel is the same layer with weights scale * w and bias
 * scale * b + shift. The weights are scaled when they are first read, and once per model: see `scaledConstant`.
 */
export const foldBatchNormalization: Rewrite = {
  name: 'fold batch normalisation',
  apply: (graph) => forEachNode(graph, (node) => fold(graph, node)),
};

/** Types whose range the folded weights cannot leave for scales within `LARGEST_SCALE`; float16 has too little. */
const FOLDED_TYPES: ReadonlySet<DType> = new Set(['f32', 'f64']);

const LARGEST_SCALE = 2 ** 40;

/** y = x * scale + shift, per channel. */
interface Affine {
  readonly scale: Float64Array;
  readonly shift: Float64Array;
}

function fold(graph: Graph, node: Node): boolean {
  const { op } = node;
  if (!(op instanceof BatchNormalization) || op.training) return false;
  const layer = soleProducer(node.inputs[0]);
  if (!layer || !FOLDED_TYPES.has(node.outputs[0].type.dtype)) return false;
  const affine = affineOf(op, node.inputs.slice(1));
  const folded = affine && foldedLayer(graph, layer, affine, op);
  if (!folded) return false;
  graph.replace(layer, folded.op, folded.inputs);
  graph.replaceUses(node.outputs[0], layer.outputs[0]);
  graph.remove(node);
  return true;
}

/** Scale and shift of a normalisation; undefined where they are not known, or not sane numbers to multiply by. */
function affineOf(op: BatchNormalization, parameters: readonly (Value | undefined)[]): Affine | undefined {
  const known = parameters.map((value) => value?.constant?.tensor.toFloat64());
  const [scale, bias, mean, variance] = known;
  if (!scale || !bias || !mean || !variance) return undefined;
  const affine = batchNormalizationAffine({ scale, bias, mean, variance }, op.epsilon);
  const sane = affine.scale.every((s) => s === 0 || (Math.abs(s) < LARGEST_SCALE && Math.abs(s) > 1 / LARGEST_SCALE));
  return sane && affine.shift.every(Number.isFinite) ? affine : undefined;
}
