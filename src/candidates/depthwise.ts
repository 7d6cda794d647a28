/**
 * Candidates of convolutions in groups of few channels, in one pair of layouts: of depthwise ones patches of outputs, and
 * lines for what patches refuse.
 */
import { depthwiseKernel, depthwisePatch, depthwiseRefusal } from '../kernels/depthwise/line.js';
import { depthwisePatchKernel, depthwisePatchRefusal } from '../kernels/depthwise/patch.js';
import {
  PATCH_HEIGHTS,
  PATCH_WIDTHS,
  accessOf,
  defaultPatch,
  patchRefusal,
} from '../kernels/depthwise/patches.js';
import { PATCH_THREADS, type Patch, type PatchConfig, type PatchWay } from '../kernels/depthwise/launch.js';
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
import { liftedProblem, type ConvKernel } from '../kernels/conv/problem.js';
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
interface PatchFamily {
  /** What ids call it. */
  readonly variant: string;
  readonly heights: readonly number[];
  readonly widths: readonly number[];
  readonly start: Patch;
  /** Ways besides the plain one. */
  readonly selects: boolean;
  readonly elements: readonly number[];
  refusal(patch: Patch, way: PatchWay): string | undefined;
  kernel(config: PatchConfig): ConvKernel;
}

/** Invocations of a workgroup to try. */
const THREADS = [32, 64, PATCH_THREADS, 256];

/** Elements of an access where nothing narrower is asked for. */
const WIDEST = 8;

/** A kernel with its default patch; it knows the others. */
function inPatches(node: ConvNode, pair: LayoutPair, type: string, family: PatchFamily): Candidate {
  const { maxGrid } = node.context.limits;
  const prefix = `${node.name}_${pair.tag}_${family.variant}`;
  const candidate = (patch: Patch, way: PatchWay): Candidate => {
    const id = `${prefix}${patch.height}x${patch.width}${wayTag(way)}_${type}`;
    return {
      ...convShell(node, id, pair),
      // A part of a tensor may have to be written one by one: what fits in vectors fits then, too.
      build: (views) => [
        convStep(family.kernel({ id, problem: convProblem(node, views), maxGrid, patch, way })),
      ],
    };
  };
  const grid = new SizeGrid<Candidate>({
    axes: [
      { name: 'rows', sizes: family.heights },
      { name: 'columns', sizes: family.widths },
      { name: 'threads', sizes: THREADS },
      { name: 'selects', sizes: family.selects ? [0, 1] : [0] },
      { name: 'elements', sizes: family.elements },
    ],
    refusal: (sizes) => family.refusal(patchOf(sizes), wayOf(sizes)),
    candidate: (sizes) => candidate(patchOf(sizes), wayOf(sizes)),
    sizesOf: (id) => {
      const tag = /^(\d+)x(\d+)(?:t(\d+))?(?:v(\d+))?(e)?_/;
      const found = id.startsWith(prefix) && tag.exec(id.slice(prefix.length));
      if (!found) return undefined;
      const [, height, width, threads = `${PATCH_THREADS}`, elements = `${WIDEST}`] = found;
      return [...[height, width, threads].map(Number), found[5] ? 1 : 0, Number(elements)];
    },
  });
  return grid.of([family.start.height, family.start.width, PATCH_THREADS, 0, WIDEST]);
}

function patchOf([height, width]: readonly number[]): Patch {
  return { height, width };
}

function wayOf([, , threads, selects, elements]: readonly number[]): Required<PatchWay> {
  return { threads, selects: selects > 0, elements };
}

/** What of a way is not the plain one: `t64v4e`. */
function wayTag({ threads = PATCH_THREADS, selects, elements = WIDEST }: PatchWay): string {
  return [
    threads === PATCH_THREADS ? '' : `t${threads}`,
    elements === WIDEST ? '' : `v${elements}`,
    selects ? 'e' : '',
  ].join('');
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
    selects: true,
    elements: accessOf(lifted).elements === WIDEST ? [4, WIDEST] : [WIDEST],
    refusal: (patch, { elements }) => patchRefusal(lifted, patch, elements),
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
    selects: true,
    elements: [WIDEST],
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
    selects: false,
    elements: [WIDEST],
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
