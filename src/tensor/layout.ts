/**
 * How the elements of a tensor lie in memory: an order of its logical axes, and at most one axis cut into blocks
 * whose elements lie innermost. Kept as data, after oneDNN's memory descriptors. Logical dims never change:
 * a 4-D tensor has dims [N, C, H, W] in every layout.
 */
import { ShapeError } from '../errors.js';
import { sizeOf, stridesOf, type Dims } from './shape.js';

export interface Layout {
  /** `NCHW`, `NHWC`, `CHWN`, `NCHW4c`; of other ranks the same idea: `NCW`, `NDHWC`, `CN`. */
  readonly name: string;
  /** Logical axes from outermost to innermost. */
  readonly order: readonly number[];
  /** The axis cut into blocks, and a block's size; the last block is padded with zeros. */
  readonly block?: { readonly axis: number; readonly size: number };
}

/** The families of layouts that a policy may choose from. */
export const LAYOUT_KINDS = ['nchw', 'nhwc', 'chwn', 'nchw4c'] as const;
export type LayoutKind = (typeof LAYOUT_KINDS)[number];

/** Letters of the logical axes, by rank; ranks without batch and channels have none. */
const LETTERS: Readonly<Record<number, string>> = { 2: 'NC', 3: 'NCW', 4: 'NCHW', 5: 'NCDHW' };

/**
 * The layout of a kind for tensors of a rank. Tensors without both batch and channels (ranks 0, 1 and above 5)
 * have only the row-major one.
 */
export function layoutOf(kind: LayoutKind, rank: number): Layout {
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  const letters = LETTERS[rank];
  if (!letters) return { name: 'row', order: axes };
  const [n, c, ...spatial] = axes;
  switch (kind) {
    case 'nchw':
      return named(letters, axes);
    case 'nhwc':
      return named(letters, [n, ...spatial, c]);
    case 'chwn':
      return named(letters, [c, ...spatial, n]);
    case 'nchw4c':
      return { ...named(letters, axes), name: `${letters}4c`, block: { axis: 1, size: 4 } };
  }
}

function named(letters: string, order: readonly number[]): Layout {
  return { name: order.map((axis) => letters[axis]).join(''), order };
}

/** The plain row-major layout of a rank. */
export function rowMajor(rank: number): Layout {
  return layoutOf('nchw', rank);
}

/** A layout by its axis order alone, named by the axes: for weights, `order [2, 3, 1, 0]` is HWIO of OIHW. */
export function permutedLayout(name: string, order: readonly number[]): Layout {
  const sorted = [...order].sort((a, b) => a - b);
  if (sorted.some((axis, i) => axis !== i)) {
    throw new ShapeError(`[${order.join(', ')}] is not an order of axes`, {
      remedy: 'Name every axis once.',
    });
  }
  return { name, order };
}

/** Dims in memory, outermost first: those of the order, the blocked axis counting blocks, then the block. */
export function physicalDims(layout: Layout, dims: Dims): number[] {
  const { block } = layout;
  const outer = layout.order.map((axis) =>
    block?.axis === axis ? Math.ceil(dims[axis] / block.size) : dims[axis],
  );
  return block ? [...outer, block.size] : outer;
}

/** Elements in memory, the padding of a blocked axis included. */
export function physicalSize(layout: Layout, dims: Dims): number {
  return sizeOf(physicalDims(layout, dims));
}

/**
 * Strides of the logical axes in elements. For the blocked axis it is the stride from block to block; within a
 * block the stride is 1.
 */
export function layoutStrides(layout: Layout, dims: Dims): number[] {
  const physical = stridesOf(physicalDims(layout, dims));
  const strides = new Array<number>(dims.length);
  for (const [place, axis] of layout.order.entries()) strides[axis] = physical[place];
  return strides;
}

/** Where the element at a logical index lies. */
export function offsetOf(layout: Layout, dims: Dims, index: readonly number[]): number {
  const strides = layoutStrides(layout, dims);
  let offset = 0;
  for (const [axis, position] of index.entries()) {
    const { block } = layout;
    if (block?.axis === axis) {
      offset += Math.floor(position / block.size) * strides[axis] + (position % block.size);
    } else {
      offset += position * strides[axis];
    }
  }
  return offset;
}

/** Whether two layouts of a tensor put every element at the same place, so that no transform is needed. */
export function samePlacement(a: Layout, b: Layout, dims: Dims): boolean {
  if (a.block || b.block) {
    const sameBlock = a.block?.axis === b.block?.axis && a.block?.size === b.block?.size;
    return sameBlock && a.order.every((axis, place) => axis === b.order[place]);
  }
  const significant = (layout: Layout): number[] => layout.order.filter((axis) => dims[axis] !== 1);
  const inB = significant(b);
  return significant(a).every((axis, place) => axis === inB[place]);
}

/**
 * Copies a dense tensor from one layout to another on the host.
 * @param source elements in layout `from`, of length physicalSize(from, dims)
 * @param target receives them in layout `to`; padding of a blocked axis is left as it is (zero it first)
 */
export function convertLayout<T extends { [index: number]: number | bigint }>(
  source: T,
  target: T,
  dims: Dims,
  from: Layout,
  to: Layout,
): void {
  const rank = dims.length;
  if (rank === 0) {
    target[0] = source[0];
    return;
  }
  if (sizeOf(dims) === 0) return;
  const read = axisOffsets(from, dims);
  const write = axisOffsets(to, dims);
  const innerRead = read[rank - 1];
  const innerWrite = write[rank - 1];
  const copy = (axis: number, sourceStart: number, targetStart: number): void => {
    if (axis === rank - 1) {
      for (let i = 0; i < innerRead.length; i++) {
        target[targetStart + innerWrite[i]] = source[sourceStart + innerRead[i]];
      }
      return;
    }
    for (let i = 0; i < dims[axis]; i++)
      copy(axis + 1, sourceStart + read[axis][i], targetStart + write[axis][i]);
  };
  copy(0, 0, 0);
}

/** What each index of each axis adds to an element's offset: blocks included, so that a walk only adds. */
function axisOffsets(layout: Layout, dims: Dims): Float64Array[] {
  const strides = layoutStrides(layout, dims);
  return dims.map((dim, axis) => {
    const size = layout.block?.axis === axis ? layout.block.size : 1;
    return Float64Array.from({ length: dim }, (_, i) => Math.floor(i / size) * strides[axis] + (i % size));
  });
}
