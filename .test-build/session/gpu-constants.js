import { transformKernel } from '../kernels/transform/index.js';
import { gpuTypeOf } from '../plan/candidate.js';
import { rowMajor, samePlacement } from '../tensor/index.js';
import { toStored } from './gpu-transfer.js';
export class ConstantStore {
    #device;
    #buffers = new Map();
    constructor(device) {
        this.#device = device;
    }
    /** The slice of a constant in the tensor's layout and type. */
    async get(constant, wanted) {
        const key = JSON.stringify([wanted.type, wanted.layout.order, wanted.layout.block, wanted.dims]);
        let forms = this.#buffers.get(constant);
        if (!forms)
            this.#buffers.set(constant, (forms = new Map()));
        let buffer = forms.get(key);
        if (!buffer)
            forms.set(key, (buffer = this.#upload(constant, wanted)));
        return { buffer: await buffer, offset: 0, bytes: wanted.bytes };
    }
    async dispose() {
        for (const forms of this.#buffers.values()) {
            for (const buffer of forms.values())
                (await buffer).destroy();
        }
        this.#buffers.clear();
    }
    /** Uploads row-major elements; the device itself brings them into the layout, at the speed of its memory. */
    async #upload(constant, wanted) {
        const { dims, layout, name } = wanted;
        const row = rowMajor(dims.length);
        const type = gpuTypeOf(constant.dtype, 'f32');
        const data = toStored(constant, type, name);
        const plain = await this.#device.allocate(data.byteLength, `constant "${name}"`);
        this.#device.write(plain, 0, data);
        if (type === wanted.type && samePlacement(row, layout, dims))
            return plain;
        const target = await this.#device.allocate(wanted.bytes, `constant "${name}" in ${layout.name}`);
        const source = transformKernel({ dims, layout: row, type }, wanted, this.#device.limits);
        const [kernel] = await this.#device.compile([source]);
        const slices = [
            { buffer: plain, offset: 0, bytes: data.byteLength },
            { buffer: target, offset: 0, bytes: wanted.bytes },
        ];
        const recording = await this.#device.record([{ kernel, slices }]);
        await this.#device.submit(recording);
        this.#device.release(recording);
        plain.destroy();
        return target;
    }
}
//# sourceMappingURL=gpu-constants.js.map