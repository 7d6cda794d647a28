/** The same elements under other dims. Flatten, Squeeze and Unsqueeze are reshapes whose dims are known. */
import { ShapeError } from '../errors.js';
import { formatDims, formatType, sizeOf } from '../tensor/index.js';
import { Op, tensorAt, typeAt } from './op.js';
/** y = x, read in row-major order under `dims`. */
export class Reshape extends Op {
    type = 'Reshape';
    dims;
    /** @param dims the output's dims, all of them numbers */
    constructor(dims) {
        super();
        this.dims = [...dims];
    }
    get attributes() {
        return { dims: this.dims };
    }
    infer(inputs) {
        const x = typeAt(inputs, 0, 'data');
        if (sizeOf(x.dims) !== sizeOf(this.dims)) {
            throw new ShapeError(`${formatType(x)} cannot be reshaped to ${formatDims(this.dims)}`, {
                remedy: `The new shape must have ${sizeOf(x.dims)} elements, not ${sizeOf(this.dims)}.`,
            });
        }
        return [{ dtype: x.dtype, dims: this.dims }];
    }
    /** None: the output can be the input's memory. */
    bytes() {
        return 0;
    }
    reference(inputs) {
        return [tensorAt(inputs, 0, 'data').reshape(this.dims)];
    }
}
//# sourceMappingURL=reshape.js.map