/** Element-wise operators of two tensors with broadcasting; the functions are the table in `binary-functions.ts`. */
import { ShapeError } from '../errors.js';
import { Tensor, broadcastDims, broadcastStrides, formatType, isInteger, sameDims, sizeOf, walk, } from '../tensor/index.js';
import { expectElementType } from './element-types.js';
import { Op, expectSameDType, tensorAt, typeAt, } from './op.js';
/**
 * y = f(a, b), element by element.
 * Inputs: a and b, whose shapes broadcast as in NumPy. Output: the common shape.
 */
export class Binary extends Op {
    fn;
    constructor(fn) {
        super();
        this.fn = fn;
    }
    get type() {
        return this.fn.name;
    }
    get attributes() {
        return this.fn.parameters ?? {};
    }
    infer(inputs) {
        const a = typeAt(inputs, 0, 'a');
        const b = typeAt(inputs, 1, 'b');
        expectElementType(this.type, a.dtype, this.fn.dtypes);
        expectElementType(this.type, b.dtype, this.fn.dtypes);
        if (!this.fn.mixed)
            expectSameDType([a, b]);
        const dims = broadcastDims(a.dims, b.dims);
        if (this.fn.unidirectional && !sameDims(dims, a.dims)) {
            throw new ShapeError(`${formatType(b)} does not broadcast to ${formatType(a)}`, {
                remedy: `The second input of ${this.type} must have dimensions that equal the first's or 1.`,
            });
        }
        return [{ dtype: this.fn.result ?? a.dtype, dims }];
    }
    flops(_inputs, outputs) {
        return (this.fn.flops ?? 1) * sizeOf(outputs[0].dims);
    }
    reference(inputs) {
        const a = tensorAt(inputs, 0, 'a');
        const b = tensorAt(inputs, 1, 'b');
        const [{ dtype, dims }] = this.infer(inputs);
        const { apply, applyInteger } = this.fn;
        const values = applyInteger && isInteger(a.dtype) && isInteger(b.dtype)
            ? zip(applyInteger, [a.toBigInts(), a.dims], [b.toBigInts(), b.dims], dims)
            : zip(apply, [a.toFloat64(), a.dims], [b.toFloat64(), b.dims], dims);
        return [Tensor.from(dtype, dims, values)];
    }
}
/** f of two arrays whose dims broadcast to `dims`. */
function zip(f, [a, aDims], [b, bDims], dims) {
    const result = new Array(sizeOf(dims));
    walk(dims, [broadcastStrides(aDims, dims), broadcastStrides(bDims, dims)], ([i, j], flat) => {
        result[flat] = f(a[i], b[j]);
    });
    return result;
}
//# sourceMappingURL=binary.js.map