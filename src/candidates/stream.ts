/** Candidates of the streaming product, for matrix products of few rows. */
import {
  STREAM_DEPTH_LANES,
  STREAM_PARTS,
  STREAM_VECTORS,
  defaultShape,
  shapeRefusal,
  streamPartialBytes,
  streamRefusal,
  type StreamShape,
} from '../kernels/gemm/gemv-shapes.js';
import { streamKernel, streamReduceKernel } from '../kernels/gemm/gemv-stream.js';
import type { GemmKernel, GemmProblem } from '../kernels/gemm/problem.js';
import type { Candidate, CandidateContext, CandidateViews, KernelStep, Refusal } from './candidate.js';
import { SizeGrid } from './grid.js';

/** A matrix product in one choice of layouts. */
export interface StreamWay {
  /** Ids begin with it. */
  readonly prefix: string;
  readonly type: string;
  readonly context: CandidateContext;
  /** The product of whole tensors. */
  readonly dense: GemmProblem;
  readonly problem: (views: CandidateViews) => GemmProblem;
  readonly shell: (id: string) => Omit<Candidate, 'build'>;
  readonly step: (kernel: GemmKernel) => KernelStep;
}

/** The streaming product with the default shape; it knows the others. */
export function streamCandidate(way: StreamWay): Candidate | Refusal {
  const { prefix, type, context, dense } = way;
  const { limits } = context;
  const start = defaultShape(dense, limits, context.processors);
  const refused = streamRefusal(dense) ?? shapeRefusal(dense, start, limits);
  if (refused !== undefined) return { id: `${prefix}_stream_${type}`, refused };
  const grid = new SizeGrid({
    axes: [
      { name: 'vectors', sizes: STREAM_VECTORS },
      { name: 'depth lanes', sizes: STREAM_DEPTH_LANES },
      { name: 'parts', sizes: STREAM_PARTS },
    ],
    refusal: (sizes) => shapeRefusal(dense, shapeOf(sizes), limits),
    candidate: (sizes) => candidateOf(way, shapeOf(sizes)),
    sizesOf: (id) => {
      const found = id.startsWith(prefix) && /_stream_(\d+)x(\d+)(?:_split(\d+))?_/.exec(id);
      return found ? [Number(found[1]) / 4, Number(found[2]), Number(found[3] ?? 1)] : undefined;
    },
  });
  const at = grid.pointOf([start.vectors, start.depthLanes, start.parts]);
  if (!at) throw new TypeError(`no grid has ${idOf(way, start)}`);
  return grid.at(at);
}

function shapeOf([vectors, depthLanes, parts]: readonly number[]): StreamShape {
  return { vectors, depthLanes, parts };
}

function idOf({ prefix, type }: StreamWay, { vectors, depthLanes, parts }: StreamShape): string {
  return `${prefix}_stream_${4 * vectors}x${depthLanes}${parts > 1 ? `_split${parts}` : ''}_${type}`;
}

function candidateOf(way: StreamWay, shape: StreamShape): Candidate {
  const id = idOf(way, shape);
  const { limits } = way.context;
  return {
    ...way.shell(id),
    workspace: shape.parts > 1 ? [streamPartialBytes(way.dense, shape)] : [],
    build: (views) => {
      const config = { id, problem: way.problem(views), shape, limits };
      const kernels = [streamKernel(config), ...(shape.parts > 1 ? [streamReduceKernel(config)] : [])];
      return kernels.map(way.step);
    },
  };
}
