/** Candidates of max, average and Lp pooling and of max unpooling. */
import type { KernelSource } from '../devices/gpu.js';
import {
  coversPlane,
  defaultPatch,
  defaultTile,
  directKernel,
  globalKernels,
  globalSplits,
  hasFlatPlanes,
  hasFlatRows,
  isLegalPatch,
  legalPatches,
  opTag,
  partBytes,
  patchKernel,
  patchRefusal,
  tileKernel,
  tileRefusal,
  unpoolKernels,
  withSpatialAxes,
  type Patch,
  type PoolConfig,
  type Reduction,
  type Tile,
} from '../kernels/pool/index.js';
import type { TensorView } from '../kernels/view.js';
import { AveragePool } from '../ops/average-pool.js';
import { LpPool } from '../ops/lp-pool.js';
import { MaxPool } from '../ops/max-pool.js';
import { MaxUnpool } from '../ops/max-unpool.js';
import {
  LAYOUT_KINDS,
  integerRange,
  isFloat,
  layoutOf,
  type DType,
  type Layout,
  type TensorType,
} from '../tensor/index.js';
import {
  entry,
  gpuTypeOf,
  type Candidate,
  type CandidateContext,
  type CandidateEntry,
  type CandidateProvider,
  type CandidateViews,
  type KernelStep,
  type NodeTypes,
  type Operand,
  type Refusal,
} from './candidate.js';
import { SizeGrid } from './grid.js';

type PoolOp = MaxPool | AveragePool | LpPool;

/** A pooling node on a device. */
export interface PoolNode {
  readonly op: PoolOp;
  readonly types: NodeTypes;
  readonly context: CandidateContext;
}

/** One way to make a node's launches, in one layout. */
interface Way {
  /** The id of its main kernel. */
  readonly id: string;
  readonly layout: Layout;
  readonly workspace?: readonly number[];
  readonly baseline?: boolean;
  readonly steps: (config: PoolConfig) => KernelStep[];
}

function reductionOf(op: PoolOp, dtype: DType): Reduction {
  if (op instanceof AveragePool) return { kind: 'average', countIncludePad: op.countIncludePad };
  if (op instanceof LpPool) return { kind: 'lp', p: op.p };
  const lowest = isFloat(dtype) ? -Infinity : integerRange(dtype).min;
  return op.indices ? { kind: 'argmax', lowest, order: op.indices } : { kind: 'max', lowest };
}

function configOf({ op, types, context }: PoolNode, views: CandidateViews): PoolConfig {
  const [x] = views.inputs;
  const [y, indices] = views.outputs;
  if (!x) throw new TypeError('a pooling has one input');
  return {
    window: op,
    reduction: reductionOf(op, types.outputs[0].dtype),
    x,
    y,
    indices,
    limits: context.limits,
  };
}

/** The node's own tensors, whole, in one layout. */
function wholeViews({ types, context }: PoolNode, layout: Layout): CandidateViews {
  const view = ({ dtype, dims }: TensorType): TensorView => ({
    dims,
    layout,
    type: gpuTypeOf(dtype, context.storage),
  });
  return { inputs: types.inputs.map((type) => type && view(type)), outputs: types.outputs.map(view) };
}

const X: Operand = { kind: 'input', index: 0 };
const PARTS: Operand = { kind: 'workspace', index: 0 };

function outputsOf({ indices }: PoolConfig): Operand[] {
  const y: Operand = { kind: 'output', index: 0 };
  return indices ? [y, { kind: 'output', index: 1 }] : [y];
}

function oneStep(config: PoolConfig, source: KernelSource): KernelStep[] {
  return [{ source, operands: [X, ...outputsOf(config)] }];
}

function candidateOf(node: PoolNode, { id, layout, workspace, baseline, steps }: Way): Candidate {
  return {
    id,
    inputs: [layout],
    outputs: node.types.outputs.map(() => layout),
    workspace: workspace ?? [],
    ...(baseline && { baseline }),
    partialOutput: true,
    build: (views) => steps(configOf(node, views)),
  };
}

const LEFT_TO_GLOBAL = 'the window is the whole plane: see the global kernel';

/** The direct kernel in one layout; under another variant's name it is the baseline. */
function directCandidate(node: PoolNode, layout: Layout, variant = 'direct'): Candidate {
  const { id } = directKernel(configOf(node, wholeViews(node, layout)), variant);
  return candidateOf(node, {
    id,
    layout,
    baseline: variant !== 'direct',
    steps: (config) => oneStep(config, directKernel(config, variant)),
  });
}

/** The patch kernel in one layout, with the default patch; its sizes are all legal ones, by rows and by columns. */
export function patchCandidate(node: PoolNode, layout: Layout): Candidate | Refusal {
  const given = configOf(node, wholeViews(node, layout));
  const refused = coversPlane(given) ? LEFT_TO_GLOBAL : patchRefusal(given);
  if (refused !== undefined) return refusalOf(node, layout, 'patch', refused);
  const config = withSpatialAxes(given, 2);
  const start = defaultPatch(config);
  const { id } = patchKernel(given, start);
  const patches = legalPatches(config);
  const grid = new SizeGrid<Candidate>({
    axes: [
      { name: 'rows', sizes: ascending(patches.map(({ height }) => height)) },
      { name: 'columns', sizes: ascending(patches.map(({ width }) => width)) },
    ],
    refusal: ([height, width]) =>
      isLegalPatch(config, { height, width }) ? undefined : `a patch of ${height}x${width} does not fit`,
    candidate: ([height, width]) =>
      candidateOf(node, {
        id: id.replace(patchTag(start), patchTag({ height, width })),
        layout,
        // A part of a tensor may have to be read one by one; what fits in fours fits then too.
        steps: (built) => oneStep(built, patchKernel(built, { height, width })),
      }),
    sizesOf: (name) => /_patch(\d+)x(\d+)_/.exec(name)?.slice(1).map(Number),
  });
  return grid.of([start.height, start.width]);
}

function ascending(sizes: readonly number[]): number[] {
  return [...new Set(sizes)].sort((a, b) => a - b);
}

/** What the patch kernel's id calls a patch. */
function patchTag({ height, width }: Patch): string {
  return `_patch${height}x${width}_`;
}

/**
 * The tile kernel, for NCHW.
 * @param given one of `legalTiles`; the default where left out
 */
export function tileCandidate(node: PoolNode, layout: Layout, given?: Tile): Candidate | Refusal {
  const config = configOf(node, wholeViews(node, layout));
  const refused = coversPlane(config) ? LEFT_TO_GLOBAL : tileRefusal(withSpatialAxes(config, 2));
  if (refused !== undefined) return refusalOf(node, layout, 'tile', refused);
  const tile = given ?? defaultTile(withSpatialAxes(config, 2));
  return candidateOf(node, {
    id: tileKernel(config, tile).id,
    layout,
    steps: (built) => oneStep(built, hasFlatRows(built.x) ? tileKernel(built, tile) : directKernel(built)),
  });
}

/** The kernels for windows that are whole planes. */
function globalCandidate(node: PoolNode, layout: Layout): Candidate | Refusal {
  const config = configOf(node, wholeViews(node, layout));
  if (!coversPlane(config)) {
    return refusalOf(node, layout, 'global', 'the window is not the whole plane');
  }
  const splits = globalSplits(config);
  return candidateOf(node, {
    id: globalKernels(config, splits)[0].id,
    layout,
    workspace: splits > 1 ? [partBytes(config, splits)] : [],
    steps: (built) => {
      if (!hasFlatPlanes(built.x)) return oneStep(built, directKernel(built));
      const [first, merge] = globalKernels(built, splits);
      if (splits === 1) return oneStep(built, first);
      return [
        { source: first, operands: [X, PARTS] },
        { source: merge, operands: [PARTS, ...outputsOf(built)] },
      ];
    },
  });
}

function refusalOf({ op, types }: PoolNode, layout: Layout, variant: string, refused: string): Refusal {
  const tag = opTag(reductionOf(op, types.outputs[0].dtype));
  return { id: `${tag}_${layout.name.toLowerCase()}_${variant}`, refused };
}

/** Layouts of a rank, each once: NCHW last, since its direct kernel is valid for every rank. */
function layoutsOf(rank: number): Layout[] {
  const layouts = LAYOUT_KINDS.map((kind) => layoutOf(kind, rank)).reverse();
  return layouts.filter(({ name }, i) => layouts.findIndex((other) => other.name === name) === i);
}

const pool: CandidateProvider<PoolOp> = (op, types, context) => {
  const node: PoolNode = { op, types, context };
  const rank = types.outputs[0].dims.length;
  const layouts = layoutsOf(rank);
  const rowMajor = layoutOf('nchw', rank);
  return [
    ...layouts.map((layout) => globalCandidate(node, layout)),
    ...layouts.map((layout) => patchCandidate(node, layout)),
    tileCandidate(node, rowMajor),
    ...layouts.map((layout) => directCandidate(node, layout)),
    directCandidate(node, rowMajor, 'caffe'),
  ];
};

const unpool: CandidateProvider<MaxUnpool> = (op, { inputs, outputs: [y] }, context) => {
  const type = gpuTypeOf(y.dtype, context.storage);
  const unpooled = op.unpooledDims(inputs[0]?.dims ?? []);
  return layoutsOf(y.dims.length).map((layout) => ({
    id: `maxunpool_${layout.name.toLowerCase()}_scatter_${type}`,
    inputs: [layout, layout],
    outputs: [layout],
    workspace: [],
    partialOutput: true,
    build: ({ inputs: [x, indices], outputs: [out] }) => {
      if (!x || !indices) throw new TypeError('an unpooling has two inputs');
      const { maxGrid } = context.limits;
      const [fill, scatter] = unpoolKernels({ x, indices, y: out, unpooled, maxGrid });
      const target: Operand = { kind: 'output', index: 0 };
      return [
        { source: fill, operands: [target] },
        { source: scatter, operands: [X, { kind: 'input', index: 1 }, target] },
      ];
    },
  }));
};

export const pooling: readonly CandidateEntry[] = [
  entry(MaxPool, pool),
  entry(AveragePool, pool),
  entry(LpPool, pool),
  entry(MaxUnpool, unpool),
];
