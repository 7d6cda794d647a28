/**
 * Where the operands of an element-wise kernel lie while it walks its output in the order of the output's memory.
 * An operand's walk is a list of steps, one per physical axis of the output, of which neighbours are merged wherever
 * one stride serves both: a tensor like the output ends as a single step of stride 1, a bias per channel of an NCHW
 * tensor as [C, stride 1][H·W, stride 0] (the batch in front adds nothing). Layouts come in only here.
 */
import type { Dims } from '../../tensor/index.js';
import { viewOffset, viewStrides, type TensorView } from '../view.js';

/** What is read for each element of an output. */
export interface Operand {
  /** Its dims broadcast to the output's, aligned from the last axis; layouts of its own rank. */
  readonly view: TensorView;
  /** An output axis of which `size` neighbours share an element: index i reads i / size. */
  readonly groups?: { readonly axis: number; readonly size: number } | undefined;
}

/** A stretch of the walk: `extent` positions, `stride` elements apart, `repeat` of them at one place in a row. */
interface Step {
  readonly extent: number;
  readonly stride: number;
  readonly repeat: number;
}

/** An operand's way through its buffer. */
export interface Walk {
  /** Outermost first. */
  readonly steps: readonly Step[];
  readonly offset: number;
  /** The last element, where the walk over a blocked output's padding would leave the operand. */
  readonly last: number | undefined;
}

/** How four neighbouring elements of the output find theirs. */
export type Access = 'vector' | 'splat' | 'gather';

/** The walk of an operand (the output itself included) over an output. */
export function walkOf({ view, groups }: Operand, output: TensorView): Walk {
  const strides = viewStrides(view);
  const shift = output.dims.length - view.dims.length;
  const own = view.layout.block;
  const { order, block } = output.layout;
  const steps: Step[] = [];
  let inner: Step | undefined;
  let last: number | undefined;
  for (const axis of order) {
    const at = axis - shift;
    const blocked = own !== undefined && own.axis === at;
    // A single channel of a blocked tensor is walked with its padding, like its output's.
    const single = at < 0 || (view.dims[at] === 1 && (output.dims[axis] !== 1 || !blocked));
    const stride = single ? 0 : strides[at];
    const extent = output.dims[axis];
    if (block?.axis !== axis) {
      if (blocked && !single) throw new TypeError(`${view.layout.name} is read for ${output.layout.name}`);
      steps.push({ extent, stride, repeat: groups?.axis === axis ? groups.size : 1 });
      continue;
    }
    if (groups?.axis === axis) throw new TypeError(`groups lie across the blocks of ${output.layout.name}`);
    const count = Math.ceil(extent / block.size);
    if (!single && !blocked && extent % block.size !== 0)
      last = viewOffset(view) + lastElement(view.dims, strides);
    steps.push({ extent: count, stride: blocked || single ? stride : stride * block.size, repeat: 1 });
    inner = { extent: block.size, stride: single ? 0 : blocked ? 1 : stride, repeat: 1 };
  }
  return { steps: merge(inner ? [...steps, inner] : steps), offset: viewOffset(view), last };
}

function lastElement(dims: Dims, strides: readonly number[]): number {
  return dims.reduce((sum, dim, axis) => sum + (dim - 1) * strides[axis], 0);
}

/** Joins neighbours that one stride serves; drops steps of one position. */
function merge(steps: readonly Step[]): Step[] {
  const merged: Step[] = [];
  for (const step of [...steps].reverse()) {
    if (step.extent === 1) continue;
    const [inner] = merged;
    if (inner && inner.repeat === 1 && step.repeat === 1 && step.stride === inner.stride * inner.extent) {
      merged[0] = { ...inner, extent: inner.extent * step.extent };
    } else {
      merged.unshift(step);
    }
  }
  return merged;
}

/** How four neighbours, of which the first is divisible by four, are read at best. */
export function accessOf({ steps, offset, last }: Walk): Access {
  const inner = steps.at(-1);
  if (steps.every(({ stride }) => stride === 0)) return 'splat';
  if (!inner || inner.extent % 4 !== 0 || last !== undefined) return 'gather';
  if (inner.stride === 0) return 'splat';
  const aligned = offset % 4 === 0 && steps.slice(0, -1).every(({ stride }) => stride % 4 === 0);
  return inner.stride === 1 && inner.repeat === 1 && aligned ? 'vector' : 'gather';
}

/**
 * Where an element lies, as an expression of its position in the walk, a u32 named by `index`.
 * @param access of whole groups of four, of which `index` counts: an address in groups (`vector`), or of the one
 * element that all four share (`splat`); `gather` for single elements
 */
export function addressOf({ steps, offset, last }: Walk, access: Access, index: string): string {
  const unit = access === 'vector' ? 4 : 1;
  const terms: string[] = offset > 0 ? [`${offset / unit}u`] : [];
  let below = 1;
  for (const [place, { extent, stride, repeat }] of [...steps.entries()].reverse()) {
    const innermost = place === steps.length - 1;
    const positions = innermost && access !== 'gather' ? extent / 4 : extent;
    const step = innermost && access === 'vector' ? 1 : stride / unit;
    if (stride !== 0) {
      // Division and remainder by constants: compilers make them multiplications.
      const above = below === 1 ? index : `${index} / ${below}u`;
      const position = place === 0 ? above : `${above} % ${positions}u`;
      const grouped = repeat === 1 ? position : `(${position}) / ${repeat}u`;
      terms.push(step === 1 ? `(${grouped})` : `(${grouped}) * ${step}u`);
    }
    below *= positions;
  }
  const sum = terms.length > 0 ? terms.join(' + ') : '0u';
  return last === undefined ? sum : `min(${sum}, ${last}u)`;
}
