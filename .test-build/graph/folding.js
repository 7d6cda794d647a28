import { bytesOf, sizeOf } from '../tensor/index.js';
/** Enough for any shape arithmetic, which importers evaluate at once. */
export const SHAPE_ARITHMETIC = { maxBytes: 1 << 16, maxWork: 1 << 20 };
/** Enough to transpose or dequantise the weights of a large layer. */
export const WEIGHTS = { maxBytes: 1 << 27, maxWork: 1 << 26 };
/** All that may be spent on one graph: a few seconds at the references' 10 to 50 ns per operation. */
const GRAPH_WORK = 1 << 27;
/** Memory that folded tensors of one graph may take. */
const GRAPH_BYTES = 1 << 29;
/** Fills that are at most this large are worth materialising to fold what reads them. */
const LARGEST_FILL_BYTES = 1 << 16;
const budgets = new WeakMap();
/**
 * The outputs of an op whose inputs are all constants; undefined where some input is none, or the bounds forbid it.
 * @throws what the op's inference and reference throw
 */
export function foldOp(graph, op, inputs, limits) {
    if (!inputs.every((value) => !value || isCheapConstant(value)))
        return undefined;
    const inputTypes = inputs.map((value) => value?.type);
    const outputTypes = op.infer(inputTypes);
    const types = [...inputTypes, ...outputTypes].filter((type) => type !== undefined);
    const work = op.flops(inputTypes, outputTypes) + sum(types, ({ dims }) => sizeOf(dims));
    if (types.some((type) => bytesOf(type) > limits.maxBytes) || !(work <= limits.maxWork))
        return undefined;
    if (!spend(graph, work, sum(outputTypes, bytesOf)))
        return undefined;
    return op.reference(inputs.map((value) => value?.constant?.tensor));
}
function isCheapConstant({ constant }) {
    return constant !== undefined && (!constant.element || bytesOf(constant.type) <= LARGEST_FILL_BYTES);
}
/**
 * Takes work (operations plus elements) and bytes from what may be spent on preparing a graph.
 * @returns false, taking nothing, when too little is left
 */
export function spend(graph, work, bytes) {
    const budget = budgets.get(graph) ?? { work: GRAPH_WORK, bytes: GRAPH_BYTES };
    if (work > budget.work || bytes > budget.bytes)
        return false;
    budgets.set(graph, { work: budget.work - work, bytes: budget.bytes - bytes });
    return true;
}
function sum(types, measure) {
    return types.reduce((total, type) => total + measure(type), 0);
}
//# sourceMappingURL=folding.js.map