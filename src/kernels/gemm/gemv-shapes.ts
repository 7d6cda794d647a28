/** How the streaming product (gemv-stream.ts) divides its work. Pure functions of a product's sizes. */
import type { GpuLimits } from '../../devices/gpu.js';
import { batchesOf, vectorAlong, type GemmProblem } from './problem.js';

/** What an invocation, a workgroup and a part of the launch take of a product. */
export interface StreamShape {
  /** Vectors of four columns per invocation. */
  readonly vectors: number;
  /** Shares of a workgroup's depth, each with a warp of its own for the same outputs. */
  readonly depthLanes: number;
  /** Parts of the depth; above 1 the partial sums go to scratch memory and `streamReduceKernel` has to follow. */
  readonly parts: number;
}

/** Most rows of a product: beyond, tiles read the weights as rarely. */
export const MOST_STREAM_ROWS = 128;

/** Rows whose sums one invocation keeps: with two vectors of columns 128 registers. */
const OWN_ROWS = 16;

/** Invocations side by side along the columns: those of a warp, so that they all read the same element of a. */
export const COLUMN_LANES = 32;

/** Depths that are multiplied between two loads. */
export const STREAM_STEP = 4;

export const STREAM_VECTORS: readonly number[] = [1, 2];
export const STREAM_DEPTH_LANES: readonly number[] = [1, 2, 4, 8];
export const STREAM_PARTS: readonly number[] = [
  1, 2, 3, 4, 6, 8, 12, 16, 20, 24, 28, 32, 40, 48, 64, 96, 128,
];

/** Multiprocessors where they are not known: a large GPU's. */
const PROCESSORS = 132;

/** Least steps of an invocation. */
const LEAST_STEPS = 4;

/** Rows of one invocation, and how many invocations all rows take. */
export function rowShares(rows: number): { readonly own: number; readonly groups: number } {
  const groups = Math.ceil(rows / OWN_ROWS);
  return { own: Math.ceil(rows / groups), groups };
}

/** Invocations of a workgroup. */
export function streamThreads(rows: number, { depthLanes }: StreamShape): number {
  return COLUMN_LANES * rowShares(rows).groups * depthLanes;
}

/** Depth of a part: whole steps of all depth lanes. */
export function partDepth(depth: number, { depthLanes, parts }: StreamShape): number {
  const step = STREAM_STEP * depthLanes;
  return Math.ceil(Math.ceil(depth / parts) / step) * step;
}

/** Bytes for the sums of depth lanes, where there are several. */
export function meetingBytes(rows: number, shape: StreamShape): number {
  return shape.depthLanes > 1 ? streamThreads(rows, shape) * shape.vectors * 16 : 0;
}

/**
 * Depth of a that is in workgroup memory at a time: an even number of steps of all depth lanes, up to 512.
 * @returns 0 if not even that fits
 */
export function chunkDepth(problem: GemmProblem, shape: StreamShape, limits: GpuLimits): number {
  const { own, groups } = rowShares(problem.rows);
  const step = 2 * STREAM_STEP * shape.depthLanes;
  const wanted = Math.min(512, Math.ceil(partDepth(problem.depth, shape) / step) * step);
  // Half of what the smallest devices have: several workgroups share a multiprocessor's.
  const room = Math.min(limits.maxWorkgroupBytes - meetingBytes(problem.rows, shape), 16 * 1024);
  return Math.min(wanted, Math.floor(room / (4 * own * groups * step)) * step);
}

/** Scratch memory for partial sums, rows of whole vec4. */
export function streamPartialBytes({ rows, cols }: GemmProblem, { parts }: StreamShape): number {
  return parts > 1 ? parts * rows * Math.ceil(cols / 4) * 16 : 0;
}

/** Why the streaming product does not apply, or undefined. */
export function streamRefusal(problem: GemmProblem): string | undefined {
  const { b, rows, cols, depth } = problem;
  if (batchesOf(problem) !== 1) return 'it is for one product, not a batch';
  if (rows > MOST_STREAM_ROWS) return `it is for up to ${MOST_STREAM_ROWS} rows, not ${rows}`;
  const aligned = vectorAlong('cols', b, { rows: depth, cols });
  return aligned ? undefined : 'rows of the weights are not contiguous in vectors of four';
}

/** Why a shape is of no use for a product, or undefined. */
export function shapeRefusal(
  problem: GemmProblem,
  shape: StreamShape,
  limits: GpuLimits,
): string | undefined {
  const { rows, depth } = problem;
  const threads = streamThreads(rows, shape);
  if (threads > Math.min(limits.maxInvocations, limits.maxWorkgroupSize[0])) {
    return `${threads} invocations do not fit a workgroup`;
  }
  if (chunkDepth(problem, shape, limits) === 0) return 'the rows do not fit workgroup memory';
  if (streamPartialBytes(problem, shape) > limits.maxBindingBytes)
    return 'the partial sums do not fit a binding';
  const { parts, depthLanes } = shape;
  if (parts > 1 && depth < parts * depthLanes * STREAM_STEP * LEAST_STEPS)
    return 'the depth is too short for so many parts';
  // Whole steps may leave the last parts without any.
  return (parts - 1) * partDepth(depth, shape) >= depth ? 'the last part would be empty' : undefined;
}

/**
 * The shape to start from: workgroups of about 128 invocations, and as many parts as fill all multiprocessors once with
 * what their registers hold.
 */
export function defaultShape(problem: GemmProblem, limits: GpuLimits, processors = PROCESSORS): StreamShape {
  const { rows, cols } = problem;
  const { own, groups } = rowShares(rows);
  const vectors = cols > 4 * COLUMN_LANES ? 2 : 1;
  const warps = own > 8 ? 8 : own > 4 ? 12 : 16;
  const depthLanes = groups === 1 ? 4 : groups === 2 ? 2 : 1;
  const tiles = Math.ceil(cols / (4 * COLUMN_LANES * vectors));
  const wanted = Math.max(
    1,
    Math.floor((processors * Math.max(1, Math.floor(warps / (groups * depthLanes)))) / tiles),
  );
  const legal = STREAM_PARTS.filter((parts) => parts <= wanted)
    .map((parts) => ({ vectors, depthLanes, parts }))
    .filter((shape) => shapeRefusal(problem, shape, limits) === undefined);
  return legal.at(-1) ?? { vectors: 1, depthLanes: 1, parts: 1 };
}
