/** Operators that move elements without computing. */
import { ShapeError } from '../../errors.js';
import { Concat as ConcatOp } from '../../ops/concat.js';
import { DepthToSpace as DepthToSpaceOp } from '../../ops/depth-to-space.js';
import { Expand as ExpandOp } from '../../ops/expand.js';
import { Gather as GatherOp, GatherElements as GatherElementsOp, GatherND as GatherNDOp, } from '../../ops/gather.js';
import { OneHot as OneHotOp } from '../../ops/one-hot.js';
import { Pad as PadOp } from '../../ops/pad.js';
import { Slice as SliceOp } from '../../ops/slice.js';
import { SpaceToDepth as SpaceToDepthOp } from '../../ops/space-to-depth.js';
import { Split as SplitOp } from '../../ops/split.js';
import { Tile as TileOp } from '../../ops/tile.js';
import { Transpose as TransposeOp } from '../../ops/transpose.js';
import { broadcastDims, checkDims, formatType, isBigInteger, normaliseAxes, normaliseAxis, } from '../../tensor/index.js';
import { expectLength, integerInput, integerList, required, spreadOverAxes } from '../integer-inputs.js';
export const Expand = (node) => {
    const x = node.input(0, 'input');
    const shape = required(integerInput(node, 1, 'shape'), 'shape');
    checkDims(shape);
    return node.emit1(new ExpandOp(broadcastDims(x.type.dims, shape)), [x]);
};
export const Tile = (node) => {
    const repeats = required(integerInput(node, 1, 'repeats'), 'repeats');
    return node.emit1(new TileOp(repeats), [node.input(0, 'input')]);
};
export const Transpose = (node) => {
    const x = node.input(0, 'data');
    const reversed = x.type.dims.map((_, axis) => axis).reverse();
    return node.emit1(new TransposeOp(node.attributes.ints('perm', reversed)), [x]);
};
export const Concat = (node) => {
    const rank = node.input(0, 'inputs[0]').type.dims.length;
    const axis = required(node.attributes.int('axis'), 'attribute axis');
    return node.emit1(new ConcatOp(normaliseAxis(axis, rank)), node.inputs);
};
export const Split = (node) => {
    const x = node.input(0, 'input');
    const axis = normaliseAxis(node.attributes.int('axis', 0), x.type.dims.length);
    const pieces = node.outputNames.length;
    const count = node.opset >= 18 ? node.attributes.int('num_outputs') : undefined;
    const given = integerList(node, 'split', 1, 13);
    const sizes = given ?? splitEvenly(x.type.dims[axis], pieces, count !== undefined);
    expectLength(sizes, pieces, 'split');
    if (count !== undefined && count !== pieces) {
        throw new ShapeError(`num_outputs is ${count} for ${pieces} outputs`, { remedy: 'They must agree.' });
    }
    return node.emit(new SplitOp(axis, sizes), [x]);
};
/** Equal parts; with `uneven`, the last may be smaller. */
function splitEvenly(extent, count, uneven) {
    const size = Math.ceil(extent / count);
    const last = extent - size * (count - 1);
    if (last < 0 || (last !== size && !uneven)) {
        throw new ShapeError(`an axis of ${extent} cannot be split into ${count} equal parts`, {
            remedy: 'Give the sizes of the parts.',
        });
    }
    return Array.from({ length: count }, (_, i) => (i === count - 1 ? last : size));
}
export const Slice = (node) => {
    const x = node.input(0, 'data');
    const { dims } = x.type;
    const starts = required(integerList(node, 'starts', 1, 10), 'starts');
    const ends = required(integerList(node, 'ends', 2, 10), 'ends');
    const given = integerList(node, 'axes', 3, 10);
    const axes = given
        ? normaliseAxes(given, dims.length)
        : starts.map((_, axis) => normaliseAxis(axis, dims.length));
    const steps = (node.opset < 10 ? undefined : integerInput(node, 4, 'steps')) ?? axes.map(() => 1);
    expectLength(starts, axes.length, 'starts');
    expectLength(ends, axes.length, 'ends');
    expectLength(steps, axes.length, 'steps');
    const ranges = dims.map((extent) => ({ start: 0, step: 1, count: extent }));
    for (const [i, axis] of axes.entries())
        ranges[axis] = sliceRange(starts[i], ends[i], steps[i], dims[axis]);
    return node.emit1(sliceOf(ranges), [x]);
};
function sliceOf(ranges) {
    return new SliceOp(ranges.map(({ start }) => start), ranges.map(({ step }) => step), ranges.map(({ count }) => count));
}
/** Python's rules: negative ends count from the end, what is out of range is clamped. */
function sliceRange(start, end, step, extent) {
    if (step === 0)
        throw new ShapeError('a slice has step 0', { remedy: 'Steps must not be zero.' });
    // Backwards, the walk may start at the last element and end before the first.
    const [low, high] = step > 0 ? [0, extent] : [-1, extent - 1];
    const clamp = (index) => Math.min(Math.max(index < 0 ? index + extent : index, low), high);
    const first = clamp(start);
    const count = Math.max(0, Math.ceil((clamp(end) - first) / step));
    // Where it does not matter, the start and step of the plainest slice.
    if (count === 0)
        return { start: 0, step: 1, count };
    return { start: first, step: count === 1 ? 1 : step, count };
}
export const Pad = (node) => {
    const x = node.input(0, 'data');
    const { dims } = x.type;
    const mode = node.attributes.choice('mode', padModes(node.opset), 'constant');
    const pads = required(integerList(node, 'pads', 1, 11), 'pads');
    const axes = node.opset < 18 ? undefined : integerInput(node, 3, 'axes');
    const count = axes?.length ?? dims.length;
    expectLength(pads, 2 * count, 'pads');
    const spread = (list) => spreadOverAxes(list, axes, dims, 'pads', () => 0);
    const begins = spread(pads.slice(0, count));
    const ends = spread(pads.slice(count));
    return node.emit1(new PadOp(mode, begins, ends, padValue(node, x)), [x]);
};
function padModes(opset) {
    return opset < 19 ? ['constant', 'reflect', 'edge'] : ['constant', 'reflect', 'edge', 'wrap'];
}
/** The constant for the border, exact also in 64-bit integers. */
function padValue(node, x) {
    if (node.opset < 11)
        return node.attributes.float('value', 0);
    const value = node.optional(2);
    if (!value)
        return 0;
    const tensor = node.known(value, 'constant_value');
    if (tensor.size !== 1 || tensor.dtype !== x.type.dtype) {
        throw new ShapeError(`constant_value is ${formatType(tensor)} for data ${formatType(x.type)}`, {
            remedy: "It must be a scalar of the data's type.",
        });
    }
    return isBigInteger(tensor.dtype) ? tensor.toBigInts()[0] : tensor.toNumbers()[0];
}
export const CenterCropPad = (node) => {
    const x = node.input(0, 'input_data');
    const { dims } = x.type;
    const shape = required(integerInput(node, 1, 'shape'), 'shape');
    checkDims(shape);
    const target = spreadOverAxes(shape, node.attributes.ints('axes'), dims, 'shape', (axis) => dims[axis]);
    const kept = dims.map((extent, axis) => Math.min(extent, target[axis]));
    const cropped = kept.some((extent, axis) => extent < dims[axis]);
    const starts = kept.map((extent, axis) => Math.floor((dims[axis] - extent) / 2));
    const ranges = kept.map((count, axis) => ({ start: starts[axis], step: 1, count }));
    const middle = cropped ? node.emit1(sliceOf(ranges), [x]) : x;
    if (cropped && target.every((extent, axis) => extent === kept[axis]))
        return middle;
    const missing = target.map((extent, axis) => extent - kept[axis]);
    const begins = missing.map((pads) => Math.floor(pads / 2));
    const ends = missing.map((pads) => Math.ceil(pads / 2));
    return node.emit1(new PadOp('constant', begins, ends), [middle]);
};
export const Gather = (node) => {
    const data = node.input(0, 'data');
    return node.emit1(new GatherOp(dataAxis(node, data.type.dims)), [data, node.input(1, 'indices')]);
};
export const GatherElements = (node) => {
    const data = node.input(0, 'data');
    return node.emit1(new GatherElementsOp(dataAxis(node, data.type.dims)), [data, node.input(1, 'indices')]);
};
function dataAxis(node, dims) {
    return normaliseAxis(node.attributes.int('axis', 0), dims.length);
}
export const GatherND = (node) => {
    const batchDims = node.opset < 12 ? 0 : node.attributes.int('batch_dims', 0);
    return node.emit1(new GatherNDOp(batchDims), [node.input(0, 'data'), node.input(1, 'indices')]);
};
export const OneHot = (node) => {
    const indices = node.input(0, 'indices');
    const depth = node.known(node.input(1, 'depth'), 'depth');
    if (depth.size !== 1) {
        throw new ShapeError(`depth is ${formatType(depth)}`, { remedy: 'It must be a scalar.' });
    }
    const axis = normaliseAxis(node.attributes.int('axis', -1), indices.type.dims.length + 1);
    return node.emit1(new OneHotOp(axis, Math.trunc(depth.toNumbers()[0])), [indices, node.input(2, 'values')]);
};
export const DepthToSpace = (node) => {
    const blockSize = required(node.attributes.int('blocksize'), 'attribute blocksize');
    const mode = node.opset < 11 ? 'DCR' : node.attributes.choice('mode', ['DCR', 'CRD'], 'DCR');
    return node.emit1(new DepthToSpaceOp(blockSize, mode), [node.input(0, 'input')]);
};
export const SpaceToDepth = (node) => {
    const blockSize = required(node.attributes.int('blocksize'), 'attribute blocksize');
    const mode = node.attributes.choice('mode', ['DCR', 'CRD'], 'DCR');
    return node.emit1(new SpaceToDepthOp(blockSize, mode), [node.input(0, 'input')]);
};
//# sourceMappingURL=movement.js.map