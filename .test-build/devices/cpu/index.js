/** The device that is always there and always right: it evaluates nodes one by one in host memory. */
import { LimitError, SessionError } from '../../errors.js';
import { countParameters, lastUses, peakActivationBytes, topologicalOrder, } from '../../graph/index.js';
import { rowMajor } from '../../tensor/index.js';
import { kernelFor } from './kernels.js';
export class CpuDevice {
    kind = 'cpu';
    description = 'CPU (one thread)';
    prepare(graph) {
        const order = topologicalOrder(graph);
        const weights = countParameters(graph).bytes;
        const activations = peakActivationBytes(order, graph.inputs);
        if (weights + activations > graph.limits.maxTotalBytes) {
            throw new LimitError(`the network takes ${weights} bytes of weights and ${activations} of activations`, {
                remedy: `The limit is ${graph.limits.maxTotalBytes} in all; raise limits.maxTotalBytes if this is meant.`,
            });
        }
        return Promise.resolve(new CpuExecutable(graph, order));
    }
    dispose() {
        return Promise.resolve();
    }
}
/** Work between two turns of the event loop: a page stays responsive, and runs can be aborted. */
const SLICE_MS = 12;
class CpuExecutable {
    #graph;
    #steps;
    constructor(graph, order) {
        const dying = lastUses(order);
        this.#graph = graph;
        this.#steps = order.map((node, i) => ({ node, kernel: kernelFor(node), dying: dying[i] }));
    }
    async run(inputs, options) {
        const steps = this.#steps;
        if (!steps)
            throw disposed();
        const tensors = new Map();
        for (const value of this.#graph.inputs) {
            const tensor = inputs.get(value.name);
            if (tensor)
                tensors.set(value, tensor);
        }
        const profile = [];
        let sliceStart = performance.now();
        for (const [done, step] of steps.entries()) {
            const start = performance.now();
            if (start - sliceStart > SLICE_MS) {
                await nextTurn();
                sliceStart = performance.now();
            }
            options.signal?.throwIfAborted();
            options.onProgress?.({ what: step.node.label, done, total: steps.length });
            const milliseconds = evaluate(step, tensors);
            if (options.profile) {
                profile.push(profileOf(step, milliseconds));
            }
        }
        const outputs = new Map();
        for (const { name, value } of this.#graph.outputs)
            outputs.set(name, tensorOf(value, tensors));
        return options.profile ? { outputs, steps: profile } : { outputs };
    }
    dispose() {
        this.#steps = undefined;
        return Promise.resolve();
    }
}
function profileOf({ node, kernel }, milliseconds) {
    const output = node.outputs[0].type;
    return {
        op: node.op.title,
        name: node.name,
        kernel: kernel.id,
        layout: rowMajor(output.dims.length).name,
        output,
        bytes: node.bytes,
        flops: node.flops,
        milliseconds,
    };
}
/** Runs one step and returns its time in milliseconds. */
function evaluate({ node, kernel, dying }, tensors) {
    const inputs = node.inputs.map((value) => value && tensorOf(value, tensors));
    const start = performance.now();
    const outputs = kernel.run(node, inputs);
    const milliseconds = performance.now() - start;
    for (const [i, value] of node.outputs.entries())
        tensors.set(value, outputs[i]);
    for (const value of dying)
        tensors.delete(value);
    return milliseconds;
}
function tensorOf(value, tensors) {
    const tensor = value.constant?.tensor ?? tensors.get(value);
    if (!tensor)
        throw new SessionError(`value "${value.name}" was not computed`, { remedy: 'Please report this.' });
    return tensor;
}
function disposed() {
    return new SessionError('the session was disposed', { remedy: 'Create a new one.' });
}
function nextTurn() {
    return new Promise((resolve) => {
        setTimeout(resolve, 0);
    });
}
//# sourceMappingURL=index.js.map