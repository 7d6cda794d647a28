/** Selection between two tensors. */
import { ShapeError } from '../errors.js';
import { Tensor, broadcastDims, broadcastStrides, formatType, walk, } from '../tensor/index.js';
import { elementsOf } from './movement.js';
import { Op, expectSameDType, tensorAt, typeAt } from './op.js';
/**
 * output[i] = condition[i] ? x[i] : y[i].
 * Inputs: condition (bool), x and y (one type, any), whose shapes broadcast as in NumPy. Output: the common shape.
 */
export class Where extends Op {
    type = 'Where';
    infer(inputs) {
        const condition = typeAt(inputs, 0, 'condition');
        const x = typeAt(inputs, 1, 'X');
        const y = typeAt(inputs, 2, 'Y');
        if (condition.dtype !== 'bool') {
            throw new ShapeError(`the condition is ${formatType(condition)}`, {
                remedy: 'It must be bool: insert a Cast.',
            });
        }
        expectSameDType([x, y]);
        return [{ dtype: x.dtype, dims: broadcastDims(condition.dims, x.dims, y.dims) }];
    }
    reference(inputs) {
        const condition = tensorAt(inputs, 0, 'condition');
        const x = tensorAt(inputs, 1, 'X');
        const y = tensorAt(inputs, 2, 'Y');
        const dims = broadcastDims(condition.dims, x.dims, y.dims);
        const output = new Tensor(x.dtype, dims);
        const [target, chosen, other] = [output, x, y].map(elementsOf);
        const strides = [condition, x, y].map((tensor) => broadcastStrides(tensor.dims, dims));
        walk(dims, strides, ([c, i, j], flat) => {
            target[flat] = condition.data[c] ? chosen[i] : other[j];
        });
        return [output];
    }
}
//# sourceMappingURL=where.js.map