/** The contract between the blocked algorithms and the two sets of inner loops (WebAssembly SIMD, plain JavaScript). */
/** Floats in a row of a copied-in block, without its padding: the deepest piece of K that one kernel call reduces. */
export declare const maxDepth = 512;
/**
 * Bytes from one row of a copied-in block of A to the next. A constant, because it then becomes an
 * immediate offset of the loads; 16 floats more than `maxDepth`, so that the rows of a tile do not share L1 sets.
 */
export declare const rowBytes: number;
/**
 * Inner loops over one scratch memory. Addresses are bytes from its start and multiples of 4; every count may be 0.
 *
 * The scratch is separate from the caller's arrays since WebAssembly reads its own memory only. Packing has to copy the
 * operands anyway (Goto & van de Geijn 2008, section 4), so the copy is not extra work, and nobody's tensors have to
 * live in a memory that can neither shrink nor be shared with WebGPU. Only one call uses the scratch at a time, and
 * nothing in it outlives the call.
 */
export interface Kernels {
    readonly name: 'wasm-simd' | 'js';
    /** Grows the scratch to at least `bytes`; earlier views become invalid when it does. */
    readonly reserve: (bytes: number) => void;
    /** The scratch as floats: read it after {@link reserve}. */
    readonly f32: Float32Array;
    /** The scratch as integers: read it after {@link reserve}. */
    readonly i32: Int32Array;
    readonly multiply4x8: MultiplyTiles;
    /** As {@link multiply4x8}, with tiles of 1 x 16 (so `bTile` = 64 when not packed): for few rows of A. */
    readonly multiply1x16: MultiplyTiles;
    readonly dot4x2: DotTiles;
    /** As {@link dot4x2}, with tiles of 1 x 4: for few rows of A. */
    readonly dot1x4: DotTiles;
    /**
     * Packs `rows` rows of 8·`tiles` floats into column tiles: floats 8t to 8t+7 of row r go to `dst + t·tileBytes + 32r`.
     */
    readonly packTiles: (src: number, dst: number, rows: number, srcRow: number, tiles: number, tileBytes: number) => void;
    /**
     * Copies `rows` rows of `cols` floats, taking every `stride`-th float of the source. Rows start `srcRow` bytes apart
     * in the source and `dstRow` bytes apart in the target. May read up to 7 floats too far, but writes exactly.
     */
    readonly spreadRows: (src: number, dst: number, rows: number, cols: number, srcRow: number, dstRow: number, stride: number) => void;
    /**
     * Direct convolution of one output channel: for each of `rows` x `cols` outputs, the sum of `taps` products. The table
     * holds pairs (i32 byte offset from the output's place in `src`, f32 weight). The result at `dst` is contiguous; may
     * read and write up to 7 floats past the last row. A row of outputs is `srcRow` bytes after the last in `src`.
     */
    readonly convolveTaps: (src: number, table: number, taps: number, dst: number, rows: number, cols: number, srcRow: number, bias: number) => void;
    /** `min(max(x, low), high)` in place over `quads`·4 floats; NaN stays NaN. */
    readonly clamp: (at: number, quads: number, low: number, high: number) => void;
}
/**
 * `C += A·B` over `tilesM` x `tilesN` register tiles of 4 x 8. A is rows of {@link rowBytes}. B consists of column tiles
 * `bTile` bytes apart, in which each of the `depth` rows lies `bRow` bytes after the last (packed: `bTile` = 32·K, `bRow`
 * = 32; not packed: `bTile` = 32, `bRow` = the row's bytes). C is rows of `cRow` bytes.
 */
export type MultiplyTiles = (a: number, b: number, c: number, tilesM: number, tilesN: number, depth: number, bTile: number, bRow: number, cRow: number) => void;
/**
 * `C += A·Bᵀ` over `tilesM` x `tilesN` tiles of 4 x 2 dot products, each `quads`·4 floats long. A is rows of
 * {@link rowBytes}, Bᵀ rows of `bRow` bytes, C rows of `cRow` bytes.
 */
export type DotTiles = (a: number, b: number, c: number, tilesM: number, tilesN: number, quads: number, bRow: number, cRow: number) => void;
