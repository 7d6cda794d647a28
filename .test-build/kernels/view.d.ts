/** A tensor as a kernel sees it: logical dims, a place for every element, and the type it is stored in. */
import { type GpuType } from '../devices/gpu.js';
import { type Dims, type Layout } from '../tensor/index.js';
export interface TensorView {
    /** Logical dims: [N, C, H, W] whatever the layout. */
    readonly dims: Dims;
    readonly layout: Layout;
    readonly type: GpuType;
    /** The larger tensor of the same layout that this is a part of, and the part's first index: concat, split. */
    readonly within?: {
        readonly dims: Dims;
        readonly origin: readonly number[];
    };
}
/** Strides of the logical axes in elements; see `layoutStrides` for blocked axes. */
export declare function viewStrides(view: TensorView): number[];
/** Offset of the view's first element. */
export declare function viewOffset(view: TensorView): number;
/** Elements of memory that the view's tensor (the larger one, for a part) takes. */
export declare function viewSize(view: TensorView): number;
/** Bytes of the tensor's elements, each once, padding not counted: ideal traffic. */
export declare function idealBytes(view: TensorView): number;
/** Whether the view's elements lie without gaps. */
export declare function isDense(view: TensorView): boolean;
