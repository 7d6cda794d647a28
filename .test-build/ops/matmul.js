/** Matrix product. */
import { UnsupportedError } from '../errors.js';
import { Tensor, isFloat, sizeOf } from '../tensor/index.js';
import { FLOATS, expectElementType } from './element-types.js';
import { activate, activationFlops, formatActivation } from './fused-activation.js';
import { PRODUCT_INTEGERS, batchedProduct, bigints, doubles, matmulShape, productFlops, wrappedTensor, } from './matrix-product.js';
import { Op, expectSameDType, tensorAt, typeAt, } from './op.js';
/**
 * y = activation(numpy.matmul(a, b)). Integers wrap around and take no activation.
 *
 * Inputs: a [..., M, K] or [K], b [..., K, N] or [K]. Output: see `matmulShape`.
 */
export class MatMul extends Op {
    type = 'MatMul';
    activation;
    constructor(options = {}) {
        super();
        this.activation = options.activation;
    }
    get attributes() {
        return { activation: formatActivation(this.activation) };
    }
    infer(inputs) {
        const a = typeAt(inputs, 0, 'a');
        const b = typeAt(inputs, 1, 'b');
        expectProductType(this.type, a.dtype, this.activation);
        expectSameDType(inputs);
        return [{ dtype: a.dtype, dims: matmulShape(a.dims, b.dims).dims }];
    }
    flops(inputs, [y]) {
        const shape = matmulShape(typeAt(inputs, 0, 'a').dims, typeAt(inputs, 1, 'b').dims);
        return productFlops(shape) + activationFlops(this.activation) * sizeOf(y.dims);
    }
    reference(inputs) {
        const a = tensorAt(inputs, 0, 'a');
        const b = tensorAt(inputs, 1, 'b');
        const shape = matmulShape(a.dims, b.dims);
        if (!isFloat(a.dtype)) {
            const product = batchedProduct(a.toBigInts(), b.toBigInts(), shape, bigints);
            return [wrappedTensor(a.dtype, shape.dims, product)];
        }
        const product = Float64Array.from(batchedProduct(a.toFloat64(), b.toFloat64(), shape, doubles));
        return [Tensor.from(a.dtype, shape.dims, activate(product, this.activation))];
    }
}
/** @throws UnsupportedError for a type that matrix products do not do, or an activation on integers */
export function expectProductType(operator, dtype, activation) {
    expectElementType(operator, dtype, [...FLOATS, ...PRODUCT_INTEGERS]);
    if (activation && !isFloat(dtype)) {
        throw new UnsupportedError(`${activation.name} fused into ${operator} of ${dtype}`, {
            remedy: 'Keep the activation as an op of its own.',
        });
    }
}
//# sourceMappingURL=matmul.js.map