/** Convolutions. */
import { ConvInteger as ConvIntegerOp } from '../../ops/conv-integer.js';
import { ConvTranspose as ConvTransposeOp } from '../../ops/conv-transpose.js';
import { Conv as ConvOp } from '../../ops/conv.js';
import { Requantize } from '../../ops/requantize.js';
import { checkPerAxis, transposedPadding, windowAxis } from '../../ops/window.js';
import { autoPad, explicitSteps, largerSide, refuseBothPads, resolvedSteps, spatialDims, weightKernel, } from '../window-attributes.js';
export const Conv = (node) => {
    const [x, w] = [node.input(0, 'X'), node.input(1, 'W')];
    return node.emit1(new ConvOp(convOptions(node, x.type.dims, w.type.dims)), [x, w, node.optional(2)]);
};
export const ConvInteger = (node) => {
    const [x, w] = [node.input(0, 'x'), node.input(1, 'w')];
    const op = new ConvIntegerOp(convOptions(node, x.type.dims, w.type.dims));
    return node.emit1(op, [x, w, node.optional(2), node.optional(3)]);
};
export const QLinearConv = (node) => {
    const [x, xScale, xZeroPoint] = [
        node.input(0, 'x'),
        node.input(1, 'x_scale'),
        node.input(2, 'x_zero_point'),
    ];
    const [w, wScale, wZeroPoint] = [
        node.input(3, 'w'),
        node.input(4, 'w_scale'),
        node.input(5, 'w_zero_point'),
    ];
    const [yScale, yZeroPoint] = [node.input(6, 'y_scale'), node.input(7, 'y_zero_point')];
    const conv = new ConvIntegerOp(convOptions(node, x.type.dims, w.type.dims));
    const sums = node.emit1(conv, [x, w, xZeroPoint, wZeroPoint, node.optional(8)]);
    return node.emit1(new Requantize({ bAxis: 1 }), [sums, xScale, wScale, yScale, yZeroPoint]);
};
export const ConvTranspose = (node) => {
    const [x, w] = [node.input(0, 'X'), node.input(1, 'W')];
    const options = transposeOptions(node, spatialDims(x.type.dims), w.type.dims);
    return node.emit1(new ConvTransposeOp(options), [x, w, node.optional(2)]);
};
function convOptions(node, x, w) {
    const input = spatialDims(x);
    const steps = resolvedSteps(node, input, weightKernel(node, w, input.length));
    return { ...steps, group: node.attributes.int('group', 1) };
}
function transposeOptions(node, input, w) {
    const { attributes } = node;
    const rank = input.length;
    const window = { ...explicitSteps(node, rank), kernel: weightKernel(node, w, rank) };
    const group = attributes.int('group', 1);
    const zeros = input.map(() => 0);
    const outputPadding = checkPerAxis(attributes.ints('output_padding', zeros), 'output_padding', rank, 0);
    const targets = outputTargets(node, input, window);
    if (!targets)
        return { ...window, outputPadding, group };
    const larger = largerSide(autoPad(node));
    const resolved = input.map((extent, axis) => transposedPadding(extent, windowAxis(window, axis), outputPadding[axis], targets[axis], larger));
    return {
        ...window,
        padsBegin: resolved.map(({ padBegin }) => padBegin),
        padsEnd: resolved.map(({ padEnd }) => padEnd),
        outputPadding: resolved.map((axis) => axis.outputPadding),
        group,
    };
}
/**
 * The output's spatial dims where the node says what they are: by output_shape, which overrules pads, or by
 * auto_pad=SAME_*, as input times stride. Undefined where they follow from the pads.
 */
function outputTargets(node, input, window) {
    const mode = autoPad(node);
    const outputShape = node.attributes.ints('output_shape');
    if (outputShape)
        return checkPerAxis(outputShape, 'output_shape', input.length, 1);
    refuseBothPads(node, mode, window);
    return mode.startsWith('SAME') ? input.map((extent, axis) => extent * window.strides[axis]) : undefined;
}
//# sourceMappingURL=convolution.js.map