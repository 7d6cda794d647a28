/** What there is to say about a model without running it. */
import { LanewiseError, UnsupportedError } from '../errors.js';
import { ValueNeeded, countParameters, peakActivationBytes, topologicalOrder, } from '../graph/index.js';
import { rewriteGraph } from '../graph/rewrites/index.js';
import { bindDims } from '../session/index.js';
import { assumeDims } from './assumed-dims.js';
/**
 * Describes a model. Weights are not touched: this is fast however large they are.
 * @param given dims for symbolic dimensions or inputs
 * @throws InputError for dims that the model does not have or that contradict it
 */
export function modelInfo(model, given = {}) {
    const { dims, assumed, missing } = assumeDims(model.inputs, given);
    const shapes = bindDims(model.inputs, dims);
    const { counts, unsupported } = model.operators;
    const built = missing.length === 0 && shapes && unsupported.length === 0 ? describeGraph(model, shapes) : undefined;
    return {
        name: model.name,
        producer: model.producer,
        opset: model.opset,
        inputs: model.inputs.map(portInfo),
        outputs: model.outputs.map(portInfo),
        operators: Object.fromEntries([...counts].sort(([, a], [, b]) => b - a)),
        fileNodes: [...counts.values()].reduce((sum, count) => sum + count, 0),
        graph: built?.graph ?? null,
        assumed,
        missingDims: missing,
        unsupported: [...unsupported.map((name) => `operator ${name}`), ...(built?.unsupported ?? [])],
        problem: built?.problem ?? null,
    };
}
function describeGraph(model, dims) {
    let graph;
    try {
        graph = model.build({ dims });
    }
    catch (error) {
        if (error instanceof ValueNeeded) {
            const names = error.inputs.map(({ name }) => name).join(', ');
            return {
                problem: `${error.label}: its ${error.purpose} depends on the data of ${names}: known only in a run`,
            };
        }
        if (error instanceof UnsupportedError) {
            return { unsupported: [error.node ? `${error.feature} (${error.node})` : error.feature] };
        }
        if (error instanceof LanewiseError)
            return { problem: error.message };
        throw error;
    }
    graph.prune();
    const { elements: parameters, bytes: weightBytes } = countParameters(graph);
    rewriteGraph(graph);
    const order = topologicalOrder(graph);
    return {
        graph: {
            shapes: Object.fromEntries(dims),
            parameters,
            weightBytes,
            flops: order.reduce((sum, node) => sum + node.flops, 0),
            peakActivationBytes: peakActivationBytes(order, graph.inputs),
            nodes: order.length,
        },
    };
}
function portInfo({ name, dtype, dims }) {
    return { name, dtype, dims: dims ?? null };
}
//# sourceMappingURL=model-info.js.map