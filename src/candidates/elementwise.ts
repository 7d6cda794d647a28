/**
 * Candidates of element-wise ops: one pass over memory, in whatever layout the neighbours like. There is one kernel
 * (`kernels/elementwise/map.ts`); the ops differ in the function and in how their inputs lie over the output.
 */
import { binaryWgsl } from '../kernels/elementwise/binary-functions.js';
import { chainWgsl } from '../kernels/elementwise/chain.js';
import {
  castWgsl,
  dequantizeWgsl,
  quantizeWgsl,
  requantizeWgsl,
  whereWgsl,
} from '../kernels/elementwise/convert.js';
import { typedUnaryWgsl } from '../kernels/elementwise/functions.js';
import { mapId, mapKernel, type MapConfig } from '../kernels/elementwise/map.js';
import { laneOf } from '../kernels/elementwise/values.js';
import { Binary } from '../ops/binary.js';
import { Cast } from '../ops/cast.js';
import { DequantizeLinear } from '../ops/dequantize-linear.js';
import { ElementwiseChain } from '../ops/elementwise-chain.js';
import { MatMulInteger } from '../ops/matmul-integer.js';
import type { Op } from '../ops/op.js';
import type { Granularity } from '../ops/quantization.js';
import { QuantizeLinear } from '../ops/quantize-linear.js';
import { Requantize } from '../ops/requantize.js';
import { Unary } from '../ops/unary.js';
import { Where } from '../ops/where.js';
import {
  LAYOUT_KINDS,
  layoutOf,
  rowMajor,
  sizeOf,
  type Dims,
  type Layout,
  type TensorType,
} from '../tensor/index.js';
import {
  entry,
  gpuTypeOf,
  type Candidate,
  type CandidateContext,
  type CandidateEntry,
  type NodeTypes,
  type Refusal,
} from './candidate.js';
import { matmulInteger } from './integer-products.js';

/** How an input lies over the output. */
interface Spread {
  /** Its dims as they broadcast to the output, where they are not its own: it is row-major then. */
  readonly dims?: Dims;
  readonly groups?: { readonly axis: number; readonly size: number };
}

/** An element-wise op: what `f` is, and how its inputs lie over the output. */
interface Spec {
  readonly op: Op;
  /** WGSL of `fn f`, with a parameter per input that is there. */
  readonly fn: string;
  /** By input; those that are left out lie as NumPy broadcasts them. */
  readonly spreads?: readonly (Spread | undefined)[];
}

type Entries = readonly (Candidate | Refusal)[];

/** The layouts of a rank that differ from each other. */
function layoutsOf(rank: number): readonly Layout[] {
  const layouts = LAYOUT_KINDS.map((kind) => layoutOf(kind, rank));
  return layouts.filter(({ name }, i) => layouts.findIndex((layout) => layout.name === name) === i);
}

/** The layout that an input is wanted in for an output layout. */
function inputLayout({ dims }: TensorType, spread: Spread | undefined, y: Dims, layout: Layout): Layout {
  // What is smaller is read from cache, wherever it lies: not worth a transform, unless it has every axis.
  if (dims.length !== y.length || spread) return rowMajor(dims.length);
  const { block } = layout;
  // Blocks of a single channel would be three quarters padding.
  return block && dims[block.axis] === 1 && y[block.axis] !== 1 ? rowMajor(dims.length) : layout;
}

function mapCandidates(spec: Spec, types: NodeTypes, context: CandidateContext): Entries {
  const y = types.outputs[0];
  return layoutsOf(y.dims.length).map((layout) => mapCandidate(spec, layout, types, context));
}

function mapCandidate(
  { op, fn, spreads = [] }: Spec,
  layout: Layout,
  types: NodeTypes,
  { limits, features, storage }: CandidateContext,
): Candidate | Refusal {
  const [y] = types.outputs;
  const layouts = types.inputs.map((type, i) => type && inputLayout(type, spreads[i], y.dims, layout));
  const present = types.inputs.flatMap((type, i) => (type ? [{ type, i }] : []));
  const configOf = (views: Parameters<Candidate['build']>[0]): MapConfig => ({
    name: op.type.toLowerCase(),
    fn,
    inputs: present.map(({ type, i }) => {
      const view = views.inputs[i];
      if (!view) throw new TypeError(`input ${i} of ${op.type} is missing`);
      const { dims, groups } = spreads[i] ?? {};
      return {
        view: dims ? { ...view, dims, layout: rowMajor(dims.length) } : view,
        lane: laneOf(type.dtype),
        groups,
      };
    }),
    output: views.outputs[0],
    lane: laneOf(y.dtype),
    flops: op.flops(types.inputs, types.outputs),
    maxGrid: limits.maxGrid,
  });
  const stored = types.inputs.map((type) => type && gpuTypeOf(type.dtype, storage));
  const storedY = gpuTypeOf(y.dtype, storage);
  const { block } = layout;
  const refuse = (refused: string): Refusal => ({ id: `${op.type}_${layout.name}`.toLowerCase(), refused });
  if ([...stored, storedY].includes('f16') && !features.has('f16')) {
    return refuse('the device has no 16-bit floats');
  }
  if (block && spreads.some((spread) => spread?.groups?.axis === block.axis)) {
    return refuse(`blocks of scales lie across the blocks of ${layout.name}`);
  }
  const config = configOf({
    inputs: types.inputs.map((type, i) => {
      const [view, place] = [stored[i], layouts[i]];
      return type && view && place && { dims: type.dims, layout: place, type: view };
    }),
    outputs: [{ dims: y.dims, layout, type: storedY }],
  });
  return {
    id: mapId(config),
    inputs: layouts,
    outputs: [layout],
    workspace: [],
    partialOutput: true,
    build: (views) => [
      {
        source: mapKernel(configOf(views)),
        operands: [
          ...present.map(({ i }) => ({ kind: 'input', index: i }) as const),
          { kind: 'output', index: 0 },
        ],
      },
    ],
  };
}

const unary = (op: Unary, types: NodeTypes, context: CandidateContext): Entries => {
  const { dtype } = requiredType(types, 0);
  return mapCandidates({ op, fn: typedUnaryWgsl('f', op.fn, dtype) }, types, context);
};

const binary = (op: Binary, types: NodeTypes, context: CandidateContext): Entries => {
  const [a, b] = [requiredType(types, 0), requiredType(types, 1)];
  return mapCandidates({ op, fn: binaryWgsl('f', op.fn, a.dtype, b.dtype) }, types, context);
};

const where = (op: Where, types: NodeTypes, context: CandidateContext): Entries =>
  mapCandidates({ op, fn: whereWgsl('f', types.outputs[0].dtype) }, types, context);

const cast = (op: Cast, types: NodeTypes, context: CandidateContext): Entries =>
  mapCandidates({ op, fn: castWgsl('f', requiredType(types, 0).dtype, op.to) }, types, context);

const chain = (op: ElementwiseChain, types: NodeTypes, context: CandidateContext): Entries =>
  mapCandidates({ op, fn: chainWgsl('f', op) }, types, context);

const quantize = (op: QuantizeLinear, types: NodeTypes, context: CandidateContext): Entries => {
  const [x, scale] = [requiredType(types, 0), requiredType(types, 1)];
  const { to, precision } = op;
  const zeroPoint = types.inputs[2] !== undefined;
  const fn = quantizeWgsl('f', { x: x.dtype, scale: scale.dtype, to, precision, zeroPoint });
  const spread = scaleSpread(scale.dims, x.dims, op);
  return mapCandidates({ op, fn, spreads: [undefined, spread, spread] }, types, context);
};

const dequantize = (op: DequantizeLinear, types: NodeTypes, context: CandidateContext): Entries => {
  const [x, scale] = [requiredType(types, 0), requiredType(types, 1)];
  const fn = dequantizeWgsl('f', x.dtype, types.inputs[2] !== undefined);
  const spread = scaleSpread(scale.dims, x.dims, op);
  return mapCandidates({ op, fn, spreads: [undefined, spread, spread] }, types, context);
};

/** How scales and zero points lie over the quantised tensor: see `Granularity`. */
function scaleSpread(scale: Dims, x: Dims, { axis, blockSize }: Granularity): Spread {
  if (sizeOf(scale) === 1) return { dims: [] };
  if (blockSize === 0) return { dims: along(x.length, axis, scale[0]) };
  return { dims: scale, groups: { axis, size: blockSize } };
}

const requantize = (op: Requantize, types: NodeTypes, context: CandidateContext): Entries => {
  const [x, a, b] = [0, 1, 2].map((i) => requiredType(types, i).dims);
  const vector = (dims: Dims, axis: number | undefined): Spread | undefined => {
    if (sizeOf(dims) === 1) return { dims: [] };
    return dims.length === 1 && axis !== undefined ? { dims: along(x.length, axis, dims[0]) } : undefined;
  };
  const spreads = [undefined, vector(a, op.aAxis), vector(b, op.bAxis), { dims: [] }, { dims: [] }];
  return mapCandidates({ op, fn: requantizeWgsl('f', types.outputs[0].dtype), spreads }, types, context);
};

/** Dims of a vector that lies along one axis. */
function along(rank: number, axis: number, size: number): number[] {
  return Array.from({ length: rank }, (_, i) => (i === axis ? size : 1));
}

function requiredType({ inputs }: NodeTypes, index: number): TensorType {
  const type = inputs[index];
  if (!type) throw new TypeError(`input ${index} is missing`);
  return type;
}

export const elementwise: readonly CandidateEntry[] = [
  entry(Unary, unary),
  entry(Binary, binary),
  entry(Where, where),
  entry(Cast, cast),
  entry(ElementwiseChain, chain),
  entry(QuantizeLinear, quantize),
  entry(DequantizeLinear, dequantize),
  entry(Requantize, requantize),
  entry(MatMulInteger, matmulInteger),
];
