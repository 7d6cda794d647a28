/**
 * Moving elements as data: which element of x goes to which place of y, as a nest of loops each of which walks one
 * axis of y, and one of x or none. Transforms, Transpose, Slice, Split, Concat's parts, Expand, Tile, depth to space
 * and most reshapes are such nests, so that one analysis and three kernels serve them all.
 */
import type { BlockOrder } from '../../ops/depth-to-space.js';
import type { Dims } from '../../tensor/index.js';

/** A walk along one axis: `step` indices at a time; a negative one walks backwards. */
export interface Walk {
  readonly axis: number;
  readonly step: number;
}

/** One loop. The loops on an axis of y are its digits: steps of 1, then of the extents below, all of it covered. */
export interface MoveLoop {
  readonly extent: number;
  /** Left out where every turn reads the same elements. */
  readonly x: Walk | undefined;
  readonly y: Walk;
}

export interface Movement {
  readonly loops: readonly MoveLoop[];
  /** The first index read, per axis of x. */
  readonly start: readonly number[];
}

const walk = (axis: number, step = 1): Walk => ({ axis, step });
const origin = (dims: Dims): number[] => dims.map(() => 0);

/** y = x, in another layout or type. */
export function identityMovement(dims: Dims): Movement {
  return {
    loops: dims.map((extent, axis) => ({ extent, x: walk(axis), y: walk(axis) })),
    start: origin(dims),
  };
}

/** Axis i of y is axis perm[i] of x. */
export function transposeMovement(dims: Dims, perm: readonly number[]): Movement {
  return {
    loops: perm.map((from, axis) => ({ extent: dims[from], x: walk(from), y: walk(axis) })),
    start: origin(dims),
  };
}

/** y[i] = x[starts + i * steps]. @param dims of y */
export function sliceMovement(dims: Dims, starts: readonly number[], steps: readonly number[]): Movement {
  return {
    loops: dims.map((extent, axis) => ({ extent, x: walk(axis, steps[axis]), y: walk(axis) })),
    start: [...starts],
  };
}

/** x repeated along its dimensions of extent 1 and along new outer ones. */
export function expandMovement(xDims: Dims, yDims: Dims): Movement {
  const shift = yDims.length - xDims.length;
  return {
    loops: yDims.map((extent, axis) => {
      const repeated = axis < shift || xDims[axis - shift] === 1;
      return { extent, x: repeated ? undefined : walk(axis - shift), y: walk(axis) };
    }),
    start: origin(xDims),
  };
}

/** y[i] = x[i mod dims]. */
export function tileMovement(dims: Dims, repeats: readonly number[]): Movement {
  return {
    loops: dims.flatMap((extent, axis) => [
      { extent: repeats[axis], x: undefined, y: walk(axis, extent) },
      { extent, x: walk(axis), y: walk(axis) },
    ]),
    start: origin(dims),
  };
}

/** [N, C * b * b, H, W] -> [N, C, H * b, W * b]. @param dims of x */
export function depthToSpaceMovement(dims: Dims, b: number, mode: BlockOrder): Movement {
  const [n, channels, h, w] = dims;
  const c = channels / (b * b);
  const [depth, place] = mode === 'DCR' ? [1, c] : [b * b, 1];
  return {
    loops: [
      { extent: n, x: walk(0), y: walk(0) },
      { extent: c, x: walk(1, depth), y: walk(1) },
      { extent: h, x: walk(2), y: walk(2, b) },
      { extent: b, x: walk(1, b * place), y: walk(2) },
      { extent: w, x: walk(3), y: walk(3, b) },
      { extent: b, x: walk(1, place), y: walk(3) },
    ],
    start: origin(dims),
  };
}

/** [N, C, H * b, W * b] -> [N, C * b * b, H, W]. @param dims of x */
export function spaceToDepthMovement(dims: Dims, b: number, mode: BlockOrder): Movement {
  const [n, c, h, w] = dims;
  const [depth, place] = mode === 'DCR' ? [1, c] : [b * b, 1];
  return {
    loops: [
      { extent: n, x: walk(0), y: walk(0) },
      { extent: c, x: walk(1), y: walk(1, depth) },
      { extent: b, x: walk(2), y: walk(1, b * place) },
      { extent: b, x: walk(3), y: walk(1, place) },
      { extent: h / b, x: walk(2, b), y: walk(2) },
      { extent: w / b, x: walk(3, b), y: walk(3) },
    ],
    start: origin(dims),
  };
}

/**
 * The same row-major sequence under other dims, where the two lists of dims refine each other: each axis of the one
 * is a product of axes of the other, or the reverse. Undefined for 6x4 -> 4x6, whose axes cut each other.
 */
export function reshapeMovement(xDims: Dims, yDims: Dims): Movement | undefined {
  const loops: MoveLoop[] = [];
  const from = digits(xDims);
  const to = digits(yDims);
  while (from.length > 0 && to.length > 0) {
    const x = from[from.length - 1];
    const y = to[to.length - 1];
    const extent = Math.min(x.left, y.left);
    if (extent === 0 || x.left % extent !== 0 || y.left % extent !== 0) return undefined;
    loops.unshift({ extent, x: walk(x.axis, x.step), y: walk(y.axis, y.step) });
    for (const [list, digit] of [
      [from, x],
      [to, y],
    ] as const) {
      digit.left /= extent;
      digit.step *= extent;
      if (digit.left === 1) list.pop();
    }
  }
  return { loops, start: origin(xDims) };
}

/** Axes that are longer than 1, outermost first, with what is left to take of each. */
function digits(dims: Dims): { axis: number; left: number; step: number }[] {
  return [...dims.entries()].flatMap(([axis, left]) => (left === 1 ? [] : [{ axis, left, step: 1 }]));
}
