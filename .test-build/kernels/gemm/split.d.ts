/**
 * Splitting the depth of a tiled product (split-K) where its output has too few tiles to fill the device: every part
 * writes partial sums to scratch memory, and a second kernel adds them and does what `store` does.
 */
import type { KernelSource } from '../../devices/gpu.js';
import type { Product } from './tile.js';
/** Bytes of the partial sums, always f32: rows of whole vec4, by batch, by part. */
export declare function partialBytes({ rows, cols, batches }: Product, parts: number): number;
/** The `store` of a product in parts; `batch` counts the batches of all parts. */
export declare const STORE_PARTIAL = "\nfn store(batch: u32, row: u32, col: u32, v: vec4<f32>) {\n  if (row >= ROWS || col >= COLS) { return; }\n  partial[(batch * ROWS + row) * ((COLS + 3u) / 4u) + col / 4u] = v;\n}\n";
/** The kernel that adds the parts, but for its text's declarations. */
export declare function reduceText({ rows, cols, batches }: Product, parts: number, maxGrid: number): {
    constants: string;
    body: string;
} & Pick<KernelSource, 'workgroup' | 'grid'>;
