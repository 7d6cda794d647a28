/** When tensors live: from the node that computes them to the last that reads them. */
import { bytesOf } from '../tensor/index.js';
/**
 * For each position in `order`, the values that no later node reads and that are no graph outputs. Constants
 * and graph inputs are not listed: they live through the whole run.
 */
export function lastUses(order) {
    const last = new Map();
    for (const [step, node] of order.entries()) {
        for (const value of [...node.inputs, ...node.outputs])
            if (value?.producer)
                last.set(value, step);
    }
    const dying = order.map(() => []);
    for (const [value, step] of last)
        if (value.outputNames.size === 0)
            dying[step].push(value);
    return dying;
}
/**
 * Bytes of the largest set of activations alive at once, graph inputs and outputs included: the least memory
 * that any order-preserving plan without in-place steps can do with, weights apart.
 */
export function peakActivationBytes(order, inputs) {
    const dying = lastUses(order);
    let live = inputs.reduce((sum, value) => sum + bytesOf(value.type), 0);
    let peak = live;
    for (const [step, node] of order.entries()) {
        for (const value of node.outputs)
            live += bytesOf(value.type);
        peak = Math.max(peak, live);
        for (const value of dying[step])
            live -= bytesOf(value.type);
    }
    return peak;
}
//# sourceMappingURL=lifetimes.js.map