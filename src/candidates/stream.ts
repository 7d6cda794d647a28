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
import type { Candidate, Refusal } from './candidate.js';
import type { GemmWay } from './gemm-node.js';
import { SizeGrid } from './grid.js';

/** The streaming product with the default shape; it knows the others. */
export function streamCandidate(way: GemmWay): Candidate | Refusal {
  const { prefix, type, context, dense } = way;
  const { limits } = context;
  const start = defaultShape(dense, limits, context.processors);
  const refused = streamRefusal(dense) ?? shapeRefusal(dense, start, limits);
  if (refused !== undefined) return { id: `${prefix}_stream_${type}`, refused };
  const grid = new SizeGrid<Candidate>({
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
  return grid.of([start.vectors, start.depthLanes, start.parts]);
}

function shapeOf([vectors, depthLanes, parts]: readonly number[]): StreamShape {
  return { vectors, depthLanes, parts };
}

function idOf({ prefix, type }: GemmWay, { vectors, depthLanes, parts }: StreamShape): string {
  return `${prefix}_stream_${4 * vectors}x${depthLanes}${parts > 1 ? `_split${parts}` : ''}_${type}`;
}

function candidateOf(way: GemmWay, shape: StreamShape): Candidate {
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
