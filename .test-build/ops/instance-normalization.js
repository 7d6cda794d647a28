/** Instance normalisation: every plane of one image and channel to mean 0 and variance 1. */
import { Tensor, sizeOf } from '../tensor/index.js';
import { channelAffine, expectPerChannel } from './channels.js';
import { FLOATS, expectElementType } from './element-types.js';
import { Op, expectRank, expectSameDType, tensorAt, typeAt, } from './op.js';
import { STANDARDISE_FLOPS, mapRows, otherAxes, standardise } from './rows.js';
/**
 * y = (x - mean) / sqrt(variance + epsilon) * scale + bias, with mean and variance over the spatial axes of each
 * image and channel (Ulyanov et al. 2016, arXiv 1607.08022). Inputs: x [N, C, D1, ...], scale [C], bias [C].
 */
export class InstanceNormalization extends Op {
    type = 'InstanceNormalization';
    epsilon;
    constructor(epsilon) {
        super();
        this.epsilon = epsilon;
    }
    get attributes() {
        return { epsilon: this.epsilon };
    }
    infer(inputs) {
        const x = typeAt(inputs, 0, 'input');
        expectElementType(this.type, x.dtype, FLOATS);
        expectSameDType(inputs);
        expectRank(x, 'input', 3, Infinity);
        expectPerChannel(typeAt(inputs, 1, 'scale'), 'scale', x.dims[1]);
        expectPerChannel(typeAt(inputs, 2, 'B'), 'B', x.dims[1]);
        return [x];
    }
    flops(_inputs, outputs) {
        return (STANDARDISE_FLOPS + 2) * sizeOf(outputs[0].dims);
    }
    reference(inputs) {
        const x = tensorAt(inputs, 0, 'input');
        const [scale, bias] = [tensorAt(inputs, 1, 'scale'), tensorAt(inputs, 2, 'B')];
        const spatial = otherAxes([0, 1], x.dims.length);
        const standard = mapRows(x.toFloat64(), x.dims, spatial, (row) => standardise(row, this.epsilon));
        const y = channelAffine(standard, x.dims, scale.toFloat64(), bias.toFloat64());
        return [Tensor.from(x.dtype, x.dims, y)];
    }
}
//# sourceMappingURL=instance-normalization.js.map