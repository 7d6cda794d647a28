/** Element-wise operators of one tensor; the functions themselves are the table in `unary-functions.ts`. */
import { Tensor, isInteger, sizeOf } from '../tensor/index.js';
import { expectElementType } from './element-types.js';
import { Op, tensorAt, typeAt } from './op.js';
/** y[i] = f(x[i]). Inputs: x, of any shape. Output: the same shape. */
export class Unary extends Op {
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
        const x = typeAt(inputs, 0, 'x');
        expectElementType(this.type, x.dtype, this.fn.dtypes);
        return [{ dtype: this.fn.result ?? x.dtype, dims: x.dims }];
    }
    flops(_inputs, outputs) {
        return (this.fn.flops ?? 1) * sizeOf(outputs[0].dims);
    }
    reference(inputs) {
        const x = tensorAt(inputs, 0, 'x');
        const { apply, applyInteger, result } = this.fn;
        const dtype = result ?? x.dtype;
        if (applyInteger && isInteger(x.dtype)) {
            return [Tensor.from(dtype, x.dims, x.toBigInts().map(applyInteger))];
        }
        return [Tensor.from(dtype, x.dims, x.toFloat64().map(apply))];
    }
}
//# sourceMappingURL=unary.js.map