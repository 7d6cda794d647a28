/** Group normalisation: groups of neighbouring channels to mean 0 and variance 1. */
import { ShapeError } from '../errors.js';
import { Tensor, formatType, sizeOf } from '../tensor/index.js';
import { channelAffine, expectPerChannel } from './channels.js';
import { FLOATS, expectElementType } from './element-types.js';
import { Op, expectRank, expectSameDType, tensorAt, typeAt, } from './op.js';
import { STANDARDISE_FLOPS, mapRows, standardise } from './rows.js';
/**
 * y = (x - mean) / sqrt(variance + epsilon) * scale + bias, with mean and variance over each image's groups of
 * C / groups channels (Wu and He 2018, arXiv 1803.08494). Inputs: x [N, C, ...], scale and bias [C] or [groups].
 */
export class GroupNormalization extends Op {
    type = 'GroupNormalization';
    groups;
    epsilon;
    affine;
    constructor({ groups, epsilon, affine }) {
        super();
        this.groups = groups;
        this.epsilon = epsilon;
        this.affine = affine;
    }
    get attributes() {
        return { groups: this.groups, epsilon: this.epsilon, affine: this.affine };
    }
    infer(inputs) {
        const x = typeAt(inputs, 0, 'X');
        expectElementType(this.type, x.dtype, FLOATS);
        expectSameDType(inputs);
        expectRank(x, 'X', 2, Infinity);
        const channels = x.dims[1];
        if (!Number.isInteger(this.groups) || this.groups < 1 || channels % this.groups !== 0) {
            throw new ShapeError(`the ${channels} channels of X (${formatType(x)}) are not ${this.groups} groups`, {
                remedy: 'Use a positive number of groups that divides the number of channels.',
            });
        }
        const parameters = this.affine === 'channel' ? channels : this.groups;
        expectPerChannel(typeAt(inputs, 1, 'scale'), 'scale', parameters);
        expectPerChannel(typeAt(inputs, 2, 'bias'), 'bias', parameters);
        return [x];
    }
    flops(_inputs, outputs) {
        return (STANDARDISE_FLOPS + 2) * sizeOf(outputs[0].dims);
    }
    reference(inputs) {
        const x = tensorAt(inputs, 0, 'X');
        const [batch, channels, ...space] = x.dims;
        const grouped = [batch, this.groups, (channels / this.groups) * sizeOf(space)];
        const standard = mapRows(x.toFloat64(), grouped, [2], (row) => standardise(row, this.epsilon));
        const [scale, bias] = [tensorAt(inputs, 1, 'scale'), tensorAt(inputs, 2, 'bias')];
        const affineDims = this.affine === 'channel' ? x.dims : grouped;
        return [
            Tensor.from(x.dtype, x.dims, channelAffine(standard, affineDims, scale.toFloat64(), bias.toFloat64())),
        ];
    }
}
//# sourceMappingURL=group-normalization.js.map