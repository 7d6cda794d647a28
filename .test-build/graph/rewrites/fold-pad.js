/** A Pad of the spatial axes becomes padding of the convolution or pooling behind it. */
import { AveragePool } from '../../ops/average-pool.js';
import { Conv } from '../../ops/conv.js';
import { LpPool } from '../../ops/lp-pool.js';
import { MaxPool } from '../../ops/max-pool.js';
import { Pad } from '../../ops/pad.js';
import { formatType, integerRange, isFloat } from '../../tensor/index.js';
import { forEachNode, optionsOf, soleProducer } from './rewrite.js';
/** The padded copy of the input, written and read again, is saved. */
export const foldPad = {
    name: 'fold pad',
    apply: (graph) => forEachNode(graph, (node) => fold(graph, node)),
};
function fold(graph, node) {
    const pad = soleProducer(node.inputs[0]);
    if (!pad || !(pad.op instanceof Pad) || !padsSpaceOnly(pad.op))
        return false;
    const padded = withPads(node.op, pad.op, node.outputs[0].type.dtype);
    if (!padded)
        return false;
    const inputs = [pad.inputs[0], ...node.inputs.slice(1)];
    const types = padded.infer(inputs.map((value) => value?.type));
    // In ceil mode a last window that starts in the padding is dropped: what is padding changes the output then.
    if (!node.outputs.every(({ type }, i) => formatType(type) === formatType(types[i])))
        return false;
    graph.replace(node, padded, inputs);
    graph.remove(pad);
    return true;
}
/** Whether a constant border is added behind the first two axes, batch and channels, and nothing is cut off. */
function padsSpaceOnly({ mode, begins, ends }) {
    return mode === 'constant' && [begins, ends].every((pads) => pads.every(isSpatialPad));
}
function isSpatialPad(pad, axis) {
    return axis < 2 ? pad === 0 : pad >= 0;
}
/** The op as it works on what `pad` got; undefined where the border means something else to it. */
function withPads(op, pad, dtype) {
    const zero = pad.value === 0 || pad.value === 0n;
    // The implicit border of convolution and Lp pooling is zeros.
    if (op instanceof Conv && zero)
        return new Conv(optionsOf(op, morePads(op, pad)));
    if (op instanceof LpPool && zero)
        return new LpPool(optionsOf(op, morePads(op, pad)));
    // Max pooling leaves its border out, which a border of the lowest value does too; but indices count a real border.
    if (op instanceof MaxPool && !op.indices && pad.value === lowest(dtype)) {
        return new MaxPool(optionsOf(op, morePads(op, pad)));
    }
    // A real border counts in what the sum is divided by. Padding of its own that does not count forbids to mix them.
    if (op instanceof AveragePool && zero && (op.countIncludePad || hasNoPads(op))) {
        return new AveragePool(optionsOf(op, { ...morePads(op, pad), countIncludePad: true }));
    }
    return undefined;
}
function morePads(own, { begins, ends }) {
    return {
        padsBegin: own.padsBegin.map((pad, axis) => pad + begins[axis + 2]),
        padsEnd: own.padsEnd.map((pad, axis) => pad + ends[axis + 2]),
    };
}
function hasNoPads({ padsBegin, padsEnd }) {
    return [...padsBegin, ...padsEnd].every((pad) => pad === 0);
}
function lowest(dtype) {
    return isFloat(dtype) ? -Infinity : integerRange(dtype).min;
}
//# sourceMappingURL=fold-pad.js.map