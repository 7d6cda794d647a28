/** Nodes whose inputs are all constants become constants. */
import { LanewiseError } from '../../errors.js';
import { WEIGHTS, foldOp } from '../folding.js';
import { forEachNode } from './rewrite.js';
/**
 * Evaluates them by their references, within the bounds of `foldOp`. Large fills stay fills: materialising them
 * here would cost more memory than the run saves time.
 */
export const foldConstants = {
    name: 'fold constants',
    apply: (graph) => forEachNode(graph, (node) => fold(graph, node)),
};
function fold(graph, node) {
    const tensors = evaluate(graph, node);
    if (!tensors)
        return false;
    for (const [i, value] of node.outputs.entries()) {
        graph.replaceUses(value, graph.constant(value.name, tensors[i]));
    }
    graph.remove(node);
    return true;
}
function evaluate(graph, node) {
    try {
        return foldOp(graph, node.op, node.inputs, WEIGHTS);
    }
    catch (error) {
        throw error instanceof LanewiseError ? error.at(node.label) : error;
    }
}
//# sourceMappingURL=fold-constants.js.map