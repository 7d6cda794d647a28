/** Matrix products. */
import { Gemm as GemmOp } from '../../ops/gemm.js';
import { MatMulInteger as MatMulIntegerOp } from '../../ops/matmul-integer.js';
import { MatMul as MatMulOp } from '../../ops/matmul.js';
import { Requantize } from '../../ops/requantize.js';
export const Gemm = (node) => {
    const { attributes } = node;
    // Before operator set 7 it allowed C to broadcast, which is always allowed since.
    attributes.ignore('broadcast');
    const op = new GemmOp({
        alpha: attributes.float('alpha', 1),
        beta: attributes.float('beta', 1),
        transA: attributes.flag('transA'),
        transB: attributes.flag('transB'),
    });
    return node.emit1(op, [node.input(0, 'A'), node.input(1, 'B'), node.optional(2)]);
};
export const MatMul = (node) => node.emit1(new MatMulOp(), [node.input(0, 'A'), node.input(1, 'B')]);
export const MatMulInteger = (node) => node.emit1(new MatMulIntegerOp(), [
    node.input(0, 'A'),
    node.input(1, 'B'),
    node.optional(2),
    node.optional(3),
]);
export const QLinearMatMul = (node) => {
    const [a, aScale, aZeroPoint] = [
        node.input(0, 'a'),
        node.input(1, 'a_scale'),
        node.input(2, 'a_zero_point'),
    ];
    const [b, bScale, bZeroPoint] = [
        node.input(3, 'b'),
        node.input(4, 'b_scale'),
        node.input(5, 'b_zero_point'),
    ];
    const [yScale, yZeroPoint] = [node.input(6, 'y_scale'), node.input(7, 'y_zero_point')];
    const sums = node.emit1(new MatMulIntegerOp(), [a, b, aZeroPoint, bZeroPoint]);
    // A vector operand has no rows or columns of its own in the result, hence no axis for a vector of scales.
    const rank = sums.type.dims.length;
    const bAxis = b.type.dims.length > 1 ? rank - 1 : undefined;
    const aAxis = a.type.dims.length > 1 ? rank - (bAxis === undefined ? 1 : 2) : undefined;
    return node.emit1(new Requantize({ aAxis, bAxis }), [sums, aScale, bScale, yScale, yZeroPoint]);
};
//# sourceMappingURL=matmul.js.map