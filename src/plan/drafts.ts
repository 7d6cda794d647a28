/** Tensors of a plan while it is being made, before they have memory. */
import { gpuTypeOf } from '../candidates/candidate.js';
import { GPU_TYPE_BYTES, type GpuType } from '../devices/gpu.js';
import type { Constant, Value } from '../graph/index.js';
import type { TensorView } from '../kernels/view.js';
import {
  physicalSize,
  rowMajor,
  samePlacement,
  sizeOf,
  type DType,
  type Dims,
  type Layout,
} from '../tensor/index.js';

/** A tensor before memory is assigned. It is a view, so that kernels can be made for it. */
export interface Draft extends TensorView {
  readonly name: string;
  readonly dtype: DType;
  /** Bytes in memory; for a part, those of the whole. */
  readonly bytes: number;
  readonly constant: Constant | undefined;
  /** The preparation that fills it, in memory that is not the arena's. */
  readonly preparation?: number;
  /** The draft whose memory it is: itself, unless it is another view or a part of it. */
  readonly root: number;
  /** Bytes from the beginning of that memory. */
  readonly offset: number;
}

/** The drafts of a plan, and in which forms each value is in memory. */
export class DraftTable {
  readonly #drafts: Draft[] = [];
  /** Every form in which a value is in memory so far; the first is the one it was computed in. */
  readonly #forms = new Map<Value, number[]>();

  get all(): readonly Draft[] {
    return this.#drafts;
  }

  at(index: number): Draft {
    return this.#drafts[index];
  }

  /** A tensor of its own for a value. */
  add(value: Value, layout: Layout, type: GpuType): number {
    const { dtype, dims } = value.type;
    const bytes = bytesIn(layout, dims, type);
    const root = this.#drafts.length;
    return this.#push(value, {
      name: value.name,
      dtype,
      type,
      dims,
      layout,
      bytes,
      constant: value.constant,
      root,
      offset: 0,
    });
  }

  /** A value that is `source`'s memory under other dims. */
  addAlias(value: Value, layout: Layout, source: number): number {
    const { dtype, dims } = value.type;
    const { type, bytes, constant, root, offset } = this.#drafts[source];
    const own = { name: value.name, dtype, type, dims, layout, bytes, constant, root };
    return this.#push(value, { ...own, offset });
  }

  /** A value that is a piece of `source`'s memory. @param offset bytes from the beginning of `source` */
  addSlice(value: Value, layout: Layout, source: number, offset: number): number {
    const { dtype, dims } = value.type;
    const { type, constant, root, offset: start } = this.#drafts[source];
    const bytes = bytesIn(layout, dims, type);
    // Behind the last element there is no word left to bind for an empty piece.
    const begin = sizeOf(dims) === 0 ? start : start + offset;
    return this.#push(value, {
      name: value.name,
      dtype,
      type,
      dims,
      layout,
      bytes,
      constant,
      root,
      offset: begin,
    });
  }

  /** A value that is a part of `whole`, from the index `origin` on; `layout` places the whole as its own does. */
  addPart(value: Value, whole: number, origin: readonly number[], layout: Layout): number {
    const { type, dims, bytes, root, offset } = this.#drafts[whole];
    const own = { name: value.name, dtype: value.type.dtype, dims: value.type.dims };
    return this.#push(value, {
      ...own,
      type,
      layout,
      bytes,
      constant: undefined,
      root,
      offset,
      within: { dims, origin },
    });
  }

  /** Memory for one step; or, with the number of a preparation, what that fills. */
  addScratch(name: string, bytes: number, preparation?: number): number {
    const root = this.#drafts.length;
    const dims = [Math.ceil(bytes / 4)];
    this.#drafts.push({
      name,
      dtype: 'f32',
      type: 'f32',
      dims,
      layout: rowMajor(1),
      bytes,
      constant: undefined,
      ...(preparation !== undefined && { preparation }),
      root,
      offset: 0,
    });
    return root;
  }

  /** The value's tensor in a layout and type, if it is in memory so. */
  find(value: Value, layout: Layout, type: GpuType): number | undefined {
    return this.#forms.get(value)?.find((index) => {
      const draft = this.#drafts[index];
      return draft.type === type && samePlacement(draft.layout, layout, draft.dims);
    });
  }

  /** The form that the value was computed in. */
  original(value: Value): number | undefined {
    return this.#forms.get(value)?.[0];
  }

  #push(value: Value, draft: Draft): number {
    const index = this.#drafts.push(draft) - 1;
    this.#forms.set(value, [...(this.#forms.get(value) ?? []), index]);
    return index;
  }
}

/** How a value is stored at the network's ends: as the model has it, whatever the storage between. */
export function plainType(value: Value): GpuType {
  return gpuTypeOf(value.type.dtype, 'f32');
}

/** Bytes of a dense tensor; a binding covers at least one word. */
function bytesIn(layout: Layout, dims: Dims, type: GpuType): number {
  return Math.max(physicalSize(layout, dims) * GPU_TYPE_BYTES[type], 4);
}
