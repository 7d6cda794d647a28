import { LimitError, SessionError, UnsupportedError } from '../errors.js';
import { buildPlan } from '../plan/build.js';
import { uniformPolicy } from '../plan/policy.js';
import { ConstantStore } from './gpu-constants.js';
import { fromStored, toStored } from './gpu-transfer.js';
/** How often a profiled step runs in a row: an empty pass reads as some microseconds, which this divides. */
const PROFILE_REPEATS = 10;
export class GpuRunner {
    kind;
    description;
    #gpu;
    #lease;
    #options;
    #constants;
    /** @throws UnsupportedError when half precision is asked for and the device has none */
    constructor(lease, { policy = 'nchw', dtype = 'f32' } = {}) {
        const { gpu } = lease;
        if (dtype === 'f16' && !gpu.features.has('f16')) {
            throw new UnsupportedError(`half precision on ${gpu.description}`, { remedy: 'Use dtype "f32".' });
        }
        this.kind = gpu.kind;
        this.description = gpu.description;
        this.#gpu = gpu;
        this.#lease = lease;
        this.#options = { policy, dtype };
        this.#constants = new ConstantStore(gpu);
    }
    async prepare(graph) {
        const { limits, features } = this.#gpu;
        const context = { limits, features, storage: this.#options.dtype };
        const built = buildPlan(graph, context, uniformPolicy(this.#options.policy));
        checkMemory(built.plan, graph);
        return GpuExecutable.create(this.#gpu, built, this.#constants);
    }
    async dispose() {
        await this.#constants.dispose();
        this.#lease.release();
    }
}
function checkMemory(plan, graph) {
    const arena = plan.banks.reduce((sum, bytes) => sum + bytes, 0);
    if (arena + plan.constantBytes <= graph.limits.maxTotalBytes)
        return;
    throw new LimitError(`the network takes ${plan.constantBytes} bytes of weights and ${arena} of activations`, {
        remedy: `The limit is ${graph.limits.maxTotalBytes} in all; raise limits.maxTotalBytes if this is meant.`,
    });
}
class GpuExecutable {
    plan;
    #gpu;
    #banks;
    #slices;
    #recording;
    /** Runs share the arena: each waits for the one before. */
    #last = Promise.resolve();
    #disposed = false;
    constructor(gpu, plan, banks, slices, recording) {
        this.#gpu = gpu;
        this.plan = plan;
        this.#banks = banks;
        this.#slices = slices;
        this.#recording = recording;
    }
    static async create(gpu, { plan, constants }, store) {
        const banks = [];
        try {
            for (const [i, bytes] of plan.banks.entries())
                banks.push(await gpu.allocate(bytes, `arena ${i}`));
            const slices = [];
            for (const tensor of plan.tensors) {
                const { place, bytes } = tensor;
                if (place.kind === 'constant')
                    slices.push(await store.get(constants[place.index].tensor, tensor));
                else
                    slices.push({ buffer: banks[place.bank], offset: place.offset, bytes });
            }
            const launches = plan.steps.flatMap((step) => step.launches);
            const kernels = await gpu.compile(launches.map(({ source }) => source));
            const dispatches = launches.map(({ tensors }, i) => ({
                kernel: kernels[i],
                slices: tensors.map((tensor) => slices[tensor]),
            }));
            const readbacks = plan.outputs.map(({ tensor }) => slices[tensor]);
            const recording = await gpu.record(dispatches, readbacks);
            return new GpuExecutable(gpu, plan, banks, slices, recording);
        }
        catch (error) {
            for (const bank of banks)
                bank.destroy();
            throw error;
        }
    }
    run(inputs, options) {
        const result = this.#last.then(() => this.#run(inputs, options));
        this.#last = result.catch(() => undefined);
        return result;
    }
    async dispose() {
        if (this.#disposed)
            return;
        this.#disposed = true;
        await this.#last;
        this.#gpu.release(this.#recording);
        for (const bank of this.#banks)
            bank.destroy();
    }
    async #run(inputs, options) {
        if (this.#disposed)
            throw new SessionError('the session was disposed', { remedy: 'Create a new one.' });
        options.signal?.throwIfAborted();
        for (const { name, tensor } of this.plan.inputs) {
            const given = inputs.get(name);
            const { buffer, offset } = this.#slices[tensor];
            if (given)
                this.#gpu.write(buffer, offset, toStored(given, this.plan.tensors[tensor].type, name));
        }
        const results = await this.#gpu.submit(this.#recording);
        const outputs = new Map(this.plan.outputs.map(({ name, tensor }, i) => {
            const { type, dtype, dims } = this.plan.tensors[tensor];
            return [name, fromStored(results[i], type, dtype, dims)];
        }));
        return options.profile ? { outputs, steps: await this.#profile() } : { outputs };
    }
    async #profile() {
        const times = await this.#gpu.time(this.#recording, { repeats: PROFILE_REPEATS });
        let next = 0;
        return this.plan.steps.map((step) => {
            let nanoseconds = 0;
            for (const _ of step.launches)
                nanoseconds += times[next++];
            const { op, name, kernel, outputLayout: layout, output, bytes, flops } = step;
            return { op, name, kernel, layout, output, bytes, flops, milliseconds: nanoseconds / 1e6 };
        });
    }
}
//# sourceMappingURL=gpu-runner.js.map