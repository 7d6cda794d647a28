/** Candidates of the ops that move elements: same layout in and out, row-major where ranks differ. */
import { GPU_TYPE_BYTES, type KernelSource } from '../devices/gpu.js';
import { gatherElementsKernel, gatherKernel, gatherNdKernel } from '../kernels/movement/gather.js';
import { gridSampleKernel } from '../kernels/movement/grid-sample.js';
import { oneHotKernel } from '../kernels/movement/one-hot.js';
import { padKernel } from '../kernels/movement/pad.js';
import { resizeKernels } from '../kernels/movement/resize.js';
import {
  depthToSpaceMovement,
  expandMovement,
  moveKernel,
  sliceMovement,
  spaceToDepthMovement,
  tileMovement,
} from '../kernels/transform/index.js';
import type { TensorView } from '../kernels/view.js';
import { layoutTag } from '../kernels/wgsl.js';
import { Concat } from '../ops/concat.js';
import { DepthToSpace } from '../ops/depth-to-space.js';
import { Expand } from '../ops/expand.js';
import { Gather, GatherElements, GatherND } from '../ops/gather.js';
import { GridSample } from '../ops/grid-sample.js';
import { OneHot } from '../ops/one-hot.js';
import { Pad } from '../ops/pad.js';
import { Resize } from '../ops/resize.js';
import { Slice } from '../ops/slice.js';
import { SpaceToDepth } from '../ops/space-to-depth.js';
import { Split } from '../ops/split.js';
import { Tile } from '../ops/tile.js';
import { physicalSize, rowMajor, sizeOf, type Dims, type Layout, type TensorType } from '../tensor/index.js';
import {
  entry,
  gpuTypeOf,
  type Candidate,
  type CandidateContext,
  type CandidateEntry,
  type CandidateProvider,
  type CandidateViews,
  type NodeTypes,
} from './candidate.js';
import { inputAt, launch, layoutsOf, moveCandidates, sameKinds } from './moves.js';

/** The type of an input that must be there. */
function typeOf({ inputs }: NodeTypes, index: number): TensorType {
  const type = inputs[index];
  if (!type) throw new TypeError(`input ${index} is missing`);
  return type;
}

/** Layout pairs for one input and the output: of the same kind, or from row-major where the ranks differ. */
function pairsOf(x: Dims, y: Dims): (readonly [x: Layout, y: Layout])[] {
  if (x.length === y.length) return sameKinds(x, y);
  return layoutsOf(y).map((layout) => [rowMajor(x.length), layout] as const);
}

const slice: CandidateProvider<Slice> = ({ starts, steps, dims }, types, context) => {
  const movement = sliceMovement(dims, starts, steps);
  const pairs = pairsOf(typeOf(types, 0).dims, dims);
  return moveCandidates({ op: 'slice', movement, pairs }, types, context);
};

const expand: CandidateProvider<Expand> = ({ dims }, types, context) => {
  const x = typeOf(types, 0);
  return moveCandidates(
    { op: 'expand', movement: expandMovement(x.dims, dims), pairs: pairsOf(x.dims, dims) },
    types,
    context,
  );
};

const tile: CandidateProvider<Tile> = ({ repeats }, types, context) => {
  const x = typeOf(types, 0);
  return moveCandidates(
    { op: 'tile', movement: tileMovement(x.dims, repeats), pairs: pairsOf(x.dims, types.outputs[0].dims) },
    types,
    context,
  );
};

const depthToSpace: CandidateProvider<DepthToSpace> = ({ blockSize, mode }, types, context) => {
  const x = typeOf(types, 0);
  const movement = depthToSpaceMovement(x.dims, blockSize, mode);
  return moveCandidates(
    { op: 'depthtospace', movement, pairs: pairsOf(x.dims, types.outputs[0].dims) },
    types,
    context,
  );
};

const spaceToDepth: CandidateProvider<SpaceToDepth> = ({ blockSize, mode }, types, context) => {
  const x = typeOf(types, 0);
  const movement = spaceToDepthMovement(x.dims, blockSize, mode);
  return moveCandidates(
    { op: 'spacetodepth', movement, pairs: pairsOf(x.dims, types.outputs[0].dims) },
    types,
    context,
  );
};

/** Every input to its part of the output, a launch each. */
const concat: CandidateProvider<Concat> = ({ axis }, types, context) => {
  const [y] = types.outputs;
  gpuTypeOf(y.dtype, context.storage);
  return layoutsOf(y.dims).map((layout): Candidate => ({
    id: `concat_${layoutTag(layout)}_move`,
    inputs: types.inputs.map(() => layout),
    outputs: [layout],
    workspace: [],
    partialOutput: true,
    assembles: axis,
    build: (views) => {
      const out = views.outputs[0];
      let start = 0;
      return views.inputs.flatMap((_, i) => {
        const x = inputAt(views, i);
        const part = partOf(out, axis, start, x.dims);
        start += x.dims[axis];
        if (sizeOf(x.dims) === 0) return [];
        const movement = sliceMovement(
          x.dims,
          x.dims.map(() => 0),
          x.dims.map(() => 1),
        );
        return [launch(moveKernel({ op: 'concat', movement, x, y: part, limits: context.limits }), [i])];
      });
    },
  }));
};

/** The part of a tensor from an index of an axis on. */
function partOf(whole: TensorView, axis: number, start: number, dims: Dims): TensorView {
  const origin = whole.dims.map((_, i) => (whole.within?.origin[i] ?? 0) + (i === axis ? start : 0));
  return { ...whole, dims, within: { dims: whole.within?.dims ?? whole.dims, origin } };
}

/**
 * Bytes at which the parts of a split begin, if each is in one piece: nothing but the axis may be outside it.
 * @returns undefined where it is not, or where a binding could not begin there
 */
function sliceOffsets(
  { axis, sizes }: Split,
  dims: Dims,
  layout: Layout,
  bytesPerElement: number,
  alignment: number,
): number[] | undefined {
  const blocks = (at: number): number =>
    layout.block?.axis === at ? Math.ceil(dims[at] / layout.block.size) : dims[at];
  const outer = layout.order.slice(0, layout.order.indexOf(axis));
  if (outer.some((at) => blocks(at) !== 1)) return undefined;
  let start = 0;
  const offsets = sizes.map((size) => {
    const before = dims.map((dim, at) => (at === axis ? start : dim));
    const cutsBlock = layout.block?.axis === axis && start % layout.block.size !== 0;
    start += size;
    return cutsBlock ? NaN : physicalSize(layout, before) * bytesPerElement;
  });
  return offsets.every((offset) => offset % alignment === 0) ? offsets : undefined;
}

/** Nothing at all where the parts are pieces of the input's memory, such as channels in CHWN. */
function slicesOf(op: Split, types: NodeTypes, context: CandidateContext): Candidate[] {
  const x = typeOf(types, 0);
  const bytes = GPU_TYPE_BYTES[gpuTypeOf(x.dtype, context.storage)];
  return layoutsOf(x.dims).flatMap((layout) => {
    const slices = sliceOffsets(op, x.dims, layout, bytes, context.limits.offsetAlignment);
    if (!slices) return [];
    return [
      {
        id: `split_${layoutTag(layout)}_alias`,
        inputs: [layout],
        outputs: op.sizes.map(() => layout),
        workspace: [],
        slices,
        build: () => [],
      },
    ];
  });
}

/** Each output out of its part of the input, a launch each; nothing where it is in one piece there. */
const split: CandidateProvider<Split> = (op, types, context) => {
  const { axis, sizes } = op;
  const x = typeOf(types, 0);
  const moves = layoutsOf(x.dims).map((layout): Candidate => ({
    id: `split_${layoutTag(layout)}_move`,
    inputs: [layout],
    outputs: sizes.map(() => layout),
    workspace: [],
    partialOutput: true,
    build: (views) => {
      let start = 0;
      return views.outputs.flatMap((y, i) => {
        const starts = y.dims.map((_, at) => (at === axis ? start : 0));
        start += sizes[i];
        if (sizeOf(y.dims) === 0) return [];
        const movement = sliceMovement(
          y.dims,
          starts,
          y.dims.map(() => 1),
        );
        return [
          launch(
            moveKernel({ op: 'split', movement, x: inputAt(views, 0), y, limits: context.limits }),
            [0],
            i,
          ),
        ];
      });
    },
  }));
  return [...slicesOf(op, types, context), ...moves];
};

/** A candidate that computes its one output in one or several launches over the same inputs. */
function mapped(
  id: string,
  inputs: readonly Layout[],
  output: Layout,
  kernels: (views: CandidateViews) => KernelSource[],
): Candidate {
  return {
    id,
    inputs,
    outputs: [output],
    workspace: [],
    partialOutput: true,
    build: (views) => {
      if (sizeOf(views.outputs[0].dims) === 0) return [];
      // A kernel that fills needs no input: it binds fewer.
      return kernels(views).map((source) =>
        launch(source, [...inputs.keys()].slice(0, source.bindings.length - 1)),
      );
    },
  };
}

const pad: CandidateProvider<Pad> = (op, types, context) => {
  const x = typeOf(types, 0);
  const [y] = types.outputs;
  const type = gpuTypeOf(x.dtype, context.storage);
  const value = Number(op.value);
  const fits = type === 'i32' ? value === Math.trunc(value) && Math.abs(value) < 2 ** 31 : value < 2 ** 32;
  if (op.mode === 'constant' && (type === 'i32' || type === 'u32') && !fits) {
    return [{ id: 'pad', refused: `the constant ${op.value} does not fit into 32 bits` }];
  }
  return pairsOf(x.dims, y.dims).map(([from, to]) =>
    mapped(`pad_${layoutTag(to)}_${op.mode}`, [from], to, (views) => [
      padKernel({
        mode: op.mode,
        axes: x.dims.map((_, axis) => op.axis(x, axis)),
        value,
        x: inputAt(views, 0),
        y: views.outputs[0],
        limits: context.limits,
      }),
    ]),
  );
};

const resize: CandidateProvider<Resize> = (op, types, context) => {
  const x = typeOf(types, 0);
  const [y] = types.outputs;
  gpuTypeOf(x.dtype, context.storage);
  return pairsOf(x.dims, y.dims).map(([from, to]) =>
    mapped(`resize_${layoutTag(to)}_${op.options.mode}`, [from], to, (views) =>
      resizeKernels({
        axes: op.axes,
        options: op.options,
        dtype: x.dtype,
        x: inputAt(views, 0),
        y: views.outputs[0],
        flops: op.flops(types.inputs, types.outputs),
        limits: context.limits,
      }),
    ),
  );
};

const gridSample: CandidateProvider<GridSample> = (op, types, context) => {
  const [x, grid] = [typeOf(types, 0), typeOf(types, 1)];
  const [y] = types.outputs;
  gpuTypeOf(x.dtype, context.storage);
  return pairsOf(x.dims, y.dims).map(([from, to]) =>
    mapped(
      `gridsample_${layoutTag(to)}_${op.sampling.mode}`,
      [from, rowMajor(grid.dims.length)],
      to,
      (views) => [
        gridSampleKernel({
          sampling: op.sampling,
          x: inputAt(views, 0),
          grid: inputAt(views, 1),
          y: views.outputs[0],
          flops: op.flops(types.inputs, types.outputs),
          limits: context.limits,
        }),
      ],
    ),
  );
};

/** A gather's candidates: row-major indices, data and output of one kind. */
function gatherCandidates(
  op: string,
  types: NodeTypes,
  context: CandidateContext,
  indicesAlike: boolean,
  kernel: (config: Parameters<typeof gatherNdKernel>[1]) => KernelSource,
): Candidate[] {
  const [data, indices] = [typeOf(types, 0), typeOf(types, 1)];
  const [y] = types.outputs;
  gpuTypeOf(data.dtype, context.storage);
  return sameKinds(data.dims, y.dims).map(([from, to]) => {
    const inputs = [from, indicesAlike ? to : rowMajor(indices.dims.length)];
    const id = [op, ...new Set([layoutTag(from), layoutTag(to)])].join('_');
    return mapped(id, inputs, to, (views) => [
      kernel({
        data: inputAt(views, 0),
        indices: inputAt(views, 1),
        y: views.outputs[0],
        limits: context.limits,
      }),
    ]);
  });
}

const gather: CandidateProvider<Gather> = ({ axis }, types, context) =>
  gatherCandidates('gather', types, context, false, (config) => gatherKernel(axis, config));

const gatherElements: CandidateProvider<GatherElements> = ({ axis }, types, context) =>
  gatherCandidates('gatherelements', types, context, true, (config) => gatherElementsKernel(axis, config));

const gatherNd: CandidateProvider<GatherND> = ({ batchDims }, types, context) =>
  gatherCandidates('gathernd', types, context, false, (config) => gatherNdKernel(batchDims, config));

const oneHot: CandidateProvider<OneHot> = ({ axis }, types, context) => {
  const [indices, values] = [typeOf(types, 0), typeOf(types, 1)];
  const [y] = types.outputs;
  for (const type of [indices, values]) gpuTypeOf(type.dtype, context.storage);
  return layoutsOf(y.dims).map((layout) =>
    mapped(
      `onehot_${layoutTag(layout)}`,
      [rowMajor(indices.dims.length), rowMajor(values.dims.length)],
      layout,
      (views) => [
        oneHotKernel({
          axis,
          indices: inputAt(views, 0),
          values: inputAt(views, 1),
          y: views.outputs[0],
          limits: context.limits,
        }),
      ],
    ),
  );
};

export const movement: readonly CandidateEntry[] = [
  entry(Slice, slice),
  entry(Expand, expand),
  entry(Tile, tile),
  entry(DepthToSpace, depthToSpace),
  entry(SpaceToDepth, spaceToDepth),
  entry(Concat, concat),
  entry(Split, split),
  entry(Pad, pad),
  entry(Resize, resize),
  entry(GridSample, gridSample),
  entry(Gather, gather),
  entry(GatherElements, gatherElements),
  entry(GatherND, gatherNd),
  entry(OneHot, oneHot),
];
