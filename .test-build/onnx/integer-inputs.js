/** Lists of integers that an operator takes as an attribute in old operator sets and as an input in newer ones. */
import { ShapeError } from '../errors.js';
import { formatType, isInteger, normaliseAxes, sizeOf } from '../tensor/index.js';
/** More than any real list of axes, dims or parts: keeps a hostile one from being laid out in memory. */
const MAX_ENTRIES = 1 << 16;
/**
 * The value of an optional integer input of rank 0 or 1 as numbers; undefined when it is left out.
 * @throws ShapeError for another type, rank or a huge length; ValueNeeded when it depends on graph inputs that are not bound
 */
export function integerInput(node, index, name) {
    const value = node.optional(index);
    if (!value)
        return undefined;
    const { dtype, dims } = value.type;
    if (!isInteger(dtype) || dims.length > 1 || sizeOf(dims) > MAX_ENTRIES) {
        throw new ShapeError(`${name} is ${formatType(value.type)}`, {
            remedy: `It must be a list of at most ${MAX_ENTRIES} integers.`,
        });
    }
    return node.known(value, name).toNumbers();
}
/**
 * A list that is attribute `name` before operator set `since`, and input `index` from then on; undefined when it
 * is left out.
 */
export function integerList(node, name, index, since) {
    return node.opset < since ? node.attributes.ints(name) : integerInput(node, index, name);
}
/** A list that must be there. @throws ShapeError when it is not */
export function required(list, name) {
    if (list === undefined) {
        throw new ShapeError(`${name} is not given`, { remedy: 'Export the model again: it is required.' });
    }
    return list;
}
/** Checks the length of a list. @throws ShapeError unless it is `length` */
export function expectLength(list, length, name) {
    if (list.length !== length) {
        throw new ShapeError(`${name} has ${list.length} entries`, { remedy: `It must have ${length}.` });
    }
}
/**
 * A list that is given for some axes, as one for all axes of a tensor.
 * @param axes as in the model; all axes in order when undefined
 * @param fallback value of the axes that are not named
 */
export function spreadOverAxes(list, axes, dims, name, fallback) {
    const named = axes ? normaliseAxes(axes, dims.length) : dims.map((_, axis) => axis);
    expectLength(list, named.length, name);
    const result = dims.map((_, axis) => fallback(axis));
    for (const [i, axis] of named.entries())
        result[axis] = list[i];
    return result;
}
//# sourceMappingURL=integer-inputs.js.map