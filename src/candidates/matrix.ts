/** Candidates of convolutions and matrix products on subgroup matrices: f16 alone, on devices that have them. */
import { isPointwise } from '../kernels/conv/geometry.js';
import { PARTS, paddingRefusal, splitRefusal } from '../kernels/gemm/choice.js';
import { gemmProduct, gemmReduceKernel } from '../kernels/gemm/gemm.js';
import { inParts, splitTag, splitWorkspace } from '../kernels/gemm/split.js';
import type { Product } from '../kernels/gemm/tile.js';
import { matrixTileChoices, type MatrixTileChoice } from '../kernels/matrix/choice.js';
import {
  matrixConvKernel,
  matrixConvProduct,
  matrixConvReduceKernel,
  matrixConvRefusal,
  matrixConvStaging,
} from '../kernels/matrix/conv.js';
import { matrixGemmKernel, matrixGemmRefusal, matrixGemmStaging } from '../kernels/matrix/gemm.js';
import { matrixTileRefusal, matrixTileTag, type Staging } from '../kernels/matrix/tile.js';
import type { Candidate, CandidateContext, Refusal } from './candidate.js';
import { convProblem, convShell, convStep, convViews, type ConvNode, type LayoutPair } from './conv-node.js';
import type { GemmWay } from './gemm-node.js';
import { SizeGrid, type SizeAxis } from './grid.js';

/** A kernel of matrix tiles, for one node in one choice of layouts. */
interface MatrixWay {
  /** Ids are `PREFIX_TILE_f16`, or `PREFIX_TILE_splitPARTS_f16`. */
  readonly prefix: string;
  readonly product: Product;
  readonly staging: Staging;
  readonly context: CandidateContext;
  /** How many of the best by estimate are candidates. */
  readonly most: number;
  /** @param workspace bytes of the partial sums of a depth in parts */
  candidate(id: string, choice: MatrixTileChoice, workspace: readonly number[]): Candidate;
}

/** What varies: a workgroup's tile, how its subgroups share it, and the parts of a split depth. */
const AXES: readonly SizeAxis[] = [
  { name: 'rows', sizes: [16, 32, 64, 96, 128, 192, 256] },
  { name: 'cols', sizes: [16, 32, 64, 96, 128, 192, 256] },
  { name: 'depth', sizes: [16, 32, 64] },
  { name: 'subgroups along rows', sizes: [1, 2, 4, 8] },
  { name: 'subgroups along cols', sizes: [1, 2, 4, 8] },
  { name: 'parts', sizes: PARTS },
];

/** The best tiles by estimate, best first; each knows the others. */
function matrixCandidates(way: MatrixWay): Candidate[] {
  const { product, staging, context, most } = way;
  const grid = matrixGrid(way);
  return matrixTileChoices(product, staging, context.limits, most).map(({ tile, parts }) =>
    grid.of([tile.rows, tile.cols, tile.depth, tile.rowGroups, tile.colGroups, parts]),
  );
}

function matrixGrid(way: MatrixWay): SizeGrid<Candidate> {
  const { prefix, product, staging, context } = way;
  const { limits } = context;
  return new SizeGrid<Candidate>({
    axes: AXES,
    refusal: (sizes) => {
      const { tile, parts } = choiceOf(sizes);
      return (
        matrixTileRefusal(tile, staging, limits) ??
        paddingRefusal(product, tile) ??
        splitRefusal(product, tile, parts, limits)
      );
    },
    candidate: (sizes) => {
      const choice = choiceOf(sizes);
      const id = `${prefix}_${matrixTileTag(choice.tile)}${splitTag(choice.parts)}_f16`;
      return way.candidate(id, choice, splitWorkspace(product, choice.parts));
    },
    sizesOf: (id) => {
      if (!id.startsWith(`${prefix}_t`)) return undefined;
      const found = /^_t(\d+)x(\d+)x(\d+)g(\d+)x(\d+)(?:_split(\d+))?_f16$/.exec(id.slice(prefix.length));
      return found?.slice(1).map((size) => Number(size || '1'));
    },
  });
}

function choiceOf([rows, cols, depth, rowGroups, colGroups, parts]: readonly number[]): MatrixTileChoice {
  return { tile: { rows, cols, depth, rowGroups, colGroups }, parts };
}

/** Convolutions in one pair of layouts; nothing where the device has no subgroup matrices or nothing is stored as f16. */
export function matrixConvCandidates(
  node: ConvNode,
  pair: LayoutPair,
  type: string,
  most: number,
): (Candidate | Refusal)[] {
  const { context } = node;
  if (type !== 'f16' || !context.features.has('subgroup-matrix')) return [];
  const dense = convProblem(node, convViews(node, pair));
  const variant = isPointwise(dense.geometry) ? 'pointwise-matrix' : 'implicit-matrix';
  const prefix = `${node.name}_${pair.tag}_${variant}`;
  const refused = matrixConvRefusal(dense);
  if (refused) return [{ id: `${prefix}_${type}`, refused }];
  const { maxGrid } = context.limits;
  return matrixCandidates({
    prefix,
    product: matrixConvProduct(dense),
    staging: matrixConvStaging(dense),
    context,
    most,
    candidate: (id, { tile, parts }, workspace) => ({
      ...convShell(node, id, pair),
      workspace,
      build: (given) => {
        const config = { id, problem: convProblem(node, given), tile, parts, maxGrid };
        return inParts(config, matrixConvKernel, matrixConvReduceKernel).map(convStep);
      },
    }),
  });
}

/** Matrix products; nothing where the device has no subgroup matrices or nothing is stored as f16. */
export function matrixGemmCandidates(way: GemmWay, most: number): (Candidate | Refusal)[] {
  const { type, context, dense, problem, shell, step } = way;
  if (type !== 'f16' || !context.features.has('subgroup-matrix')) return [];
  const prefix = `${way.prefix}_matrix`;
  const refused = matrixGemmRefusal(dense);
  if (refused) return [{ id: `${prefix}_${type}`, refused }];
  const { maxGrid } = context.limits;
  return matrixCandidates({
    prefix,
    product: gemmProduct(dense),
    staging: matrixGemmStaging(dense),
    context,
    most,
    candidate: (id, { tile, parts }, workspace) => ({
      ...shell(id),
      workspace,
      build: (views) => {
        const config = { id, problem: problem(views), tile, parts, maxGrid };
        return inParts(config, matrixGemmKernel, gemmReduceKernel).map(step);
      },
    }),
  });
}
