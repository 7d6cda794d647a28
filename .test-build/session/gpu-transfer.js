/** Host tensors to and from the element types that GPUs store. */
import { InputError } from '../errors.js';
import { Tensor, createStorage, isBigInteger } from '../tensor/index.js';
/**
 * A tensor's elements as the device stores them, row-major.
 * @throws InputError when a 64-bit integer does not fit into 32 bits
 */
export function toStored(tensor, type, name) {
    if (tensor.dtype === type)
        return tensor.data;
    if (isBigInteger(tensor.dtype)) {
        const stored = type === 'i32' ? new Int32Array(tensor.size) : new Uint32Array(tensor.size);
        const source = tensor.data;
        for (let i = 0; i < source.length; i++) {
            const value = Number(source[i]);
            stored[i] = value;
            if (stored[i] !== value) {
                throw new InputError(`"${name}" holds ${source[i]}, which does not fit into 32 bits`, {
                    remedy: 'GPUs compute with 32-bit integers: run this model on the CPU.',
                });
            }
        }
        return stored;
    }
    return Tensor.from(type, tensor.dims, tensor.toFloat64()).data;
}
/** The model's tensor out of the stored bytes of a row-major one. */
export function fromStored(bytes, type, dtype, dims) {
    const stored = createStorage(type, 0);
    const View = stored.constructor;
    const size = dims.reduce((product, dim) => product * dim, 1);
    const tensor = new Tensor(type, dims, new View(bytes.buffer, bytes.byteOffset, size));
    if (dtype === type)
        return tensor;
    return Tensor.from(dtype, dims, tensor.toFloat64());
}
//# sourceMappingURL=gpu-transfer.js.map