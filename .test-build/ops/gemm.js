/** General matrix multiplication. */
import { ShapeError, UnsupportedError } from '../errors.js';
import { Tensor, broadcastDims, broadcastStrides, formatType, isFloat, sameDims, sizeOf, } from '../tensor/index.js';
import { activate, activationFlops, formatActivation } from './fused-activation.js';
import { expectProductType } from './matmul.js';
import { bigints, doubles, innerProduct, wrappedTensor, } from './matrix-product.js';
import { Op, expectRank, expectSameDType, tensorAt, typeAt, } from './op.js';
/**
 * y = activation(alpha * A * B + beta * c), where A is a or its transpose and B is b or its transpose. Integers wrap
 * around, take whole numbers for alpha and beta, and no activation.
 *
 * Inputs: a [M, K] (or [K, M]), b [K, N] (or [N, K]), c broadcasting to [M, N] (optional). Output: [M, N].
 */
export class Gemm extends Op {
    type = 'Gemm';
    alpha;
    beta;
    transA;
    transB;
    activation;
    constructor(options = {}) {
        super();
        this.alpha = options.alpha ?? 1;
        this.beta = options.beta ?? 1;
        this.transA = options.transA ?? false;
        this.transB = options.transB ?? false;
        this.activation = options.activation;
    }
    get attributes() {
        const { alpha, beta, transA, transB } = this;
        return { alpha, beta, transA, transB, activation: formatActivation(this.activation) };
    }
    /** M, N and K for a's and b's dims. @throws ShapeError when they are no matrices or do not fit */
    shape(a, b) {
        expectRank(a, 'a', 2);
        expectRank(b, 'b', 2);
        const [m, k] = this.transA ? [a.dims[1], a.dims[0]] : a.dims;
        const [rows, n] = this.transB ? [b.dims[1], b.dims[0]] : b.dims;
        if (k !== rows) {
            const flags = `transA=${this.transA}, transB=${this.transB}`;
            throw new ShapeError(`a is ${formatType(a)} and b ${formatType(b)} (${flags}): ${k} columns meet ${rows} rows`, {
                remedy: 'The inner dimensions must be equal.',
            });
        }
        return { m, n, k };
    }
    infer(inputs) {
        const a = typeAt(inputs, 0, 'a');
        const b = typeAt(inputs, 1, 'b');
        expectProductType(this.type, a.dtype, this.activation);
        expectSameDType(inputs);
        if (!isFloat(a.dtype) && !(Number.isSafeInteger(this.alpha) && Number.isSafeInteger(this.beta))) {
            throw new UnsupportedError(`Gemm of ${a.dtype} with alpha=${this.alpha} and beta=${this.beta}`);
        }
        const { m, n } = this.shape(a, b);
        const c = inputs[2];
        if (c && !broadcasts(c.dims, [m, n])) {
            throw new ShapeError(`c is ${formatType(c)}`, { remedy: `It must broadcast to ${m}x${n}.` });
        }
        return [{ dtype: a.dtype, dims: [m, n] }];
    }
    flops(inputs, [y]) {
        const { k } = this.shape(typeAt(inputs, 0, 'a'), typeAt(inputs, 1, 'b'));
        const scaling = this.alpha === 1 ? 0 : 1;
        const bias = !inputs[2] || this.beta === 0 ? 0 : this.beta === 1 ? 1 : 2;
        return sizeOf(y.dims) * (2 * k + scaling + bias + activationFlops(this.activation));
    }
    reference(inputs) {
        const a = tensorAt(inputs, 0, 'a');
        const b = tensorAt(inputs, 1, 'b');
        const c = this.beta === 0 ? undefined : inputs[2];
        const shape = this.shape(a, b);
        const dims = [shape.m, shape.n];
        if (!isFloat(a.dtype)) {
            const [alpha, beta] = [BigInt(this.alpha), BigInt(this.beta)];
            const product = this.#product(a.toBigInts(), b.toBigInts(), shape, bigints);
            const addend = c?.toBigInts();
            const at = c && offsets(c.dims, dims);
            const y = product.map((sum, i) => alpha * sum + (addend && at ? beta * addend[at(i)] : 0n));
            return [wrappedTensor(a.dtype, dims, y)];
        }
        const product = this.#product(a.toFloat64(), b.toFloat64(), shape, doubles);
        const addend = c?.toFloat64();
        const at = c && offsets(c.dims, dims);
        const y = product.map((sum, i) => this.alpha * sum + (addend && at ? this.beta * addend[at(i)] : 0));
        return [Tensor.from(a.dtype, dims, activate(Float64Array.from(y), this.activation))];
    }
    #product(a, b, { m, n, k }, arithmetic) {
        const left = view(a, m, k, this.transA);
        const right = view(b, k, n, this.transB);
        return Array.from({ length: m * n }, (_, i) => innerProduct(left, right, Math.floor(i / n), i % n, k, arithmetic));
    }
}
/** A dense matrix of `rows` by `columns`, kept as its transpose or not. */
function view(data, rows, columns, transposed) {
    return transposed
        ? { data, offset: 0, rowStride: 1, columnStride: rows }
        : { data, offset: 0, rowStride: columns, columnStride: 1 };
}
function broadcasts(dims, target) {
    return dims.length <= target.length && sameDims(broadcastDims(dims, target), target);
}
/** Offset in c of what is added to element `i` of y. */
function offsets(c, [m, n]) {
    const [row, column] = broadcastStrides(c, [m, n]);
    return (i) => Math.floor(i / n) * row + (i % n) * column;
}
//# sourceMappingURL=gemm.js.map