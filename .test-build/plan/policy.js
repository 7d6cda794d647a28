import { layoutOf, samePlacement } from '../tensor/index.js';
/** Policies by name. */
export const POLICY_NAMES = ['nchw', 'nhwc', 'chwn'];
/**
 * One layout for the whole network: the first candidate with the fewest activations in another layout. Transforms
 * remain only where an op has no candidate in the layout.
 */
export function uniformPolicy(name) {
    return {
        name,
        choose: (node, candidates) => {
            const misfits = candidates.map((candidate) => countMisfits(node, candidate, name));
            return candidates[misfits.indexOf(Math.min(...misfits))];
        },
    };
}
/** How many of the node's activations a candidate wants in another layout than the kind's. */
function countMisfits(node, candidate, kind) {
    const misfit = (type, layout) => !samePlacement(layout, layoutOf(kind, type.dims.length), type.dims);
    const inputs = node.inputs.filter((value, i) => {
        const layout = candidate.inputs[i];
        return value && !value.constant && layout && misfit(value.type, layout);
    });
    const outputs = node.outputs.filter((value, i) => misfit(value.type, candidate.outputs[i]));
    return inputs.length + outputs.length;
}
//# sourceMappingURL=policy.js.map