/** Compute pipelines from kernel texts, compiled asynchronously and shared between equal texts. */
import { DeviceError } from '../../errors.js';
import { STAGE_COMPUTE } from './constants.js';
export class PipelineCache {
    #device;
    /** By text. */
    #pipelines = new Map();
    /** Bind group layouts by the accesses of their bindings. */
    #layouts = new Map();
    constructor(device) {
        this.#device = device;
    }
    async get(source) {
        let compiled = this.#pipelines.get(source.wgsl);
        if (!compiled) {
            compiled = this.#compile(source);
            this.#pipelines.set(source.wgsl, compiled);
            compiled.catch(() => this.#pipelines.delete(source.wgsl));
        }
        return { source, ...(await compiled) };
    }
    async #compile(source) {
        const layout = this.#layoutOf(source);
        // The module's own error scope keeps its message from arriving as an uncaptured error as well.
        this.#device.pushErrorScope('validation');
        const module = this.#device.createShaderModule({ label: source.id, code: source.wgsl });
        const invalid = this.#device.popErrorScope();
        const { messages } = await module.getCompilationInfo();
        const errors = messages.filter(({ type }) => type === 'error');
        if (errors.length > 0 || (await invalid)) {
            const lines = errors.map(({ lineNum, linePos, message }) => `${lineNum}:${linePos} ${message}`);
            throw failed(source, lines.join('; ') || ((await invalid)?.message ?? 'no message'));
        }
        try {
            const pipeline = await this.#device.createComputePipelineAsync({
                label: source.id,
                layout: this.#device.createPipelineLayout({ bindGroupLayouts: [layout] }),
                compute: { module, entryPoint: 'main' },
            });
            return { pipeline, layout };
        }
        catch (cause) {
            throw failed(source, cause.message, cause);
        }
    }
    #layoutOf(source) {
        const key = source.bindings.map(({ access }) => access).join();
        let layout = this.#layouts.get(key);
        if (!layout) {
            layout = this.#device.createBindGroupLayout({
                label: key,
                entries: source.bindings.map(({ access }, binding) => ({
                    binding,
                    visibility: STAGE_COMPUTE,
                    buffer: { type: access === 'read' ? 'read-only-storage' : 'storage' },
                })),
            });
            this.#layouts.set(key, layout);
        }
        return layout;
    }
}
function failed(source, why, cause) {
    return new DeviceError(`kernel ${source.id} does not compile (${why.trim()})`, {
        remedy: 'Please report this with the device; another layout policy may avoid the kernel.',
        cause,
    });
}
//# sourceMappingURL=pipelines.js.map