/**
 * Movement without tiling: each invocation writes one element, stores coalesced and loads scattered. The paper's
 * baseline for transforms (section IV.C), and the way for all that the other kernels refuse: it takes any layouts,
 * blocks and parts.
 */
import type { WgslKernel } from '../../devices/gpu.js';
import { sizeOf, stridesOf, type Dims } from '../../tensor/index.js';
import type { TensorView } from '../view.js';
import { alias, bindings, constants, foldedGrid, kernelText, layoutTag, WORKGROUP } from '../wgsl.js';
import { wrapped } from './cells.js';
import { identityMovement, type Movement } from './movement.js';
import { moveSource, movedBytes } from './source.js';
import { placeFunction, walkOf } from './walk.js';

export interface TransformConfig {
  /** The same logical dims as `y`; another layout, another type, or both. */
  readonly x: TensorView;
  readonly y: TensorView;
  readonly maxGrid: number;
}

export interface NaiveConfig extends TransformConfig {
  /** Prefix of the id: op and layouts. */
  readonly id: string;
  /** What goes where; undefined for the same row-major sequence under other dims. */
  readonly movement: Movement | undefined;
}

const BODY = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i >= COUNT) { return; }
  let p = y_coords(i);
  if (is_padding(p)) {
    if (is_own_padding(p)) { y[y_at(p)] = Out(0); }
    return;
  }
  y[y_at(p)] = Out(x[x_at(source(p))]);
}
`;

/** Copies x to y in another layout or type, element by element. */
export function naiveTransformKernel({ x, y, maxGrid }: TransformConfig): WgslKernel {
  const id = `transform_${layoutTag(x.layout)}_${layoutTag(y.layout)}`;
  return naiveKernel({ id, movement: identityMovement(y.dims), x, y, maxGrid });
}

/** Moves element by element. */
export function naiveKernel({ id, movement, x, y, maxGrid }: NaiveConfig): WgslKernel {
  const walk = walkOf(y, 1);
  const { grid, gridX } = foldedGrid(Math.ceil(walk.count / WORKGROUP), maxGrid);
  const list = [
    { name: 'x', access: 'read', element: x.type },
    { name: 'y', access: 'read_write', element: y.type },
  ] as const;
  const text = kernelText(
    [x.type, y.type],
    [
      constants({ WORKGROUP, COUNT: walk.count, GRID_X: gridX }),
      alias('Out', y.type),
      bindings(list),
      walk.text,
      movement ? movementSource(movement, x.dims, y.dims) : sequenceSource(x.dims, y.dims),
      placeFunction('x', x),
      placeFunction('y', y),
    ],
    BODY,
  );
  const bytes = movement ? movedBytes(movement, x, y) : movedBytes(identityMovement(y.dims), x, y);
  return moveSource({ id: `${id}_naive`, text, x, y, bytes, workgroup: WORKGROUP, grid, workgroupBytes: 0 });
}

const coordsType = (rank: number): string => `array<u32, ${Math.max(rank, 1)}>`;

/** `fn source(p) -> q`: the index in x that a movement brings to index p of y. */
function movementSource(movement: Movement, xDims: Dims, yDims: Dims): string {
  const sums: string[][] = movement.start.map((start) => (start === 0 ? [] : [`${start}u`]));
  for (const { extent, x, y } of movement.loops) {
    if (!x || extent === 1) continue;
    const whole = y.step * extent === yDims[y.axis];
    const shifted = y.step === 1 ? `p[${y.axis}]` : `p[${y.axis}] / ${y.step}u`;
    const digit = whole ? shifted : `${shifted} % ${extent}u`;
    sums[x.axis].push(x.step === 1 ? digit : `(${digit}) * ${wrapped(x.step)}u`);
  }
  return sourceFunction(
    xDims,
    yDims,
    sums.map((terms) => terms.join(' + ') || '0u'),
  );
}

/** `fn source(p) -> q`: the index in x of the element with the same row-major number as p's in y. */
function sequenceSource(xDims: Dims, yDims: Dims): string {
  const yStrides = stridesOf(yDims);
  const flat = yStrides.map((stride, axis) => `p[${axis}] * ${stride}u`).join(' + ') || '0u';
  const xStrides = stridesOf(xDims);
  const values = xDims.map(
    (dim, axis) => `(${flat}) / ${Math.max(xStrides[axis], 1)}u % ${Math.max(dim, 1)}u`,
  );
  return sourceFunction(xDims, yDims, sizeOf(xDims) === 0 ? xDims.map(() => '0u') : values);
}

function sourceFunction(xDims: Dims, yDims: Dims, values: readonly string[]): string {
  const q = coordsType(xDims.length);
  const items = values.length > 0 ? values.join(', ') : '0u';
  return `fn source(p: ${coordsType(yDims.length)}) -> ${q} { return ${q}(${items}); }\n`;
}
