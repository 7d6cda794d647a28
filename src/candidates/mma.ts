/** Candidates of convolutions and matrix products on tensor cores in CUDA C++: f16 or bf16, and f32 where rounding to tf32 is allowed. */
import { isPointwise } from '../kernels/conv/geometry.js';
import { PARTS } from '../kernels/gemm/choice.js';
import { gemmProduct, gemmReduceKernel } from '../kernels/gemm/gemm.js';
import { inParts, splitTag, splitWorkspace } from '../kernels/gemm/split.js';
import type { Product } from '../kernels/gemm/tile.js';
import { mmaChoiceRefusal, mmaChoices, type MmaChoice, type MmaTarget } from '../kernels/mma/choice.js';
import {
  mmaConvKernel,
  mmaConvProduct,
  mmaConvReduceKernel,
  mmaConvRefusal,
  mmaWeightLayout,
} from '../kernels/mma/conv.js';
import { mmaGemmKernel, mmaGemmRefusal, mmaGemmStaging } from '../kernels/mma/gemm.js';
import type { MmaType } from '../kernels/mma/instructions.js';
import { mmaTileTag, type MmaStaging } from '../kernels/mma/tile.js';
import type { Candidate, CandidateContext, KernelStep, Refusal } from './candidate.js';
import {
  convProblem,
  convShell,
  convStep,
  convViews,
  type ConvLaunch,
  type ConvNode,
  type LayoutPair,
} from './conv-node.js';
import type { GemmLaunch, GemmWay } from './gemm-node.js';
import { SizeGrid, type SizeAxis } from './grid.js';

/** A kernel of tiles, for one node in one choice of layouts. */
interface MmaWay {
  /** Ids are `PREFIX_TILE_TYPE`, or `PREFIX_TILE_splitPARTS_TYPE`. */
  readonly prefix: string;
  readonly product: Product;
  readonly staging: MmaStaging;
  readonly target: MmaTarget;
  /** How many of the best by estimate are candidates. */
  readonly most: number;
  /** @param workspace bytes of the partial sums of a depth in parts */
  readonly candidate: (id: string, choice: MmaChoice, workspace: readonly number[]) => Candidate;
}

/** What varies: a block's tile, how its warps or warpgroups share it, the steps on their way, and the parts of a split depth. */
const AXES: readonly SizeAxis[] = [
  { name: 'rows', sizes: [32, 64, 96, 128, 192, 256] },
  { name: 'cols', sizes: [32, 64, 96, 128, 192, 256] },
  { name: 'depth', sizes: [16, 32, 64] },
  { name: 'warps that multiply together', sizes: [1, 4] },
  { name: 'units along rows', sizes: [1, 2, 3, 4] },
  { name: 'units along cols', sizes: [1, 2, 4] },
  { name: 'stages', sizes: [2, 3, 4, 5, 6] },
  { name: 'parts', sizes: PARTS },
];

/** Multiprocessors of a large GPU, an H200, where they are not known. */
const LARGE = 132;

/** The best tiles by estimate, best first; each knows the others. */
function mmaCandidates(way: MmaWay): Candidate[] {
  const grid = mmaGrid(way);
  return mmaChoices(way.product, way.staging, way.target, way.most).map(({ tile, parts }) =>
    grid.of([
      tile.rows,
      tile.cols,
      tile.depth,
      tile.unit === 'warp' ? 1 : 4,
      tile.rowUnits,
      tile.colUnits,
      tile.stages,
      parts,
    ]),
  );
}

function mmaGrid({ prefix, product, staging, target, candidate }: MmaWay): SizeGrid<Candidate> {
  const { type } = staging;
  return new SizeGrid<Candidate>({
    axes: AXES,
    refusal: (sizes) => mmaChoiceRefusal(product, choiceOf(sizes), staging, target),
    candidate: (sizes) => {
      const choice = choiceOf(sizes);
      const id = `${prefix}_${mmaTileTag(choice.tile)}${splitTag(choice.parts)}_${type}`;
      return candidate(id, choice, splitWorkspace(product, choice.parts));
    },
    sizesOf: (id) => {
      if (!id.startsWith(`${prefix}_t`) || !id.endsWith(`_${type}`)) return undefined;
      const tag = id.slice(prefix.length, -type.length - 1);
      const found = /^_t(\d+)x(\d+)x(\d+)([wg])(\d+)x(\d+)s(\d+)(?:_split(\d+))?$/.exec(tag);
      return found?.slice(1).map((size) => (size === 'g' ? 4 : size === 'w' ? 1 : Number(size || '1')));
    },
  });
}

function choiceOf(sizes: readonly number[]): MmaChoice {
  const [rows, cols, depth, warps, rowUnits, colUnits, stages, parts] = sizes;
  return {
    tile: { rows, cols, depth, unit: warps === 1 ? 'warp' : 'group', rowUnits, colUnits, stages },
    parts,
  };
}

/** What the tensor cores take of elements of a type; undefined where there is nothing for them. */
function mmaTypeOf(type: string, { features, half, tf32 = false }: CandidateContext): MmaType | undefined {
  if (!features.has('cuda')) return undefined;
  if (type === 'f16') return half ?? 'f16';
  return type === 'f32' && tf32 ? 'tf32' : undefined;
}

function targetOf({ limits, features }: CandidateContext): MmaTarget {
  return { limits, groups: features.has('wgmma') };
}

/** Convolutions in one pair of layouts; nothing where the device has no texts in CUDA C++ or the type is none of theirs. */
export function mmaConvCandidates(
  node: ConvNode,
  pair: LayoutPair,
  type: string,
  most: number,
): (Candidate | Refusal)[] {
  const { context } = node;
  const multiplied = mmaTypeOf(type, context);
  // They read and write channels innermost alone.
  if (!multiplied || pair.x.order.at(-1) !== 1 || pair.y.order.at(-1) !== 1) return [];
  const views = convViews(node, pair);
  const weights = mmaWeightLayout(node.types.outputs[0].dims.length);
  const [, w] = views.inputs;
  const inputs = views.inputs.map((view, i) => (i === 1 && w ? { ...w, layout: weights } : view));
  const dense = convProblem(node, { ...views, inputs });
  const variant = isPointwise(dense.geometry) ? 'pointwise-mma' : 'implicit-mma';
  const prefix = `${node.name}_${pair.tag}_${variant}`;
  const refused = mmaConvRefusal(dense, multiplied);
  if (refused) return [{ id: `${prefix}_${multiplied}`, refused }];
  const launch = { maxGrid: context.limits.maxGrid, processors: context.processors ?? LARGE };
  return mmaCandidates({
    prefix,
    product: mmaConvProduct(dense),
    staging: { type: multiplied, rowsAcross: false, colsAcross: false },
    target: targetOf(context),
    most,
    candidate: (id, { tile, parts }, workspace) => {
      const shell = convShell(node, id, pair);
      return {
        ...shell,
        inputs: shell.inputs.map((layout, i) => (i === 1 ? weights : layout)),
        workspace,
        build: (given): KernelStep[] => {
          const config = { id, problem: convProblem(node, given), type: multiplied, tile, parts, ...launch };
          return inParts<typeof config, ConvLaunch>(config, mmaConvKernel, mmaConvReduceKernel).map(convStep);
        },
      };
    },
  });
}

/** Matrix products; nothing where the device has no texts in CUDA C++ or the type is none of theirs. */
export function mmaGemmCandidates(way: GemmWay, most: number): (Candidate | Refusal)[] {
  const { context, dense, problem, shell, step } = way;
  const type = mmaTypeOf(way.type, context);
  if (!type) return [];
  const refused = mmaGemmRefusal(dense, type);
  if (refused) return [{ id: `${way.prefix}_mma_${type}`, refused }];
  const staging = mmaGemmStaging(dense, type);
  // What is contiguous in each operand: there may be candidates of the same layouts of a and y.
  const prefix = `${way.prefix}_mma-${staging.rowsAcross ? 'm' : 'k'}${staging.colsAcross ? 'n' : 'k'}`;
  const launch = { maxGrid: context.limits.maxGrid, processors: context.processors ?? LARGE };
  return mmaCandidates({
    prefix,
    product: gemmProduct(dense),
    staging,
    target: targetOf(context),
    most,
    candidate: (id, { tile, parts }, workspace) => ({
      ...shell(id),
      workspace,
      build: (views): KernelStep[] => {
        const config = { id, problem: problem(views), type, tile, parts, ...launch };
        return inParts<typeof config, GemmLaunch>(config, mmaGemmKernel, gemmReduceKernel).map(step);
      },
    }),
  });
}
