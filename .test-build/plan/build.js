/** From a graph to a plan: a candidate per node, transforms where layouts differ, memory for everything. */
import { GPU_TYPE_BYTES } from '../devices/gpu.js';
import { UnsupportedError } from '../errors.js';
import { topologicalOrder } from '../graph/index.js';
import { transformKernel } from '../kernels/transform/index.js';
import { physicalSize, rowMajor, samePlacement, sizeOf, } from '../tensor/index.js';
import { lowerBound, placeBlocks } from './arena.js';
import { gpuTypeOf, isCandidate } from './candidate.js';
import { candidatesFor } from './candidates/index.js';
/**
 * Plans a graph for a device.
 * @throws UnsupportedError naming an op or element type that cannot run on a GPU
 */
export function buildPlan(graph, context, policy) {
    return new PlanBuilder(graph, context, policy).build();
}
class PlanBuilder {
    #graph;
    #context;
    #policy;
    #drafts = [];
    #steps = [];
    /** Every form in which a value is in memory so far; the first is the one it was computed in. */
    #forms = new Map();
    constructor(graph, context, policy) {
        this.#graph = graph;
        this.#context = context;
        this.#policy = policy;
    }
    build() {
        const inputs = this.#graph.inputs.map((value) => {
            const tensor = this.#draft(value, rowMajor(value.type.dims.length), gpuTypeOf(value.type.dtype, 'f32'));
            this.#forms.set(value, [tensor]);
            return { name: value.name, tensor };
        });
        for (const node of topologicalOrder(this.#graph))
            this.#addNode(node);
        const outputs = this.#graph.outputs.map(({ name, value }) => ({
            name,
            tensor: this.#form(value, rowMajor(value.type.dims.length), gpuTypeOf(value.type.dtype, 'f32')),
        }));
        return this.#assignMemory(inputs, outputs);
    }
    #addNode(node) {
        const candidate = this.#choose(node);
        const inputs = node.inputs.map((value, i) => {
            const layout = candidate.inputs[i];
            return value && layout && this.#form(value, layout, this.#typeOf(value));
        });
        if (candidate.alias !== undefined) {
            const source = inputs[candidate.alias];
            if (source === undefined)
                throw new TypeError(`${node.label} is an alias of a missing input`);
            const alias = this.#draft(node.outputs[0], candidate.outputs[0], this.#typeOf(node.outputs[0]), source);
            this.#forms.set(node.outputs[0], [alias]);
            return;
        }
        const outputs = node.outputs.map((value, i) => {
            const tensor = this.#draft(value, candidate.outputs[i], this.#typeOf(value));
            this.#forms.set(value, [tensor]);
            return tensor;
        });
        const workspace = candidate.workspace.map((bytes, i) => this.#scratch(`${node.name}/scratch${i}`, bytes));
        const resolve = ({ kind, index }) => {
            const tensor = { input: inputs, output: outputs, workspace }[kind][index];
            if (tensor === undefined)
                throw new TypeError(`${candidate.id} binds a missing ${kind} ${index}`);
            return tensor;
        };
        const empty = node.outputs.every((value) => sizeOf(value.type.dims) === 0);
        const steps = empty
            ? []
            : candidate.build({
                inputs: node.inputs.map((value, i) => this.#view(value, candidate.inputs[i])),
                outputs: node.outputs.map((value, i) => this.#viewOf(value, candidate.outputs[i])),
            });
        this.#steps.push({
            op: node.op.title,
            name: node.name,
            kernel: candidate.id,
            inputLayouts: candidate.inputs.map((layout) => layout?.name ?? ''),
            outputLayout: candidate.outputs[0].name,
            output: node.outputs[0].type,
            launches: steps.map(({ source, operands }) => ({ source, tensors: operands.map(resolve) })),
            flops: node.flops,
            bytes: this.#idealBytes(node),
        });
    }
    #choose(node) {
        try {
            const types = { inputs: node.inputTypes, outputs: node.outputTypes };
            const entries = candidatesFor(node.op, types, this.#context);
            const usable = entries.filter(isCandidate).filter(({ baseline }) => !baseline);
            if (usable.length === 0) {
                const reasons = entries.map((entry) => 'refused' in entry ? `${entry.id}: ${entry.refused}` : entry.id);
                throw new UnsupportedError(`${node.op.type} with these types on a GPU (${reasons.join('; ')})`);
            }
            return this.#policy.choose(node, usable);
        }
        catch (error) {
            throw error instanceof UnsupportedError ? error.at(node.label) : error;
        }
    }
    /** A value in a layout and type: as it is in memory already, as a constant, or by a transform. */
    #form(value, layout, type) {
        const forms = this.#forms.get(value) ?? [];
        const found = forms.find((tensor) => {
            const draft = this.#drafts[tensor];
            return draft.type === type && samePlacement(draft.layout, layout, draft.dims);
        });
        if (found !== undefined)
            return found;
        const tensor = this.#draft(value, layout, type);
        this.#forms.set(value, [...forms, tensor]);
        if (value.constant)
            return tensor;
        const source = forms[0];
        if (source === undefined)
            throw new TypeError(`${value.name} is read before it is computed`);
        this.#addTransform(value, source, tensor);
        return tensor;
    }
    #addTransform(value, from, to) {
        const x = this.#drafts[from];
        const y = this.#drafts[to];
        const source = transformKernel(x, y, this.#context.limits);
        this.#steps.push({
            op: 'Transform',
            name: value.name,
            kernel: source.id,
            inputLayouts: [x.layout.name],
            outputLayout: y.layout.name,
            output: value.type,
            launches: sizeOf(y.dims) === 0 ? [] : [{ source, tensors: [from, to] }],
            flops: 0,
            bytes: source.bytes,
        });
    }
    #typeOf(value) {
        return gpuTypeOf(value.type.dtype, this.#context.storage);
    }
    #viewOf(value, layout) {
        return { dims: value.type.dims, layout, type: this.#typeOf(value) };
    }
    #view(value, layout) {
        return value && layout && this.#viewOf(value, layout);
    }
    #idealBytes(node) {
        const values = [...node.inputs, ...node.outputs].filter((value) => value !== undefined);
        return values.reduce((sum, v) => sum + sizeOf(v.type.dims) * GPU_TYPE_BYTES[this.#typeOf(v)], 0);
    }
    #draft(value, layout, type, aliasOf) {
        const { dtype, dims } = value.type;
        const index = this.#drafts.length;
        const source = aliasOf === undefined ? undefined : this.#drafts[aliasOf];
        this.#drafts.push({
            name: value.name,
            dtype,
            type,
            dims,
            layout,
            bytes: Math.max(physicalSize(layout, dims) * GPU_TYPE_BYTES[type], 4),
            constant: source ? source.constant : value.constant,
            root: source ? source.root : index,
        });
        return index;
    }
    #scratch(name, bytes) {
        const root = this.#drafts.length;
        const layout = rowMajor(1);
        const dims = [Math.ceil(bytes / 4)];
        this.#drafts.push({ name, dtype: 'f32', type: 'f32', dims, layout, bytes, constant: undefined, root });
        return root;
    }
    #assignMemory(inputs, outputs) {
        const constants = [];
        const places = new Map();
        let constantBytes = 0;
        for (const [i, { constant, bytes, root }] of this.#drafts.entries()) {
            if (!constant || root !== i)
                continue;
            places.set(i, { kind: 'constant', index: constants.push(constant) - 1 });
            constantBytes += bytes;
        }
        const roots = this.#drafts.flatMap(({ root, constant }, i) => (root === i && !constant ? [i] : []));
        const blocks = this.#lifetimes(roots, inputs, outputs);
        const { limits } = this.#context;
        const arena = placeBlocks(blocks, limits.offsetAlignment, Math.min(limits.maxBufferBytes, limits.maxBindingBytes));
        for (const [i, root] of roots.entries())
            places.set(root, { kind: 'arena', ...arena.placements[i] });
        const tensors = this.#drafts.map(({ name, dtype, type, dims, layout, bytes, root }) => {
            const place = places.get(root);
            if (!place)
                throw new TypeError(`${name} has no memory`);
            return { name, dtype, type, dims, layout, bytes, place };
        });
        const plan = {
            version: 1,
            policy: this.#policy.name,
            tensors,
            inputs,
            outputs,
            steps: this.#steps,
            banks: arena.banks,
            lowerBound: lowerBound(blocks),
            constantBytes,
        };
        return { plan, constants };
    }
    /** A block per root: alive from the launch that writes it to the last that reads it. */
    #lifetimes(roots, inputs, outputs) {
        const rootOf = (tensor) => this.#drafts[tensor].root;
        const position = new Map(roots.map((root, i) => [root, i]));
        const spans = roots.map(() => ({ start: Infinity, end: -1, apart: new Set() }));
        const touch = (tensor, step) => {
            const span = spans[position.get(rootOf(tensor)) ?? -1];
            if (!span)
                return;
            span.start = Math.min(span.start, step);
            span.end = Math.max(span.end, step);
        };
        // Inputs are uploaded before the first step, outputs read after the last.
        for (const { tensor } of inputs)
            touch(tensor, -1);
        for (const [step, { launches }] of this.#steps.entries()) {
            for (const { source, tensors } of launches) {
                for (const tensor of tensors)
                    touch(tensor, step);
                keepApart(source.bindings.map(({ access }) => access), tensors.map((t) => position.get(rootOf(t))), spans);
            }
        }
        for (const { tensor } of outputs)
            touch(tensor, this.#steps.length);
        return roots.map((root, i) => ({
            bytes: this.#drafts[root].bytes,
            start: Math.min(spans[i].start, spans[i].end),
            end: spans[i].end,
            apart: spans[i].apart,
        }));
    }
}
/** Notes that what one launch writes and what it reads must be in different buffers. */
function keepApart(access, blocks, spans) {
    for (const [i, a] of blocks.entries()) {
        for (const [j, b] of blocks.entries()) {
            if (a === undefined || b === undefined || access[i] !== 'read' || access[j] !== 'read_write')
                continue;
            spans[a].apart.add(b);
            spans[b].apart.add(a);
        }
    }
}
//# sourceMappingURL=build.js.map