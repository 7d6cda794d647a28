/** A tensor as a kernel sees it: logical dims, a place for every element, and the type it is stored in. */
import { GPU_TYPE_BYTES, type GpuType } from '../devices/gpu.js';
import { layoutStrides, offsetOf, physicalSize, sizeOf, type Dims, type Layout } from '../tensor/index.js';

export interface TensorView {
  /** Logical dims: [N, C, H, W] whatever the layout. */
  readonly dims: Dims;
  readonly layout: Layout;
  readonly type: GpuType;
  /** The larger tensor of the same layout that this is a part of, and the part's first index: concat, split. */
  readonly within?: { readonly dims: Dims; readonly origin: readonly number[] };
}

/** Strides of the logical axes in elements; see `layoutStrides` for blocked axes. */
export function viewStrides(view: TensorView): number[] {
  return layoutStrides(view.layout, view.within?.dims ?? view.dims);
}

/** Offset of the view's first element. */
export function viewOffset(view: TensorView): number {
  return view.within ? offsetOf(view.layout, view.within.dims, view.within.origin) : 0;
}

/** Elements of memory that the view's tensor (the larger one, for a part) takes. */
export function viewSize(view: TensorView): number {
  return physicalSize(view.layout, view.within?.dims ?? view.dims);
}

/** Elements between neighbours when axes are walked together, the last one fastest; undefined where that varies. */
export function viewStep(view: TensorView, axes: readonly number[]): number | undefined {
  const strides = viewStrides(view);
  const long = axes.filter((axis) => view.dims[axis] > 1);
  const last = long.at(-1);
  if (last === undefined) return 0;
  let expected = strides[last];
  for (const axis of [...long].reverse()) {
    if (strides[axis] !== expected) return undefined;
    expected *= view.dims[axis];
  }
  return strides[last];
}

/** Bytes of the tensor's elements, each once, padding not counted: ideal traffic. */
export function idealBytes(view: TensorView): number {
  return sizeOf(view.dims) * GPU_TYPE_BYTES[view.type];
}

/** Whether the view's elements lie without gaps. */
export function isDense(view: TensorView): boolean {
  return viewSize(view) === physicalSize(view.layout, view.dims);
}
