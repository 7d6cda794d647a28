/** Broadcasting to a given shape. */
import { ShapeError } from '../errors.js';
import { broadcastDims, broadcastStrides, formatDims, formatType, sameDims, } from '../tensor/index.js';
import { copyView } from './movement.js';
import { Op, tensorAt, typeAt } from './op.js';
/** x repeated along its dimensions of extent 1, and along new outer ones, until it has `dims`. */
export class Expand extends Op {
    type = 'Expand';
    dims;
    /** @param dims the output's dims, to which x's dims broadcast */
    constructor(dims) {
        super();
        this.dims = [...dims];
    }
    get attributes() {
        return { dims: this.dims };
    }
    infer(inputs) {
        const x = typeAt(inputs, 0, 'input');
        if (!sameDims(broadcastDims(x.dims, this.dims), this.dims)) {
            throw new ShapeError(`${formatType(x)} does not expand to ${formatDims(this.dims)}`, {
                remedy: 'Only dimensions of extent 1 are repeated.',
            });
        }
        return [{ dtype: x.dtype, dims: this.dims }];
    }
    reference(inputs) {
        const x = tensorAt(inputs, 0, 'input');
        return [copyView(x, { dims: this.dims, strides: broadcastStrides(x.dims, this.dims) })];
    }
}
//# sourceMappingURL=expand.js.map