/** Pooling windows, global pooling and unpooling. */
import { AveragePool as AveragePoolOp } from '../../ops/average-pool.js';
import { LpPool as LpPoolOp } from '../../ops/lp-pool.js';
import { MaxPool as MaxPoolOp } from '../../ops/max-pool.js';
import { MaxUnpool as MaxUnpoolOp } from '../../ops/max-unpool.js';
import { ShapeError } from '../../errors.js';
import { explicitSteps, kernelShape, resolvedSteps, spatialDims } from '../window-attributes.js';
export const MaxPool = (node) => {
    const x = node.input(0, 'X');
    const order = indexOrder(node);
    const indices = node.wants(1) ? order : undefined;
    return node.emit(new MaxPoolOp({ ...poolOptions(node, x.type.dims), indices }), [x]);
};
export const AveragePool = (node) => {
    const x = node.input(0, 'X');
    const countIncludePad = node.attributes.flag('count_include_pad');
    return node.emit1(new AveragePoolOp({ ...poolOptions(node, x.type.dims), countIncludePad }), [x]);
};
export const LpPool = (node) => {
    const x = node.input(0, 'X');
    const p = node.attributes.int('p', 2);
    return node.emit1(new LpPoolOp({ ...poolOptions(node, x.type.dims), p }), [x]);
};
export const GlobalMaxPool = (node) => {
    const x = node.input(0, 'X');
    return node.emit1(new MaxPoolOp({ kernel: spatialDims(x.type.dims) }), [x]);
};
export const GlobalAveragePool = (node) => {
    const x = node.input(0, 'X');
    return node.emit1(new AveragePoolOp({ kernel: spatialDims(x.type.dims) }), [x]);
};
export const GlobalLpPool = (node) => {
    const x = node.input(0, 'X');
    const p = node.attributes.int('p', 2);
    return node.emit1(new LpPoolOp({ kernel: spatialDims(x.type.dims), p }), [x]);
};
export const MaxUnpool = (node) => {
    const [x, indices] = [node.input(0, 'X'), node.input(1, 'I')];
    const rank = spatialDims(x.type.dims).length;
    const { strides, padsBegin, padsEnd } = explicitSteps(node, rank);
    const kernel = kernelShape(node, rank);
    const outputDims = outputShape(node, x.type.dims);
    return node.emit1(new MaxUnpoolOp({ kernel, strides, padsBegin, padsEnd, outputDims }), [x, indices]);
};
function poolOptions(node, x) {
    const input = spatialDims(x);
    const kernel = kernelShape(node, input.length);
    // auto_pad=VALID with ceil_mode rounds up too, as ONNX's shape inference and ONNX Runtime do.
    const ceilMode = node.attributes.flag('ceil_mode');
    return { kernel, ...resolvedSteps(node, input, kernel), ceilMode };
}
function indexOrder(node) {
    const order = node.attributes.int('storage_order', 0);
    if (order !== 0 && order !== 1)
        throw node.unsupported(`attribute storage_order=${order} of MaxPool`);
    return order === 0 ? 'row-major' : 'column-major';
}
/** Spatial dims from MaxUnpool's optional third input [N, C, D1, ...]. */
function outputShape(node, x) {
    const dims = node.knownNumbers(2, 'output_shape');
    if (dims && (dims.length !== x.length || dims[0] !== x[0] || dims[1] !== x[1])) {
        throw new ShapeError(`output_shape is [${dims.join(', ')}] for X of [${x.join(', ')}]`, {
            remedy: 'It must have the rank, batch and channels of X.',
        });
    }
    return dims?.slice(2);
}
//# sourceMappingURL=pooling.js.map