/** Matrix multiplication in f32 on the CPU. */
import {} from './epilogue.js';
import { multiplyByDots, multiplyFewRows } from './gemm-small.js';
import {} from './kernels.js';
import { copyBlock, transposed } from './matrix.js';
import { multiplyPanel, panelScratch, panelWidth, tileFloats } from './panel.js';
import { layScratch } from './scratch.js';
import { sharedKernels } from './shared-kernels.js';
/** Below this many columns, C is computed transposed: a register tile is 8 columns wide. */
const fewColumns = 8;
/**
 * From this many rows on, packing B pays. Measured at K = 1024: if B's rows are contiguous, it breaks even at 12 to 16
 * rows for N = 1024 and 3136 (and loses 5 to 20 % up to 64 rows for N = 196); if its columns are, at about 128 rows.
 */
const packingRows = { contiguousRows: 16, contiguousColumns: 128 };
/** Rows of B staged at a time on their way into tiles. */
const stagedRows = 8;
/**
 * `C = activation(alpha·A·B + bias)`, accumulated in f32 (relative error about 1e-7·sqrt(k)). NaN and infinities
 * propagate as in IEEE 754: no zero is skipped.
 *
 * Blocking after Goto & van de Geijn 2008, "Anatomy of High-Performance Matrix Multiplication".
 *
 * @param kernels the inner loops; the thread's shared ones if absent.
 * @throws RangeError if a size is not a whole number >= 0 or an array is shorter than its shape.
 */
export function gemm(args, kernels = sharedKernels()) {
    const { m, n, k, a, b, out } = args;
    requireSize('m', m);
    requireSize('n', n);
    requireSize('k', k);
    requireLength('a', a, m * k);
    requireLength('b', b, k * n);
    requireLength('out', out, m * n);
    multiply(kernels, {
        m,
        n,
        k,
        alpha: args.alpha ?? 1,
        a: args.transposeA === true ? transposed(rowMajor(a, m)) : rowMajor(a, k),
        b: args.transposeB === true ? transposed(rowMajor(b, k)) : rowMajor(b, n),
        bias: biasView(args.bias, m, n),
        out: rowMajor(out, n),
        activation: args.activation,
    });
}
function rowMajor(data, cols) {
    return { data, offset: 0, rowStride: cols, colStride: 1 };
}
function biasView(bias, m, n) {
    if (bias === undefined)
        return undefined;
    if (bias.kind === 'scalar')
        return { data: Float32Array.of(bias.value), offset: 0, rowStride: 0, colStride: 0 };
    const { data } = bias;
    requireLength('bias', data, { row: m, column: n, full: m * n }[bias.kind]);
    if (bias.kind === 'row')
        return { data, offset: 0, rowStride: 1, colStride: 0 };
    return { data, offset: 0, rowStride: bias.kind === 'full' ? n : 0, colStride: 1 };
}
function requireSize(what, size) {
    if (!Number.isInteger(size) || size < 0)
        throw new RangeError(`gemm: ${what} is ${size}, not a whole number >= 0`);
}
function requireLength(what, data, length) {
    if (data.length < length)
        throw new RangeError(`gemm: ${what} has ${data.length} elements, its shape needs ${length}`);
}
/** The product over strided views: chooses the method by shape. */
export function multiply(kernels, product) {
    const { m, n } = product;
    if (m === 0 || n === 0)
        return;
    if (n < fewColumns && m > n) {
        multiply(kernels, transposedProduct(product));
        return;
    }
    if (product.b.colStride === 1 && m < packingRows.contiguousRows)
        multiplyFewRows(kernels, product);
    else if (product.b.colStride !== 1 && m < packingRows.contiguousColumns)
        multiplyByDots(kernels, product);
    else
        multiplyPacked(kernels, product);
}
/** Cᵀ = Bᵀ·Aᵀ. */
function transposedProduct(product) {
    return {
        ...product,
        m: product.n,
        n: product.m,
        a: transposed(product.b),
        b: transposed(product.a),
        bias: product.bias && transposed(product.bias),
        out: transposed(product.out),
    };
}
function multiplyPacked(kernels, product) {
    const { m, n, k } = product;
    const width = Math.min(panelWidth(k), Math.ceil(n / 8) * 8);
    const sizes = panelScratch(m, k, width);
    const [b, a, c, staging] = layScratch(kernels, [sizes.b, sizes.a, sizes.c, stagedRows * width]);
    const panel = { ...product, rows: m, depth: k, at: { a, b, c } };
    for (let col = 0; col < n; col += width) {
        const cols = Math.min(width, n - col);
        if (product.b.colStride === 1)
            packRows(kernels, product, col, cols, b, staging);
        else
            packColumns(kernels.f32, product, col, cols, b);
        multiplyPanel(kernels, panel, col, cols);
    }
}
/** Packs columns of B whose rows are contiguous: staged by `set`, then cut into tiles by the kernel. */
function packRows(kernels, product, col, cols, to, staging) {
    const { k, b } = product;
    const scratch = kernels.f32;
    const tiles = Math.ceil(cols / 8);
    for (let row = 0; row < k; row += stagedRows) {
        const rows = Math.min(stagedRows, k - row);
        copyBlock(b, row, rows, col, cols, scratch, staging / 4, tiles * 8);
        if (cols < tiles * 8) {
            for (let r = 1; r <= rows; r++)
                scratch.fill(0, staging / 4 + (r - 1) * tiles * 8 + cols, staging / 4 + r * tiles * 8);
        }
        kernels.packTiles(staging, to + 32 * row, rows, 32 * tiles, tiles, 4 * tileFloats(k));
    }
}
/** Packs columns of B that are contiguous. */
function packColumns(scratch, product, col, cols, to) {
    const { k, b } = product;
    const padded = Math.ceil(cols / 8) * 8;
    for (let j = 0; j < padded; j++) {
        const at = to / 4 + Math.floor(j / 8) * tileFloats(k) + (j % 8);
        const from = b.offset + (col + j) * b.colStride;
        if (j < cols)
            for (let i = 0; i < k; i++)
                scratch[at + 8 * i] = b.data[from + i * b.rowStride];
        else
            for (let i = 0; i < k; i++)
                scratch[at + 8 * i] = 0;
    }
}
//# sourceMappingURL=gemm.js.map