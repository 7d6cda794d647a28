/**
 * A movement between two placements as strides: loops with a stride in x and one in y, merged until no two loops
 * that follow one another on both sides are left (section IV.C of the paper: a 4-D permutation becomes a batched
 * 2-D transpose). Four elements that lie together in x or y (a block of channels, or a shared innermost run) are
 * taken out as the `quad`: the loops then count quads.
 */
import { offsetOf } from '../../tensor/index.js';
import { viewOffset, viewSize, viewStrides, type TensorView } from '../view.js';
import type { MoveLoop, Movement, Walk } from './movement.js';

export interface StridedLoop {
  readonly extent: number;
  /** Distance in elements of x from one turn to the next: 0 repeats, negative walks backwards. */
  readonly x: number;
  readonly y: number;
}

/** Four elements moved together. */
export interface Quad {
  readonly x: number;
  readonly y: number;
  /** Of how many elements only those are real; the rest is a block's padding. */
  readonly limit?: {
    readonly extent: number;
    /** The loop that counts the blocks; undefined where there is but one. */
    readonly loop: number | undefined;
    /** Whether a side's memory holds the padding too, so that whole quads can be read and written there. */
    readonly padded: { readonly x: boolean; readonly y: boolean };
  };
}

export interface Strided {
  /** Outermost in y first. */
  readonly loops: readonly StridedLoop[];
  readonly quad: Quad | undefined;
  /** Offsets of the first elements. */
  readonly xStart: number;
  readonly yStart: number;
}

/** Elements of a quad, and the only block size that is taken apart. */
const QUAD = 4;

interface Draft extends StridedLoop {
  /** Counts the blocks of the quad's limit: must stay apart. */
  readonly counts: boolean;
}

/** The strided form, or undefined where a block's boundary cuts a loop. */
export function stridedForm(movement: Movement, x: TensorView, y: TensorView): Strided | undefined {
  const cut = cutBlocks(movement, x, y);
  if (!cut) return undefined;
  const xDims = x.within?.dims ?? x.dims;
  const first = movement.start.map((start, axis) => start + (x.within?.origin[axis] ?? 0));
  const xStart = offsetOf(x.layout, xDims, first);
  const yStart = viewOffset(y);
  const xStrides = viewStrides(x);
  const yStrides = viewStrides(y);
  const drafts = cut.loops.map((loop): Draft => ({
    extent: loop.extent,
    x: strideIn(x, xStrides, loop.x),
    y: strideIn(y, yStrides, loop.y),
    counts: loop === cut.counter,
  }));
  const loops = merge(drafts);
  if (!cut.quad) return sharedQuad({ loops, quad: undefined, xStart, yStart });
  const counter = loops.findIndex(({ counts }) => counts);
  const { quad: taken } = cut;
  const padded = { x: taken.x?.axis === x.layout.block?.axis, y: taken.y.axis === y.layout.block?.axis };
  const quad: Quad = {
    x: strideIn(x, xStrides, taken.x),
    y: strideIn(y, yStrides, taken.y),
    ...(cut.limit === undefined
      ? {}
      : { limit: { extent: cut.limit, loop: counter < 0 ? undefined : counter, padded } }),
  };
  return { loops: loops.map(plain), quad, xStart, yStart };
}

/** The stride of a walk; in blocked axes it goes by whole blocks, or by one within a block. */
function strideIn(view: TensorView, strides: readonly number[], walk: Walk | undefined): number {
  if (!walk) return 0;
  if (view.layout.block?.axis !== walk.axis) return strides[walk.axis] * walk.step;
  return walk.step % QUAD === 0 ? (strides[walk.axis] * walk.step) / QUAD : walk.step;
}

/** Whether y is x's memory as it stands: every element and all padding at its place already. */
export function isAlias(movement: Movement, x: TensorView, y: TensorView): boolean {
  if (x.type !== y.type || x.within || y.within || viewSize(x) !== viewSize(y)) return false;
  const form = stridedForm(movement, x, y);
  return (
    form !== undefined &&
    form.xStart === form.yStart &&
    form.quad?.x === form.quad?.y &&
    form.loops.every((loop) => loop.x === loop.y)
  );
}

interface Cut {
  readonly loops: readonly MoveLoop[];
  readonly quad: { readonly x: Walk | undefined; readonly y: Walk } | undefined;
  /** Real elements along the quad's axis, where its last block is padded. */
  readonly limit: number | undefined;
  /** The loop over the blocks of the limit. */
  readonly counter: MoveLoop | undefined;
}

/** Splits the loops that run through blocks at the blocks' boundaries. */
function cutBlocks(movement: Movement, x: TensorView, y: TensorView): Cut | undefined {
  let loops = movement.loops;
  const xBlock = x.layout.block;
  const yBlock = y.layout.block;
  if ((xBlock && xBlock.size !== QUAD) || (yBlock && yBlock.size !== QUAD)) return undefined;
  if (xBlock && !alignedReads(movement, x, xBlock.axis)) return undefined;
  const inX = xBlock && loops.find(({ extent, x }) => extent > 1 && x?.axis === xBlock.axis && x.step === 1);
  if (!yBlock) {
    if (!inX) return { loops, quad: undefined, limit: undefined, counter: undefined };
    const whole = x.dims[xBlock.axis] === inX.extent;
    return whole || inX.extent % QUAD === 0 ? splitQuad(loops, inX) : undefined;
  }
  if (!alignedWrites(y, yBlock.axis)) return undefined;
  const inY = loops.find(({ extent, y }) => extent > 1 && y.axis === yBlock.axis && y.step === 1);
  if (inX && inX !== inY) {
    // Another axis is blocked in x: its blocks become a loop of their own, which must not be ragged.
    if (inX.extent % QUAD !== 0) return undefined;
    loops = loops.flatMap((loop) => (loop === inX ? [blocksOf(inX), elementsOf(inX)] : [loop]));
  }
  if (inY) {
    const whole = y.dims[yBlock.axis] === inY.extent;
    return whole || inY.extent % QUAD === 0 ? splitQuad(loops, inY) : undefined;
  }
  if (y.dims[yBlock.axis] > 1) return undefined;
  const single = { axis: yBlock.axis, step: 1 };
  const alike = xBlock && x.dims[xBlock.axis] === 1 ? { axis: xBlock.axis, step: 1 } : undefined;
  return { loops, quad: { x: alike, y: single }, limit: 1, counter: undefined };
}

/** Whether reads along a blocked axis begin at a block and go by whole blocks or by single elements. */
function alignedReads(movement: Movement, x: TensorView, axis: number): boolean {
  const steps = movement.loops
    .filter((loop) => loop.x?.axis === axis && loop.extent > 1)
    .map((loop) => loop.x?.step);
  if (steps.every((step) => step !== undefined && step % QUAD === 0)) return true;
  const first = movement.start[axis] + (x.within?.origin[axis] ?? 0);
  return first % QUAD === 0 && steps.every((step) => step === 1 || (step ?? 1) % QUAD === 0);
}

/** Whether a part of a blocked tensor begins at a block, and ends at one or with the tensor. */
function alignedWrites(y: TensorView, axis: number): boolean {
  if (!y.within) return true;
  const first = y.within.origin[axis];
  const end = first + y.dims[axis];
  return first % QUAD === 0 && (end % QUAD === 0 || end === y.within.dims[axis]);
}

function splitQuad(loops: readonly MoveLoop[], loop: MoveLoop): Cut {
  const counter = blocksOf(loop);
  const ragged = loop.extent % QUAD !== 0;
  return {
    loops: loops.map((other) => (other === loop ? counter : other)),
    quad: { x: loop.x, y: loop.y },
    limit: ragged ? loop.extent : undefined,
    counter: ragged ? counter : undefined,
  };
}

function blocksOf({ extent, x, y }: MoveLoop): MoveLoop {
  const byBlock = (walk: Walk): Walk => ({ axis: walk.axis, step: walk.step * QUAD });
  return { extent: Math.ceil(extent / QUAD), x: x && byBlock(x), y: byBlock(y) };
}

function elementsOf({ x, y }: MoveLoop): MoveLoop {
  return { extent: QUAD, x, y };
}

/** Drops loops of one turn, sorts by y, and joins neighbours that continue each other on both sides. */
function merge(drafts: readonly Draft[]): Draft[] {
  const sorted = drafts.filter(({ extent }) => extent !== 1).sort((a, b) => b.y - a.y);
  const merged: Draft[] = [];
  for (const inner of sorted) {
    const outer = merged[merged.length - 1];
    const follows = outer && outer.y === inner.y * inner.extent && outer.x === inner.x * inner.extent;
    if (follows && !outer.counts && !inner.counts) {
      merged[merged.length - 1] = { ...inner, extent: outer.extent * inner.extent };
    } else {
      merged.push(inner);
    }
  }
  return merged;
}

function plain({ extent, x, y }: StridedLoop): StridedLoop {
  return { extent, x, y };
}

/** Takes a quad out of an innermost run that both sides share, if everything else stays aligned to it. */
function sharedQuad(form: Strided): Strided {
  const loops = form.loops.map(plain);
  const at = loops.findIndex(({ x, y, extent }) => x === 1 && y === 1 && extent % QUAD === 0);
  const others = [...loops.flatMap(({ x, y }, i) => (i === at ? [] : [x, y])), form.xStart, form.yStart];
  if (at < 0 || others.some((value) => value % QUAD !== 0)) return { ...form, loops };
  const counted = loops.map((loop, i) =>
    i === at ? { extent: loop.extent / QUAD, x: QUAD, y: QUAD } : loop,
  );
  return { ...form, loops: counted.filter(({ extent }) => extent > 1), quad: { x: 1, y: 1 } };
}
