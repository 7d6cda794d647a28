/**
 * Direct convolution of few input channels, staged: what networks begin with. The window is small and the output large, so
 * that the time should be that of writing the output; multiply-adds have to run near the device's limit to stay below it.
 *
 * A workgroup takes the input under its tile of output positions, and the weights, through workgroup memory. An invocation
 * keeps its sums in registers (8 columns by 8 channels, say), and of every row of taps it loads the line of the input under
 * all its columns once: with stride 1 and 3 taps 10 elements serve 24 columns. All multiply-adds of a chunk are written out.
 *
 * Access: for NHWC sums are vectors of channels, positions of an invocation are neighbours along W, and neighbouring
 * invocations take neighbouring vectors of channels, so that stores are lines of memory ('lines'; 'vectors' where the input
 * is staged as vectors of columns). For NCHW positions are neighbours along H, and neighbouring invocations take neighbouring
 * columns ('columns'). In CHWN sums are vectors of four images, and neighbouring invocations take neighbouring images
 * ('images'). The input may lie in another layout than the output: staging turns it.
 */
import type { GpuLimits } from '../../devices/gpu.js';
import { viewStrides } from '../view.js';
import { bindings, constants, foldedGrid, kernelText } from '../wgsl.js';
import { geometryConstants, index5, product, vectorsAlong } from '../conv/geometry.js';
import {
  channelsInnermost,
  liftedProblem,
  typesOf,
  type ConvKernel,
  type ConvProblem,
} from '../conv/problem.js';
import { mainText } from './main-text.js';
import {
  COLUMNS,
  IMAGE_SCALARS,
  IMAGE_VECTORS,
  INTERLEAVED_UNITS,
  LINES,
  LINE_SCALARS,
  LINE_VECTORS,
  PLANAR_UNITS,
  PUT_CHANNELS,
  PUT_CHANNELS_ONE_BY_ONE,
  PUT_IMAGES_ONE_BY_ONE,
  TAPS_ALONG_H,
  TAPS_ALONG_W,
  WEIGHTS,
} from './text.js';
import {
  isLines,
  laneConstants,
  lineVectors,
  mostLines,
  stagedLines,
  stagedVectors,
  stemBytes,
  stemShape,
  stemThreads,
  type StemKind,
  type StemTile,
} from './tile.js';
import { epilogue, epilogueBindings, outAlias, type StoreKind } from '../conv/store.js';

export interface StemConfig {
  readonly id: string;
  readonly problem: ConvProblem;
  /** `stemTile` has the default. */
  readonly tile: StemTile;
  readonly limits: GpuLimits;
  /** Multiply-adds of vectors that are written out at most; `mostLines` of the device by default. */
  readonly lines?: number;
}

/** How a lifted problem's positions lie, and its input is staged. */
export function stemKind({ x, y }: Pick<ConvProblem, 'x' | 'y'>): StemKind {
  const last = y.layout.order.at(-1);
  if (last === 0) return 'images';
  if (last !== 1) return 'columns';
  return vectorsAlong(x, 4) ? 'vectors' : 'lines';
}

/** Why the kernel does not apply, or undefined. */
export function stemRefusal(problem: ConvProblem): string | undefined {
  const lifted = liftedProblem(problem);
  const { geometry, x, y } = lifted;
  if (product(x.dims) * geometry.outChannels === 0) return 'the input is empty';
  if (geometry.transposed) return 'the convolution is transposed';
  if (geometry.group > 1) return 'channels are in groups';
  const { kernel, input, output, dilations, padsBegin } = geometry;
  if (kernel[0] * input[0] * output[0] > 1 || padsBegin[0] > 0) return 'there are three spatial axes';
  if (dilations.some((step, axis) => step > 1 && kernel[axis] > 1)) return 'the window is dilated';
  if (geometry.outChannels % 4 > 0) return 'output channels do not fill vectors of four';
  if (y.layout.block) return 'the output is in blocks of channels';
  const images = stemKind(lifted) === 'images';
  if (images && geometry.batch % 4 > 0) return 'images do not fill vectors of four';
  return !images && x.layout.order.at(-1) === 0
    ? 'the input has images innermost, the output has not'
    : undefined;
}

/** What four results of an invocation are stored as. */
function storedAs({ y, residual }: ConvProblem, kind: StemKind): StoreKind {
  const views = residual ? [y, residual] : [y];
  const along = (axis: number): boolean => views.every((view) => vectorsAlong(view, axis));
  if (kind === 'images') return along(0) ? 'positions' : 'scalars';
  return kind !== 'columns' && along(1) ? 'channels' : 'scalars';
}

export function stemKernel({ id, problem: given, tile, limits, lines }: StemConfig): ConvKernel {
  const problem = liftedProblem(given);
  const { geometry, x, w } = problem;
  const kind = stemKind(problem);
  const stored = storedAs(problem, kind);
  const shape = stemShape(geometry, kind, tile, lines ?? mostLines(limits));
  const vectors = stagesVectors(problem, kind);
  const list = [
    { name: 'x', access: 'read', element: vectors ? `vec4<${x.type}>` : x.type },
    { name: 'w', access: 'read', element: `vec4<${w.type}>` },
    ...epilogueBindings(problem, stored),
  ] as const;
  const { outerLanes, alongLanes, channelLanes, channels, positions, chunk, tiles } = tile;
  const threads = stemThreads(tile);
  const tileWidth = alongLanes * (kind === 'columns' ? 1 : positions);
  const widthTiles = Math.ceil(geometry.output[2] / tileWidth);
  const rows = Math.ceil(geometry.output[1] / (kind === 'columns' ? positions : 1));
  const heightTiles = Math.ceil(rows / outerLanes);
  const allTiles =
    widthTiles *
    (kind === 'images'
      ? rows * Math.ceil(geometry.batch / 4 / outerLanes)
      : kind === 'columns'
        ? Math.ceil((geometry.batch * rows) / outerLanes)
        : geometry.batch * heightTiles);
  const channelTiles = Math.ceil(geometry.outChannels / (channels * channelLanes));
  const groups = channelTiles * Math.ceil(allTiles / tiles);
  const { grid, gridX } = foldedGrid(groups, limits.maxGrid);
  const staged = stagedLines(geometry, kind, tile);
  const [xUnits, wUnits] = stagedVectors(geometry, kind, tile);
  const types = typesOf(problem);
  return {
    source: {
      id,
      wgsl: kernelText(
        types,
        [
          constants({
            THREADS: threads,
            GRID_X: gridX,
            GROUPS: groups,
            BATCH: geometry.batch,
            W_TILES: widthTiles,
            TILE_W: tileWidth,
            TILES_EACH: tiles,
            CHANNEL_TILES: channelTiles,
            TILE_CHANNELS: channels * channelLanes,
            TILE_VECTORS: (channels / 4) * channelLanes,
            OUTER_LANES: outerLanes,
            ALONG_LANES: alongLanes,
            CHANNEL_LANES: channelLanes,
            ...laneConstants(kind, tile),
            LANE_POSITIONS: kind === 'columns' ? 1 : positions,
            LANE_COLUMNS:
              kind === 'columns' ? 1 : (positions * geometry.strides[2]) / (isLines(kind) ? 4 : 1),
            POSITIONS_EACH: positions,
            H_BLOCKS: rows,
            H_TILES: heightTiles,
            CHUNK: chunk,
            CHUNKS: shape.chunks,
            STEPS: shape.chunks * tiles,
            LINE: lineVectors(geometry, kind, tile),
            LEAD: shape.lead,
            TILE_ROWS: staged.rows,
            ROW_LINES: staged.each,
            ROW_STEP: staged.shared ? 1 : geometry.strides[1],
            IMAGE_PITCH: outerLanes + 1,
            IMAGE_STEP: viewStrides(x)[0],
            ROW_TAPS: shape.taps,
            ROW_VECTORS: shape.taps * shape.vectors,
            X_UNITS: xUnits,
            W_UNITS: wUnits,
          }),
          geometryConstants(geometry),
          outAlias(problem, stored),
          bindings(list),
          index5('x', x, vectors ? 4 : 1),
          epilogue(problem, stored),
        ],
        [
          stagingText(problem, kind, tile),
          kind === 'columns' ? TAPS_ALONG_H : TAPS_ALONG_W,
          WEIGHTS,
          stored !== 'scalars'
            ? PUT_CHANNELS
            : kind === 'images'
              ? PUT_IMAGES_ONE_BY_ONE
              : PUT_CHANNELS_ONE_BY_ONE,
          mainText(shape),
        ].join(''),
      ),
      bindings: list.map(({ name, access }) => ({ name, access })),
      workgroup: [threads, 1, 1],
      grid,
      features: types.includes('f16') ? ['f16'] : [],
      workgroupBytes: stemBytes(geometry, kind, tile),
      flops: problem.flops,
      bytes: problem.bytes,
    },
    roles: list.map(({ name }) => name),
  };
}

/** Whether the input is loaded as vectors, of images or of columns. */
function stagesVectors({ x }: ConvProblem, kind: StemKind): boolean {
  return kind === 'images' ? vectorsAlong(x, 0) : kind === 'vectors';
}

/** How the input is staged. */
function stagingText(problem: ConvProblem, kind: StemKind, tile: StemTile): string {
  switch (kind) {
    case 'vectors':
      return LINES + LINE_VECTORS + PLANAR_UNITS;
    case 'lines':
      return LINES + LINE_SCALARS + (isInterleaved(problem, tile) ? INTERLEAVED_UNITS : PLANAR_UNITS);
    case 'columns':
      return COLUMNS;
    case 'images':
      return stagesVectors(problem, kind) ? IMAGE_VECTORS : IMAGE_SCALARS;
  }
}

/** Whether staging takes the channels of a column together, as they lie. */
function isInterleaved({ x, geometry }: ConvProblem, { chunk }: StemTile): boolean {
  return channelsInnermost(x) && chunk % geometry.channels === 0;
}
