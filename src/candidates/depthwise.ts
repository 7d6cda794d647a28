/**
 * Candidates of convolutions in groups of few channels, in one pair of layouts: of depthwise ones patches of outputs, and
 * lines for what patches refuse.
 */
import { depthwiseKernel, depthwisePatch, depthwiseRefusal } from '../kernels/depthwise/line.js';
import { depthwisePatchKernel, depthwisePatchRefusal } from '../kernels/depthwise/patch.js';
import { PATCH_HEIGHTS, PATCH_WIDTHS, defaultPatch, patchRefusal } from '../kernels/depthwise/patches.js';
import type { Patch } from '../kernels/depthwise/launch.js';
import {
  depthwiseRowsKernel,
  depthwiseRowsPatch,
  depthwiseRowsPatchRefusal,
  depthwiseRowsRefusal,
} from '../kernels/depthwise/rows.js';
import {
  GROUPED_HEIGHTS,
  GROUPED_WIDTHS,
  groupedKernel,
  groupedPatch,
  groupedPatchRefusal,
  groupedRefusal,
} from '../kernels/depthwise/grouped.js';
import { liftedProblem, type ConvKernel, type ConvProblem } from '../kernels/conv/problem.js';
import type { Candidate, Refusal } from './candidate.js';
import { convProblem, convShell, convStep, convViews, type ConvNode, type LayoutPair } from './conv-node.js';
import { SizeGrid } from './grid.js';

/** The patch kernel if it applies, else its refusal and the line kernel. */
export function depthwiseCandidates(node: ConvNode, pair: LayoutPair, type: string): (Candidate | Refusal)[] {
  const patch = patchCandidate(node, pair, type);
  if ('refused' in patch) return [patch, lineCandidate(node, pair, type)];
  const alongW = [pair.x, pair.y].every(({ block, order }) => !block && order.at(-1) === order.length - 1);
  return alongW ? [rowsCandidate(node, pair, type), patch] : [patch];
}

/** What kernels of patches differ in. */
interface PatchWay {
  /** What ids call it. */
  readonly variant: string;
  readonly heights: readonly number[];
  readonly widths: readonly number[];
  readonly start: Patch;
  refusal(patch: Patch): string | undefined;
  kernel(config: { id: string; problem: ConvProblem; maxGrid: number; patch: Patch }): ConvKernel;
}

/** A kernel with its default patch; it knows the others. */
function inPatches(node: ConvNode, pair: LayoutPair, type: string, way: PatchWay): Candidate {
  const { maxGrid } = node.context.limits;
  const prefix = `${node.name}_${pair.tag}_${way.variant}`;
  const candidate = (patch: Patch): Candidate => {
    const id = `${prefix}${patch.height}x${patch.width}_${type}`;
    return {
      ...convShell(node, id, pair),
      // A part of a tensor may have to be written one by one: what fits in vectors fits then, too.
      build: (views) => [convStep(way.kernel({ id, problem: convProblem(node, views), maxGrid, patch }))],
    };
  };
  const grid = new SizeGrid({
    axes: [
      { name: 'rows', sizes: way.heights },
      { name: 'columns', sizes: way.widths },
    ],
    refusal: ([height, width]) => way.refusal({ height, width }),
    candidate: ([height, width]) => candidate({ height, width }),
    sizesOf: (id) => {
      const found = id.startsWith(prefix) && /^(\d+)x(\d+)_/.exec(id.slice(prefix.length));
      return found ? [Number(found[1]), Number(found[2])] : undefined;
    },
  });
  return grid.of([way.start.height, way.start.width]);
}

function patchCandidate(node: ConvNode, pair: LayoutPair, type: string): Candidate | Refusal {
  const dense = convProblem(node, convViews(node, pair));
  const refused = depthwisePatchRefusal(dense);
  if (refused !== undefined) return { id: `${node.name}_${pair.tag}_depthwise_patch_${type}`, refused };
  const lifted = liftedProblem(dense);
  return inPatches(node, pair, type, {
    variant: 'depthwise_patch',
    heights: PATCH_HEIGHTS,
    widths: PATCH_WIDTHS,
    start: defaultPatch(lifted),
    refusal: (patch) => patchRefusal(lifted, patch),
    kernel: depthwisePatchKernel,
  });
}

/** The kernel for rows along W. */
function rowsCandidate(node: ConvNode, pair: LayoutPair, type: string): Candidate | Refusal {
  const dense = convProblem(node, convViews(node, pair));
  const refused = depthwiseRowsRefusal(dense);
  if (refused !== undefined) return { id: `${node.name}_${pair.tag}_depthwise_rows_${type}`, refused };
  return inPatches(node, pair, type, {
    variant: 'depthwise_rows_',
    heights: PATCH_HEIGHTS,
    widths: PATCH_WIDTHS,
    start: depthwiseRowsPatch(dense),
    refusal: (patch) => depthwiseRowsPatchRefusal(dense, patch),
    // Rows of a part may not divide into vectors.
    kernel: (config) =>
      depthwiseRowsRefusal(config.problem) === undefined
        ? depthwiseRowsKernel(config)
        : depthwisePatchKernel({ ...config, patch: { height: config.patch.height, width: 1 } }),
  });
}

/** The kernel for groups of few channels. */
export function groupedCandidate(node: ConvNode, pair: LayoutPair, type: string): Candidate | Refusal {
  const dense = convProblem(node, convViews(node, pair));
  const refused = groupedRefusal(dense);
  if (refused !== undefined) return { id: `${node.name}_${pair.tag}_grouped_patch_${type}`, refused };
  return inPatches(node, pair, type, {
    variant: 'grouped_patch',
    heights: GROUPED_HEIGHTS,
    widths: GROUPED_WIDTHS,
    start: groupedPatch(dense),
    refusal: (patch) => groupedPatchRefusal(dense, patch),
    kernel: groupedKernel,
  });
}

function lineCandidate(node: ConvNode, pair: LayoutPair, type: string): Candidate | Refusal {
  const dense = convProblem(node, convViews(node, pair));
  const patch = depthwisePatch(dense);
  const id = `${node.name}_${pair.tag}_depthwise_line${patch}_${type}`;
  const refused = depthwiseRefusal(dense);
  if (refused) return { id, refused };
  const { maxGrid } = node.context.limits;
  return {
    ...convShell(node, id, pair),
    build: (given) => [convStep(depthwiseKernel({ id, problem: convProblem(node, given), maxGrid, patch }))],
  };
}
