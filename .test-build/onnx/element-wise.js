/** What the importers of element-wise operators share. */
import { Binary } from '../ops/binary.js';
import { Unary } from '../ops/unary.js';
/** Applies a function to the node's one input. */
export function emitUnary(node, fn) {
    return node.emit1(new Unary(fn), [node.input(0, 'X')]);
}
/** Applies a function to the node's two inputs. */
export function emitBinary(node, fn) {
    return node.emit1(new Binary(fn), [node.input(0, 'A'), node.input(1, 'B')]);
}
/** Applies a function to the first two inputs, then to the result and the third input, and so on. */
export function emitVariadic(node, fn) {
    let result = node.input(0, 'data_0');
    for (let i = 1; i < node.inputs.length; i++) {
        result = node.emit1(new Binary(fn), [result, node.input(i, `data_${i}`)]);
    }
    return result;
}
/** The importer of an operator without attributes. */
export const unary = (fn) => {
    return (node) => emitUnary(node, fn);
};
/** The importer of an operator without attributes. */
export const binary = (fn) => {
    return (node) => emitBinary(node, fn);
};
//# sourceMappingURL=element-wise.js.map