/** Candidates of softmax, log-softmax and hardmax: rows along any axes, in the layout that x is in. */
import { subgroupFor } from '../kernels/reduce/team.js';
import {
  allowsChunks,
  chunkTile,
  residentTile,
  streamTile,
  vectorFor,
  wantsChunks,
  type TeamTile,
} from '../kernels/reduce/tile.js';
import { caffeSoftmax } from '../kernels/softmax/caffe.js';
import { softmaxId, softmaxPlacements, softmaxSpace, type SoftmaxConfig } from '../kernels/softmax/config.js';
import { hardmaxKernel } from '../kernels/softmax/hardmax.js';
import { onlineSoftmax } from '../kernels/softmax/online.js';
import { residentSoftmax } from '../kernels/softmax/resident.js';
import {
  applySoftmax,
  combineSoftmax,
  partialSoftmax,
  splitSoftmaxId,
  splitSoftmaxWorkspace,
} from '../kernels/softmax/split.js';
import { isStagedSoftmax, stagedSoftmax, stagedTile } from '../kernels/softmax/staged.js';
import type { TensorView } from '../kernels/view.js';
import { Hardmax } from '../ops/hardmax.js';
import { Softmax } from '../ops/softmax.js';
import { layoutOf, rowMajor, sizeOf, type Layout, type TensorType } from '../tensor/index.js';
import {
  entry,
  gpuTypeOf,
  type Candidate,
  type CandidateContext,
  type CandidateEntry,
  type CandidateProvider,
  type KernelStep,
  type Refusal,
} from './candidate.js';
import { WORTH_TUNING, input, kindsFor, output, present, workspace } from './reduce.js';

/** A candidate with one layout for x and y, and nothing to launch for empty tensors. */
function rowwise(
  id: string,
  layout: Layout,
  type: TensorType,
  build: (x: TensorView, y: TensorView) => readonly KernelStep[],
  options: Partial<Candidate> = {},
): Candidate {
  return {
    id,
    inputs: [layout],
    outputs: [layout],
    workspace: [],
    partialOutput: true,
    ...options,
    build: ({ inputs: [x], outputs: [y] }) => (sizeOf(type.dims) === 0 ? [] : build(present(x), y)),
  };
}

const softmax: CandidateProvider<Softmax> = ({ axes, log }, { outputs: [type] }, context) => {
  const { limits } = context;
  const stored = gpuTypeOf(type.dtype, context.storage);
  const best: Candidate[] = [];
  const alternatives: (Candidate | Refusal)[] = [];
  const always: Candidate[] = [];
  for (const kind of kindsFor(type.dims.length)) {
    const layout = layoutOf(kind, type.dims.length);
    const view: TensorView = { dims: type.dims, layout, type: stored };
    const space = softmaxSpace(view, axes);
    const config: SoftmaxConfig = { x: view, y: view, axes, log, maxGrid: limits.maxGrid };
    const vectorOf = (x: TensorView, y: TensorView): 1 | 4 => {
      const placements = softmaxPlacements(x, y);
      return vectorFor(space, [placements.x, placements.y]);
    };
    const vector = vectorOf(view, view);
    const chunked = chunkTile(space, vector, limits);
    const online = streamTile(space, vector, limits);
    const resident = residentTile(space, vector, limits);
    const found: Candidate[] = [];
    // Parts of larger tensors may not divide into vectors: `build` chooses its tile again.
    const residentAs = (wider: number, subgroup: number): Candidate | undefined => {
      const tile = residentTile(space, vector, limits, wider);
      if (!tile) return undefined;
      return rowwise(residentSoftmax({ ...config, tile, subgroup }).id, layout, type, (x, y) => {
        const fitting = tile.vector === vectorOf(x, y) ? tile : residentTile(space, 1, limits, wider);
        const kernel = fitting
          ? residentSoftmax({ ...config, x, y, tile: fitting, subgroup })
          : onlineSoftmax({ ...config, x, y, tile: streamTile(space, 1, limits) });
        return [{ source: kernel, operands: [input(0), output(0)] }];
      });
    };
    const split = rowwise(
      splitSoftmaxId(config, chunked),
      layout,
      type,
      (x, y) => splitSteps({ ...config, x, y }, chunked),
      { workspace: splitSoftmaxWorkspace({ ...config, tile: chunked }), partialOutput: false },
    );
    if (isStagedSoftmax(space, config)) {
      const tile = stagedTile(space, limits);
      found.push(
        rowwise(
          stagedSoftmax({ ...config, ...tile }).id,
          layout,
          type,
          (x, y) => [
            { source: stagedSoftmax({ ...config, x, y, ...tile }), operands: [input(0), output(0)] },
          ],
          { partialOutput: false },
        ),
      );
    }
    if (wantsChunks(space, resident ?? online, chunked)) found.push(split);
    const subgroup = subgroupFor(space, limits, context.features);
    const tiles = [[0, subgroup]];
    // What is so small that any tile takes a launch's time needs no alternatives.
    if (space.row * space.kept >= WORTH_TUNING) tiles.push([0, 0], [1, subgroup], [-1, subgroup]);
    for (const [wider, lanes] of tiles) {
      const candidate = residentAs(wider, lanes);
      if (candidate && !found.some(({ id }) => id === candidate.id)) found.push(candidate);
    }
    if (!resident) {
      const id = softmaxId(config, 'resident', 'any');
      alternatives.push({
        id,
        refused: `rows of ${space.row} elements do not fit in a workgroup's registers`,
      });
    }
    const streamed = rowwise(onlineSoftmax({ ...config, tile: online }).id, layout, type, (x, y) => {
      const tile = online.vector === vectorOf(x, y) ? online : streamTile(space, 1, limits);
      return [{ source: onlineSoftmax({ ...config, x, y, tile }), operands: [input(0), output(0)] }];
    });
    if (found.length === 0) found.push(streamed);
    else always.push(streamed);
    best.push(found[0]);
    alternatives.push(...found.slice(1));
    if (!found.includes(split) && allowsChunks(space, resident ?? online, chunked)) alternatives.push(split);
  }
  return [...best, ...alternatives, ...always.reverse(), ...caffe(axes, log, type, context)];
};

function splitSteps(config: SoftmaxConfig, tile: TeamTile): readonly KernelStep[] {
  const [peaks, sums, maxima, finals] = [0, 1, 2, 3].map(workspace);
  return [
    { source: partialSoftmax({ ...config, tile }), operands: [input(0), peaks, sums] },
    { source: combineSoftmax({ ...config, tile }), operands: [peaks, sums, maxima, finals] },
    { source: applySoftmax({ ...config, tile }), operands: [input(0), maxima, finals, output(0)] },
  ];
}

function caffe(
  axes: readonly number[],
  log: boolean,
  type: TensorType,
  { limits, storage }: CandidateContext,
): (Candidate | Refusal)[] {
  const layout = rowMajor(type.dims.length);
  const view: TensorView = { dims: type.dims, layout, type: gpuTypeOf(type.dtype, storage) };
  const config: SoftmaxConfig = { x: view, y: view, axes, log, maxGrid: limits.maxGrid };
  const id = softmaxId(config, 'caffe', 'x6');
  if (log) return [{ id, refused: 'Caffe has no log-softmax' }];
  const rows = softmaxSpace(view, axes).kept;
  return [
    rowwise(
      id,
      layout,
      type,
      (x, y) =>
        caffeSoftmax({ ...config, x, y }).map(({ source, operands }) => ({
          source,
          operands: operands.map((operand) => ({ x: input(0), y: output(0), rows: workspace(0) })[operand]),
        })),
      { baseline: true, partialOutput: false, workspace: [rows * 4] },
    ),
  ];
}

const hardmax: CandidateProvider<Hardmax> = ({ axes }, { outputs: [type] }, { limits, storage }) => {
  const stored = gpuTypeOf(type.dtype, storage);
  return kindsFor(type.dims.length).map((kind) => {
    const layout = layoutOf(kind, type.dims.length);
    const view: TensorView = { dims: type.dims, layout, type: stored };
    const tile = streamTile(softmaxSpace(view, axes), 1, limits);
    const kernel = (x: TensorView, y: TensorView): ReturnType<typeof hardmaxKernel> =>
      hardmaxKernel({ x, y, axes, tile, maxGrid: limits.maxGrid });
    return rowwise(kernel(view, view).id, layout, type, (x, y) => [
      { source: kernel(x, y), operands: [input(0), output(0)] },
    ]);
  });
};

export const softmaxes: readonly CandidateEntry[] = [entry(Softmax, softmax), entry(Hardmax, hardmax)];
