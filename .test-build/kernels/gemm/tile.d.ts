/**
 * The tiled matrix product that matrix products and implicit-GEMM convolutions share: Y = R * C, where R is rows x depth
 * and C is depth x cols. What R and C are is up to the loaders that are put in front of the text here.
 *
 * Method: the classic register-blocked SGEMM (Volkov and Demmel, SC 2008; CUTLASS's SIMT kernels). A workgroup makes a
 * tile of Y and walks the depth in steps; each step's pieces of R and C go through registers into workgroup memory, the
 * loads of the next step being under way while this one is multiplied. Each invocation keeps a block of
 * 8x8 (or 4x4) sums, as two (one) groups of four neighbouring rows by two (one) groups of four neighbouring columns,
 * so that its reads of workgroup memory are vectors without bank conflicts.
 *
 * A loader moves blocks of four rows (or columns) by four depths: four vec4 loads, along whichever of the two is
 * contiguous in memory, transposed in registers if that is the depth. The names that it has to declare:
 * `RowState`, `row_setup(first, batch) -> RowState`, `row_load(state, k, batch) -> Block`, and the same with `col`.
 * Beyond DEPTH it returns zeros; beyond ROWS and COLS anything. `store(batch, row, col, v)` takes four
 * neighbouring columns of a row and leaves out what is beyond ROWS and COLS.
 */
import type { GpuLimits } from '../../devices/gpu.js';
/** A workgroup's share of a product. */
export interface Tile {
    readonly rows: number;
    readonly cols: number;
    /** Depth of one step. */
    readonly depth: number;
    /** Each invocation computes micro x micro sums. */
    readonly micro: 4 | 8;
    /**
     * Estimated share of the device's arithmetic rate that full occupancy reaches: orders the candidates, and nothing
     * more, for measuring decides.
     */
    readonly efficiency: number;
}
/** Tiles in use, largest first. Any other that `tileRefusal` lets pass is right too. */
export declare const TILES: readonly Tile[];
/** Invocations per workgroup. */
export declare function tileThreads({ rows, cols, micro }: Tile): number;
/** Bytes of workgroup memory. */
export declare function tileBytes({ rows, cols, depth }: Tile): number;
/** Why a tile cannot be used on a device, or undefined. */
export declare function tileRefusal(tile: Tile, limits: GpuLimits): string | undefined;
/** A tile's part of a kernel id. */
export declare function tileTag({ rows, cols, depth, micro }: Tile): string;
/** Sizes of a tiled product. */
export interface Product {
    readonly rows: number;
    readonly cols: number;
    readonly depth: number;
    /** Independent products, numbered by `batch`. */
    readonly batches: number;
}
export interface TiledConfig extends Product {
    readonly tile: Tile;
    /** Parts that the depth is split into, each making partial sums; see `partialSums`. 1 for the plain kernel. */
    readonly parts: number;
    /** Whether neighbouring invocations of the row (column) loader load neighbouring depths. */
    readonly rowDepthFastest: boolean;
    readonly colDepthFastest: boolean;
    readonly maxGrid: number;
}
/** The pieces that a kernel puts together: constants, then its own declarations, then `main`. */
export interface TiledText {
    readonly constants: string;
    readonly body: string;
    readonly workgroup: readonly [number, number, number];
    readonly grid: readonly [number, number, number];
    readonly workgroupBytes: number;
}
/** The tiled product of a config. */
export declare function tiledProduct(config: TiledConfig): TiledText;
/** What loaders and both kernels share; goes in front of the loaders. */
export declare const BLOCK_TEXT = "\n// Four rows or columns by four depths: at[i] holds depth k + i.\nstruct Block { d0: vec4<f32>, d1: vec4<f32>, d2: vec4<f32>, d3: vec4<f32> }\n\nfn transposed(a: vec4<f32>, b: vec4<f32>, c: vec4<f32>, d: vec4<f32>) -> Block {\n  return Block(\n    vec4<f32>(a.x, b.x, c.x, d.x),\n    vec4<f32>(a.y, b.y, c.y, d.y),\n    vec4<f32>(a.z, b.z, c.z, d.z),\n    vec4<f32>(a.w, b.w, c.w, d.w),\n  );\n}\n";
