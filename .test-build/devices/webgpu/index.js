/** The GPU contract on WebGPU: in browsers, and in Node through Dawn. */
import { DeviceError } from '../../errors.js';
import { describe, featuresOf, isSoftware, limitsOf, requestAdapter, requestDevice, } from './adapter.js';
import { BUFFER_USAGE, MAP_READ } from './constants.js';
import { encode } from './dispatch.js';
import { PipelineCache } from './pipelines.js';
import { splitPasses, timePasses } from './timing.js';
class WebGpuBuffer {
    native;
    label;
    bytes;
    #onDestroy;
    #alive = true;
    constructor(native, label, onDestroy) {
        this.native = native;
        this.label = label;
        this.bytes = native.size;
        this.#onDestroy = onDestroy;
    }
    destroy() {
        if (!this.#alive)
            return;
        this.#alive = false;
        this.native.destroy();
        this.#onDestroy();
    }
}
/** Alignment of buffer copies in WebGPU. */
const COPY_ALIGNMENT = 4;
export class WebGpuDevice {
    kind = 'webgpu';
    description;
    software;
    limits;
    features;
    #device;
    #owned;
    /** Dawn lives as long as the object that made it: dropping it lets Node exit. */
    #keepAlive = new Set();
    #pipelines;
    #buffers = new Set();
    #allocatedBytes = 0;
    #failure;
    #destroyed = false;
    constructor(device, info, owned, gpu) {
        this.#device = device;
        this.#owned = owned;
        if (gpu)
            this.#keepAlive.add(gpu);
        this.#pipelines = new PipelineCache(device);
        this.software = isSoftware(info);
        this.description = `${describe(info)} (WebGPU)`;
        this.limits = limitsOf(device, info);
        this.features = featuresOf(device);
        device.addEventListener('uncapturederror', ({ error }) => {
            this.#failure ??= new DeviceError(`WebGPU reports: ${error.message}`, {
                remedy: 'Please report this with the model and the device.',
            });
        });
        void device.lost.then(({ message }) => {
            if (this.#destroyed)
                return;
            this.#failure = new DeviceError(`the GPU device was lost (${message || 'no reason given'})`, {
                remedy: 'Create a new session; if it happens again, use smaller batches or the CPU.',
            });
        });
    }
    /** @throws DeviceError when there is no adapter of the wished kind */
    static async create(gpu, { wish = 'any' } = {}) {
        const adapter = await requestAdapter(gpu, wish);
        return new WebGpuDevice(await requestDevice(adapter), adapter.info, true, gpu);
    }
    /** Uses a device that the caller owns: it is not destroyed with the session. */
    static adopt(device) {
        return new WebGpuDevice(device, device.adapterInfo, false);
    }
    get allocatedBytes() {
        return this.#allocatedBytes;
    }
    allocate(bytes, label) {
        return this.#createBuffer(bytes, label, BUFFER_USAGE.STORAGE | BUFFER_USAGE.COPY_SRC | BUFFER_USAGE.COPY_DST);
    }
    /** Wraps a buffer of the caller's; it needs STORAGE, and COPY_SRC or COPY_DST where it is read or written. */
    wrap(native) {
        return new WebGpuBuffer(native, native.label || 'caller buffer', () => { });
    }
    write(buffer, offset, data) {
        this.#checkAlive();
        // Dawn for Node refuses views on shared memory; and copies are in units of four bytes.
        const shared = typeof SharedArrayBuffer !== 'undefined' && data.buffer instanceof SharedArrayBuffer;
        const padded = alignUp(data.byteLength, COPY_ALIGNMENT);
        if (!shared && padded === data.byteLength) {
            this.#device.queue.writeBuffer(nativeOf(buffer), offset, data);
            return;
        }
        const copy = new Uint8Array(padded);
        copy.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
        this.#device.queue.writeBuffer(nativeOf(buffer), offset, copy);
    }
    compile(sources) {
        this.#checkAlive();
        return Promise.all(sources.map((source) => this.#pipelines.get(source)));
    }
    async record(dispatches, readbacks = []) {
        this.#checkAlive();
        this.#device.pushErrorScope('validation');
        const bound = dispatches.map((dispatch) => this.#bind(dispatch));
        const error = await this.#device.popErrorScope();
        if (error) {
            throw new DeviceError(`binding buffers failed (${error.message})`, {
                remedy: 'Please report this with the model and the device.',
            });
        }
        const bytes = readbacks.reduce((sum, slice) => sum + alignUp(slice.bytes, COPY_ALIGNMENT), 0);
        const staging = bytes > 0
            ? await this.#createBuffer(bytes, 'readback', BUFFER_USAGE.MAP_READ | BUFFER_USAGE.COPY_DST)
            : undefined;
        const recording = { dispatches, readbacks, bound, staging };
        return recording;
    }
    release(recording) {
        recording.staging?.destroy();
    }
    async submit(recording) {
        this.#checkAlive();
        const { bound, readbacks, staging } = recording;
        const encoder = this.#device.createCommandEncoder();
        if (bound.length > 0) {
            const pass = encoder.beginComputePass();
            for (const dispatch of bound)
                encode(pass, dispatch);
            pass.end();
        }
        let at = 0;
        for (const { buffer, offset, bytes } of readbacks) {
            if (!staging || bytes === 0)
                continue;
            const size = alignUp(bytes, COPY_ALIGNMENT);
            encoder.copyBufferToBuffer(nativeOf(buffer), offset, staging.native, at, size);
            at += size;
        }
        this.#device.queue.submit([encoder.finish()]);
        if (!staging) {
            await this.#device.queue.onSubmittedWorkDone();
            this.#checkAlive();
            return readbacks.map(() => new Uint8Array(0));
        }
        return this.#collect(readbacks, staging);
    }
    time(recording, { passes, repeats = 1 } = {}) {
        this.#checkAlive();
        const { bound } = recording;
        return timePasses(this.#device, splitPasses(bound, passes ?? bound.map(() => 1)), repeats);
    }
    destroy() {
        if (this.#destroyed)
            return;
        this.#destroyed = true;
        for (const buffer of this.#buffers)
            buffer.destroy();
        if (this.#owned)
            this.#device.destroy();
        this.#keepAlive.clear();
    }
    async #createBuffer(bytes, label, usage) {
        this.#checkAlive();
        const size = Math.max(alignUp(bytes, COPY_ALIGNMENT), COPY_ALIGNMENT);
        if (size > this.limits.maxBufferBytes)
            throw tooLarge(label, size, this.limits.maxBufferBytes);
        this.#device.pushErrorScope('out-of-memory');
        this.#device.pushErrorScope('validation');
        const native = this.#device.createBuffer({ label, size, usage });
        const invalid = await this.#device.popErrorScope();
        const exhausted = await this.#device.popErrorScope();
        if (invalid || exhausted) {
            throw new DeviceError(`${label}: ${size} bytes could not be allocated (${(invalid ?? exhausted)?.message.trim()})`, { remedy: 'Use a smaller batch, dispose other sessions, or run on the CPU.' });
        }
        this.#allocatedBytes += size;
        const buffer = new WebGpuBuffer(native, label, () => {
            this.#allocatedBytes -= size;
            this.#buffers.delete(buffer);
        });
        this.#buffers.add(buffer);
        return buffer;
    }
    #bind({ kernel, slices }) {
        const { source, pipeline, layout } = kernel;
        for (const slice of slices) {
            if (slice.bytes > this.limits.maxBindingBytes) {
                throw tooLarge(`${slice.buffer.label} in ${source.id}`, slice.bytes, this.limits.maxBindingBytes);
            }
        }
        const bindGroup = this.#device.createBindGroup({
            label: source.id,
            layout,
            entries: slices.map(({ buffer, offset, bytes }, binding) => ({
                binding,
                resource: {
                    buffer: nativeOf(buffer),
                    offset,
                    size: Math.max(alignUp(bytes, COPY_ALIGNMENT), COPY_ALIGNMENT),
                },
            })),
        });
        return { pipeline, bindGroup, grid: source.grid };
    }
    async #collect(readbacks, staging) {
        try {
            await staging.native.mapAsync(MAP_READ);
        }
        catch (cause) {
            this.#checkAlive();
            throw new DeviceError('reading results back failed', { remedy: 'Create a new session.', cause });
        }
        const mapped = new Uint8Array(staging.native.getMappedRange());
        let at = 0;
        const results = readbacks.map(({ bytes }) => {
            const copy = mapped.slice(at, at + bytes);
            at += alignUp(bytes, COPY_ALIGNMENT);
            return copy;
        });
        staging.native.unmap();
        this.#checkAlive();
        return results;
    }
    #checkAlive() {
        if (this.#failure)
            throw this.#failure;
        if (this.#destroyed) {
            throw new DeviceError('the GPU device was destroyed', { remedy: 'Create a new session.' });
        }
    }
}
function nativeOf(buffer) {
    return buffer.native;
}
function tooLarge(what, bytes, limit) {
    return new DeviceError(`${what} takes ${bytes} bytes, over the device's limit of ${limit}`, {
        remedy: 'Use a smaller batch or smaller images.',
    });
}
function alignUp(value, alignment) {
    return Math.ceil(value / alignment) * alignment;
}
//# sourceMappingURL=index.js.map