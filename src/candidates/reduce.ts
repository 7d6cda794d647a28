/** Candidates of reductions, arg-reductions and TopK: rows along any axes, in the layout that x is in. */
import { argKernel } from '../kernels/reduce/arg.js';
import { reduceSpace, reduceVector, type ReduceConfig } from '../kernels/reduce/config.js';
import { fillKernel } from '../kernels/reduce/fill.js';
import {
  combineFold,
  foldKernel,
  foldWorkspace,
  partialFold,
  splitFoldId,
  type FoldConfig,
} from '../kernels/reduce/fold.js';
import { hasFoldWgsl } from '../kernels/reduce/functions.js';
import { logSumExpKernel } from '../kernels/reduce/log-sum-exp.js';
import { subgroupFor } from '../kernels/reduce/team.js';
import { allowsChunks, chunkTile, streamTile, wantsChunks, type TeamTile } from '../kernels/reduce/tile.js';
import { fitsSort, topKKernel, type TopKConfig } from '../kernels/reduce/top-k.js';
import type { TensorView } from '../kernels/view.js';
import { ArgReduce } from '../ops/arg-reduce.js';
import type { Op } from '../ops/op.js';
import { Reduce } from '../ops/reduce.js';
import { TopK } from '../ops/top-k.js';
import {
  LAYOUT_KINDS,
  Tensor,
  layoutOf,
  rowMajor,
  sizeOf,
  type Layout,
  type LayoutKind,
  type TensorType,
} from '../tensor/index.js';
import {
  entry,
  gpuTypeOf,
  type Candidate,
  type CandidateContext,
  type CandidateEntry,
  type CandidateProvider,
  type KernelStep,
  type NodeTypes,
  type Operand,
  type Refusal,
} from './candidate.js';

/** Bindings' operands. */
export const input = (index: number): Operand => ({ kind: 'input', index });
export const output = (index: number): Operand => ({ kind: 'output', index });
export const workspace = (index: number): Operand => ({ kind: 'workspace', index });

/** Elements from which it matters how many invocations a row has. */
export const WORTH_TUNING = 2 ** 14;

/** The kinds whose layouts differ for a rank. */
export function kindsFor(rank: number): LayoutKind[] {
  const names = LAYOUT_KINDS.map((kind) => layoutOf(kind, rank).name);
  return LAYOUT_KINDS.filter((_, i) => names.indexOf(names[i]) === i);
}

/** A required input's type or view. */
export function present<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('a required input is missing');
  return value;
}

/**
 * The result's layout for x in a layout of a kind: the same kind if batch and channels both stay, else row-major.
 * A blocked result needs the channels to be blocked as those of x are.
 */
function resultLayout(kind: LayoutKind, axes: readonly number[], keepdims: boolean, rank: number): Layout {
  const keepsChannels = !axes.includes(0) && !axes.includes(1);
  if (!keepdims && !keepsChannels) return rowMajor(rank);
  if (kind === 'nchw4c' && !keepsChannels) return rowMajor(rank);
  return layoutOf(kind, rank);
}

interface ReduceBasics {
  readonly layout: Layout;
  readonly result: Layout;
  readonly base: Omit<ReduceConfig, 'tile'>;
}

/** What all candidates of a reduction share, for each layout of x. */
function reductions(
  op: Op,
  { inputs, outputs: [type] }: NodeTypes,
  axes: readonly number[],
  keepdims: boolean,
  { storage, limits }: CandidateContext,
): ReduceBasics[] {
  const xType = present(inputs[0]);
  return kindsFor(xType.dims.length).map((kind) => {
    const layout = layoutOf(kind, xType.dims.length);
    const result = resultLayout(kind, axes, keepdims, type.dims.length);
    const x: TensorView = { dims: xType.dims, layout, type: gpuTypeOf(xType.dtype, storage) };
    const y: TensorView = { dims: type.dims, layout: result, type: gpuTypeOf(type.dtype, storage) };
    const flops = op.flops(inputs, [type]);
    return {
      layout,
      result,
      base: { name: op.type.toLowerCase(), x, y, axes, keepdims, flops, maxGrid: limits.maxGrid },
    };
  });
}

function reduction(
  id: string,
  { layout, result }: Pick<ReduceBasics, 'layout' | 'result'>,
  type: TensorType,
  build: (x: TensorView, y: TensorView) => readonly KernelStep[],
  options: Partial<Candidate> = {},
): Candidate {
  return {
    id,
    inputs: [layout],
    outputs: [result],
    workspace: [],
    partialOutput: true,
    ...options,
    build: ({ inputs: [x], outputs: [y] }) => (sizeOf(type.dims) === 0 ? [] : build(present(x), y)),
  };
}

const reduce: CandidateProvider<Reduce> = (op, types, context) => {
  const { axes, keepdims, fn } = op;
  const xType = present(types.inputs[0]);
  const [type] = types.outputs;
  const isLogSumExp = fn.name === 'ReduceLogSumExp';
  if (!isLogSumExp && !hasFoldWgsl(fn.name)) {
    return [{ id: fn.name.toLowerCase(), refused: `there is no kernel for ${fn.name}` }];
  }
  if (sizeOf(xType.dims) === 0) return emptyRows(op, types, context);
  const { limits } = context;
  const best: Candidate[] = [];
  const others: Candidate[] = [];
  for (const basics of reductions(op, types, axes, keepdims, context)) {
    const { base } = basics;
    const space = reduceSpace(base);
    const vectorOf = (x: TensorView, y: TensorView): 1 | 4 => {
      // Integers finish one by one.
      const whole = x.type === 'i32' || x.type === 'u32';
      return whole && space.inner === 'kept' ? 1 : reduceVector({ ...base, x, y });
    };
    const tile = streamTile(space, vectorOf(base.x, base.y), limits);
    const fitting = (x: TensorView, y: TensorView): TeamTile => {
      const vector = vectorOf(x, y);
      return vector === tile.vector ? tile : streamTile(space, vector, limits);
    };
    if (isLogSumExp) {
      const id = logSumExpKernel({ ...base, tile }).id;
      const build = (x: TensorView, y: TensorView): readonly KernelStep[] => [
        { source: logSumExpKernel({ ...base, x, y, tile: fitting(x, y) }), operands: [input(0), output(0)] },
      ];
      best.push(reduction(id, basics, type, build));
      continue;
    }
    const config: FoldConfig = { ...base, tile, fn: fn.name, dtype: type.dtype };
    const team = (subgroup: number): Candidate =>
      reduction(foldKernel({ ...config, subgroup }).id, basics, type, (x, y) => [
        {
          source: foldKernel({ ...config, x, y, tile: fitting(x, y), subgroup }),
          operands: [input(0), output(0)],
        },
      ]);
    const chunked: FoldConfig = { ...config, tile: chunkTile(space, tile.vector, limits) };
    const split = reduction(
      splitFoldId(chunked),
      basics,
      type,
      (x, y) => [
        { source: partialFold({ ...chunked, x, y }), operands: [input(0), workspace(0)] },
        { source: combineFold({ ...chunked, x, y }), operands: [workspace(0), output(0)] },
      ],
      { workspace: [foldWorkspace(chunked)], partialOutput: false },
    );
    const subgroup = subgroupFor(space, limits, context.features);
    const found: Candidate[] = [];
    if (wantsChunks(space, tile, chunked.tile)) found.push(split);
    if (subgroup > 0) found.push(team(subgroup));
    if (!found.includes(split) && allowsChunks(space, tile, chunked.tile)) found.push(split);
    if (found.length === 0 || sizeOf(xType.dims) >= WORTH_TUNING) found.push(team(0));
    best.push(found[0]);
    others.push(...found.slice(1));
  }
  return [...best, ...others];
};

/** Rows without elements, or no rows: nothing is read. */
function emptyRows(op: Reduce, types: NodeTypes, { storage, limits }: CandidateContext): Candidate[] {
  const xType = present(types.inputs[0]);
  const [type] = types.outputs;
  const results = { layout: rowMajor(xType.dims.length), result: rowMajor(type.dims.length) };
  const build = (_x: TensorView, y: TensorView): readonly KernelStep[] => {
    const [value] = op.reference([new Tensor(xType.dtype, xType.dims)])[0].toNumbers();
    const source = fillKernel({ name: op.type.toLowerCase(), y, value, maxGrid: limits.maxGrid });
    return [{ source, operands: [output(0)] }];
  };
  const id = `${op.type.toLowerCase()}_${results.layout.name.toLowerCase()}_empty_x1_${gpuTypeOf(type.dtype, storage)}`;
  return [reduction(id, results, type, build, { partialOutput: false })];
}

const argReduce: CandidateProvider<ArgReduce> = (op, types, context) => {
  const { axis, keepdims, extreme, selectLastIndex } = op;
  return reductions(op, types, [axis], keepdims, context).map((basics) => {
    const tile = streamTile(reduceSpace(basics.base), 1, context.limits);
    const config = { ...basics.base, tile, extreme, last: selectLastIndex };
    return reduction(argKernel(config).id, basics, types.outputs[0], (x, y) => [
      { source: argKernel({ ...config, x, y }), operands: [input(0), output(0)] },
    ]);
  });
};

const topK: CandidateProvider<TopK> = (op, { inputs, outputs }, { storage, limits }) => {
  const { axis, k, largest } = op;
  const xType = present(inputs[0]);
  const [valueType, indexType] = outputs;
  const rank = xType.dims.length;
  // Blocked results would need padding, for which k is no help.
  const kinds = kindsFor(rank).filter((kind) => kind !== 'nchw4c');
  const viewOf = (type: TensorType, layout: Layout): TensorView => ({
    dims: type.dims,
    layout,
    type: gpuTypeOf(type.dtype, storage),
  });
  const sorts: (Candidate | Refusal)[] = [];
  const selects: Candidate[] = [];
  for (const kind of kinds) {
    const layout = layoutOf(kind, rank);
    const x = viewOf(xType, layout);
    const config: TopKConfig = {
      x,
      values: viewOf(valueType, layout),
      indices: viewOf(indexType, layout),
      axis,
      k,
      largest,
      flops: op.flops(inputs),
      maxGrid: limits.maxGrid,
    };
    const space = reduceSpace({ x, axes: [axis] });
    const candidate = (tile?: TeamTile): Candidate => ({
      id: topKKernel(config, limits, tile).id,
      inputs: [layout],
      outputs: [layout, layout],
      workspace: [],
      build: ({ inputs: [data], outputs: [values, indices] }) =>
        sizeOf(valueType.dims) === 0
          ? []
          : [
              {
                source: topKKernel({ ...config, x: present(data), values, indices }, limits, tile),
                operands: [input(0), output(0), output(1)],
              },
            ],
    });
    if (fitsSort(space.row, limits)) {
      sorts.push(candidate());
    } else {
      const refused = `rows of ${space.row} elements do not fit in workgroup memory`;
      sorts.push({ id: `topk_${layout.name.toLowerCase()}_sort`, refused });
    }
    selects.push(candidate({ ...streamTile(space, 1, limits), steps: 1 }));
  }
  return [...sorts, ...selects];
};

export const reductionOps: readonly CandidateEntry[] = [
  entry(Reduce, reduce),
  entry(ArgReduce, argReduce),
  entry(TopK, topK),
];
