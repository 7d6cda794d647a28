/**
 * What an operator is: attributes, output types, cost, and an independent reference. Everything an op must know
 * before its output shape is known is an attribute (a plain constructor argument), so that inputs are data only:
 * the importer reads shapes, axes and sizes that arrive as tensors while it builds the graph.
 */
import { ShapeError } from '../errors.js';
import { bytesOf, formatType, isFloat } from '../tensor/index.js';
/** An operator with its attributes: immutable, so that graphs may share it. */
export class Op {
    /** The type with what is fused into it, for reports: `Conv+Relu`. */
    get title() {
        const { activation } = this.attributes;
        return activation === undefined ? this.type : `${this.type}+${String(activation)}`;
    }
    /** Attributes for reports, in reading order. */
    get attributes() {
        return {};
    }
    /**
     * Floating-point (or integer) operations of one evaluation: a multiply-add counts as two, a comparison or a
     * transcendental function as one, moving data as none.
     */
    flops(_inputs, _outputs) {
        return 0;
    }
    /** Ideal bytes: each input read once, each output written once. */
    bytes(inputs, outputs) {
        let total = 0;
        for (const type of [...inputs, ...outputs])
            if (type)
                total += bytesOf(type);
        return total;
    }
}
/** The type of a required input. @throws ShapeError when it is missing */
export function typeAt(inputs, index, name) {
    const type = inputs[index];
    if (!type)
        throw missing(index, name);
    return type;
}
/** The tensor of a required input. @throws ShapeError when it is missing */
export function tensorAt(inputs, index, name) {
    const tensor = inputs[index];
    if (!tensor)
        throw missing(index, name);
    return tensor;
}
function missing(index, name) {
    return new ShapeError(`input ${index} (${name}) is missing`, { remedy: 'Give the node this input.' });
}
/** Checks a rank. @throws ShapeError outside [min, max] */
export function expectRank(type, name, min, max = min) {
    const rank = type.dims.length;
    if (rank < min || rank > max) {
        const wanted = min === max ? `${min}` : max === Infinity ? `at least ${min}` : `${min} to ${max}`;
        throw new ShapeError(`${name} is ${formatType(type)}, of rank ${rank}`, {
            remedy: `It must have rank ${wanted}.`,
        });
    }
}
/** Checks that a type is floating-point. @throws ShapeError otherwise */
export function expectFloat(type, name) {
    if (!isFloat(type.dtype)) {
        throw new ShapeError(`${name} is ${formatType(type)}`, { remedy: 'It must be floating-point.' });
    }
}
/** Checks that inputs share one element type. @throws ShapeError otherwise */
export function expectSameDType(types) {
    const present = types.filter((type) => type !== undefined);
    if (present.some((type) => type.dtype !== present[0].dtype)) {
        throw new ShapeError(`inputs are of types ${present.map(formatType).join(', ')}`, {
            remedy: 'They must share one element type: insert a Cast.',
        });
    }
}
//# sourceMappingURL=op.js.map