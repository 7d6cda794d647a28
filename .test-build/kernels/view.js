/** A tensor as a kernel sees it: logical dims, a place for every element, and the type it is stored in. */
import { GPU_TYPE_BYTES } from '../devices/gpu.js';
import { layoutStrides, offsetOf, physicalSize, sizeOf } from '../tensor/index.js';
/** Strides of the logical axes in elements; see `layoutStrides` for blocked axes. */
export function viewStrides(view) {
    return layoutStrides(view.layout, view.within?.dims ?? view.dims);
}
/** Offset of the view's first element. */
export function viewOffset(view) {
    return view.within ? offsetOf(view.layout, view.within.dims, view.within.origin) : 0;
}
/** Elements of memory that the view's tensor (the larger one, for a part) takes. */
export function viewSize(view) {
    return physicalSize(view.layout, view.within?.dims ?? view.dims);
}
/** Bytes of the tensor's elements, each once, padding not counted: ideal traffic. */
export function idealBytes(view) {
    return sizeOf(view.dims) * GPU_TYPE_BYTES[view.type];
}
/** Whether the view's elements lie without gaps. */
export function isDense(view) {
    return viewSize(view) === physicalSize(view.layout, view.dims);
}
//# sourceMappingURL=view.js.map