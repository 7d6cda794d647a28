/**
 * What goes in front of a kernel's fixed WGSL body: constants, type aliases, bindings and index functions. A body
 * is written against these names and never glued together from pieces, so that it reads as WGSL.
 */
import type { GpuType, KernelBinding } from '../devices/gpu.js';
import type { Layout } from '../tensor/index.js';
import { type TensorView } from './view.js';
/** `n, c, h, w` for rank 4; `i0, i1, ...` for ranks above 5. */
export declare function axisNames(rank: number): readonly string[];
/**
 * Constants: whole numbers become u32, others f32; booleans stay booleans.
 * Wrap in `{ f32: 2 }` or `{ i32: -1 }` to choose the type.
 */
export declare function constants(values: Readonly<Record<string, number | boolean | {
    readonly f32: number;
} | {
    readonly i32: number;
}>>): string;
/** An f32 literal; infinities, which WGSL has no words for, become the largest finite number. */
export declare function floatLiteral(value: number): string;
/** `alias Scalar = f16;` and the `enable` that f16 needs must come first: see `kernelText`. */
export declare function alias(name: string, type: string): string;
/** Storage bindings in order, each `array<element>`: group 0, binding = position. */
export declare function bindings(list: readonly (KernelBinding & {
    readonly element: string;
})[]): string;
/**
 * `fn NAME_index(n: u32, c: u32, h: u32, w: u32) -> u32`: where the element at a logical index lies in the
 * view's buffer, in units of `unit` elements (4 for buffers of vec4; the innermost stride must be 1 and every
 * other stride and the offset divisible by it).
 */
export declare function indexFunction(name: string, view: TensorView, unit?: number): string;
/** The expression of `indexFunction` for given coordinate expressions, each of type u32. */
export declare function indexExpression(view: TensorView, coordinates: readonly string[], unit?: number): string;
/**
 * `fn NAME_coords(i: u32) -> array<u32, RANK>`: the logical index of the i-th element when the view's dims are
 * walked in the layout's order, innermost fastest, so that neighbouring invocations touch neighbouring memory.
 * A blocked layout is walked with its blocks' elements innermost, over the padded extent: check `< dim` then.
 */
export declare function coordsFunction(name: string, view: TensorView): string;
/** `fn NAME_at(p: array<u32, RANK>) -> u32`: `indexFunction` for an index kept in an array. */
export declare function atFunction(name: string, view: TensorView): string;
/** The whole module: `enable`s, the generated prelude, then the fixed body. */
export declare function kernelText(types: readonly GpuType[], prelude: readonly string[], body: string): string;
/** Invocations per workgroup of kernels that have no reason for another number. */
export declare const WORKGROUP = 256;
/**
 * A grid of at least `count` workgroups that keeps every dimension within the device's limit, and the constant
 * that the body needs to undo the fold: `let group = wid.x + wid.y * GRID_X;`.
 */
export declare function foldedGrid(count: number, maxGrid: number): {
    grid: [number, number, number];
    gridX: number;
};
/** A layout's part of a kernel id: its name in lower case. */
export declare function layoutTag(layout: Layout): string;
