/** Applies a change to every node where it fits. @param change returns whether it did */
export function forEachNode(graph, change) {
    let count = 0;
    // Nodes that a change takes out before the iteration has reached them are not visited.
    for (const node of graph.nodes)
        if (change(node))
            count++;
    return count;
}
/** The node that reads a value, when it reads it once, nobody else does, and the value is no output of the graph. */
export function soleConsumer(value) {
    const [consumer, ...others] = value.consumers;
    if (!consumer || others.length > 0 || value.outputNames.size > 0)
        return undefined;
    return consumer.inputs.filter((input) => input === value).length === 1 ? consumer : undefined;
}
/** The node that computes an input, when nobody else reads what it computes, in any of its outputs. */
export function soleProducer(value) {
    const node = value?.producer;
    if (!node || !soleConsumer(value))
        return undefined;
    return node.outputs.every((output) => output === value || output.unread) ? node : undefined;
}
/** An op's attributes as its constructor takes them, with changes. Ops keep every option under the option's name. */
export function optionsOf(op, changes) {
    return Object.assign({}, op, changes);
}
//# sourceMappingURL=rewrite.js.map