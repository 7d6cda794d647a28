/** Shapes and arithmetic that all matrix products share. */
import { ShapeError } from '../errors.js';
import { DTYPES, Tensor, broadcastDims, broadcastStrides, formatDims, sizeOf, walk, } from '../tensor/index.js';
/** The integer types of ONNX's Gemm and MatMul. */
export const PRODUCT_INTEGERS = ['i32', 'i64', 'u32', 'u64'];
/**
 * The shape of `numpy.matmul(A, B)`: a vector A counts as one row, a vector B as one column, leading dims broadcast.
 * @throws ShapeError when A or B is a scalar, or they do not fit
 */
export function matmulShape(a, b) {
    if (a.length === 0 || b.length === 0) {
        throw new ShapeError(`a is ${formatDims(a)} and b ${formatDims(b)}`, {
            remedy: 'A matrix product needs at least vectors; use Mul for scalars.',
        });
    }
    const [m, k] = a.length === 1 ? [1, a[0]] : a.slice(-2);
    const [rows, n] = b.length === 1 ? [b[0], 1] : b.slice(-2);
    if (k !== rows) {
        throw new ShapeError(`a is ${formatDims(a)} and b ${formatDims(b)}: ${k} columns meet ${rows} rows`, {
            remedy: "a's last dimension must equal b's last but one.",
        });
    }
    const [aBatch, bBatch] = [a.slice(0, -2), b.slice(0, -2)];
    const batch = broadcastDims(aBatch, bBatch);
    return {
        m,
        n,
        k,
        batch,
        aBatchStrides: broadcastStrides(aBatch, batch).map((stride) => stride * m * k),
        bBatchStrides: broadcastStrides(bBatch, batch).map((stride) => stride * k * n),
        dims: [...batch, ...(a.length === 1 ? [] : [m]), ...(b.length === 1 ? [] : [n])],
    };
}
export const doubles = { zero: 0, multiplyAdd: (sum, a, b) => sum + a * b };
export const bigints = { zero: 0n, multiplyAdd: (sum, a, b) => sum + a * b };
/** Element [i, j] of A * B, where A has `k` columns. */
export function innerProduct(a, b, i, j, k, { zero, multiplyAdd }) {
    let sum = zero;
    let aAt = a.offset + i * a.rowStride;
    let bAt = b.offset + j * b.columnStride;
    for (let step = 0; step < k; step++) {
        sum = multiplyAdd(sum, a.data[aAt], b.data[bAt]);
        aAt += a.columnStride;
        bAt += b.rowStride;
    }
    return sum;
}
/** The elements of `numpy.matmul(A, B)`, both dense and row-major. */
export function batchedProduct(a, b, shape, arithmetic) {
    const { m, n, k, batch } = shape;
    const y = [];
    walk(batch, [shape.aBatchStrides, shape.bBatchStrides], ([aOffset, bOffset]) => {
        const left = { data: a, offset: aOffset, rowStride: k, columnStride: 1 };
        const right = { data: b, offset: bOffset, rowStride: n, columnStride: 1 };
        for (let i = 0; i < m; i++) {
            for (let j = 0; j < n; j++)
                y.push(innerProduct(left, right, i, j, k, arithmetic));
        }
    });
    return y;
}
/** Multiply-adds of a matrix product, counted as two operations each. */
export function productFlops({ m, n, k, batch }) {
    return 2 * sizeOf(batch) * m * n * k;
}
/** An integer tensor of exact results, which wrap around as the element type does. */
export function wrappedTensor(dtype, dims, values) {
    const { bits, kind } = DTYPES[dtype];
    const wrap = (value) => kind === 'int' ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
    return Tensor.from(dtype, dims, values.map(wrap));
}
//# sourceMappingURL=matrix-product.js.map