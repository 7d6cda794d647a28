/**
 * NumPy's `.npy` files: one array each, versions 1 to 3, either byte order, C or Fortran order.
 * Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
import { FormatError, UnsupportedError } from '../errors.js';
import { DTYPES, createStorage } from './dtype.js';
import { sizeOf, stridesOf, walk } from './shape.js';
import { Tensor, checkDims } from './tensor.js';
const MAGIC = [0x93, ...new TextEncoder().encode('NUMPY')];
/** NumPy's type codes, without the byte order. */
const DTYPE_BY_CODE = {
    f8: 'f64',
    f4: 'f32',
    f2: 'f16',
    i8: 'i64',
    i4: 'i32',
    i2: 'i16',
    i1: 'i8',
    u8: 'u64',
    u4: 'u32',
    u2: 'u16',
    u1: 'u8',
    b1: 'bool',
};
/** Whether the bytes start as an `.npy` file does. */
export function isNpy(bytes) {
    return MAGIC.every((byte, i) => bytes[i] === byte);
}
/**
 * The array in an `.npy` file.
 * @throws FormatError when the file is damaged; UnsupportedError for strings, complex numbers and records
 */
export function tensorFromNpy(bytes) {
    const { dtype, bigEndian, fortranOrder, dims, end } = readHeader(bytes);
    const size = sizeOf(dims);
    const itemSize = createStorage(dtype, 0).BYTES_PER_ELEMENT;
    if (bytes.length - end !== size * itemSize) {
        throw damaged(`it holds ${bytes.length - end} bytes of data where its shape needs ${size * itemSize}`);
    }
    // A copy: the data's place in the file need not be aligned, and swapping bytes must not touch the file. Not
    // bytes.slice(), which for Node's Buffer copies nothing.
    const raw = new Uint8Array(bytes.subarray(end));
    if (bigEndian)
        swapBytes(raw, itemSize);
    const View = createStorage(dtype, 0).constructor;
    const tensor = new Tensor(dtype, dims, new View(raw.buffer));
    return fortranOrder && dims.length > 1 ? fromFortranOrder(tensor) : tensor;
}
/**
 * An `.npy` file (version 1.0, little-endian, C order) of a tensor. Element types that NumPy lacks are widened
 * without loss: bf16 and the 8-bit and 4-bit floats to float32, 4-bit and 2-bit integers to 8 bits.
 */
export function tensorToNpy(tensor) {
    const { dtype, dims, data } = widen(tensor);
    const code = Object.entries(DTYPE_BY_CODE).find(([, name]) => name === dtype)?.[0] ?? '';
    const order = data.BYTES_PER_ELEMENT === 1 ? '|' : '<';
    const shape = dims.length === 1 ? `${dims[0]},` : dims.join(', ');
    const header = `{'descr': '${order}${code}', 'fortran_order': False, 'shape': (${shape}), }`;
    // The data starts at a multiple of 64 bytes; the header ends in a newline.
    const start = Math.ceil((MAGIC.length + 4 + header.length + 1) / 64) * 64;
    const out = new Uint8Array(start + data.byteLength);
    out.set([...MAGIC, 1, 0]);
    new DataView(out.buffer).setUint16(8, start - 10, true);
    out.set(new TextEncoder().encode(header.padEnd(start - 11) + '\n'), 10);
    out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start);
    return out;
}
function readHeader(bytes) {
    if (!isNpy(bytes))
        throw damaged('it does not start as an .npy file does');
    const version = bytes[6];
    if (!(version >= 1 && version <= 3))
        throw damaged(`its format version is ${version}, not 1, 2 or 3`);
    const start = version === 1 ? 10 : 12;
    if (bytes.length < start)
        throw damaged('it ends within its header');
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const end = start + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
    if (bytes.length < end)
        throw damaged('it ends within its header');
    const text = new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(bytes.subarray(start, end));
    const descr = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1];
    if (descr === undefined && /'descr'\s*:\s*\[/.test(text)) {
        throw new UnsupportedError('a record type', {
            part: '.npy file',
            remedy: 'Save one plain array per file.',
        });
    }
    const fortran = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
    const shape = /'shape'\s*:\s*\(([^()]*)\)/.exec(text)?.[1];
    if (descr === undefined || fortran === undefined || shape === undefined) {
        throw damaged('its header lacks descr, fortran_order or shape');
    }
    return { ...parseType(descr), fortranOrder: fortran === 'True', dims: parseShape(shape), end };
}
function parseType(descr) {
    const code = /^[<>|=]/.test(descr) ? descr.slice(1) : descr;
    const dtype = Object.hasOwn(DTYPE_BY_CODE, code) ? DTYPE_BY_CODE[code] : undefined;
    if (!dtype) {
        throw new UnsupportedError(`NumPy type "${descr}"`, {
            part: '.npy file',
            remedy: 'Convert the array with astype(...) to a float, integer or bool type.',
        });
    }
    return { dtype, bigEndian: descr.startsWith('>') };
}
function parseShape(text) {
    const parts = text.split(',').map((part) => part.trim());
    // A trailing comma, as in `(3,)`; nothing at all for a scalar.
    if (parts.at(-1) === '')
        parts.pop();
    // Python 2 wrote long integers with an L.
    if (!parts.every((part) => /^\d+L?$/.test(part)))
        throw damaged(`its shape is (${text})`);
    const dims = parts.map((part) => Number.parseInt(part, 10));
    checkDims(dims);
    return dims;
}
function swapBytes(bytes, itemSize) {
    for (let at = 0; at < bytes.length; at += itemSize)
        bytes.subarray(at, at + itemSize).reverse();
}
/** Reorders elements that lie with the first dimension fastest. */
function fromFortranOrder(tensor) {
    const { dtype, dims } = tensor;
    const strides = stridesOf([...dims].reverse()).reverse();
    const ordered = new Tensor(dtype, dims);
    const target = ordered.data;
    const source = tensor.data;
    walk(dims, [strides], ([offset], flat) => {
        target[flat] = source[offset];
    });
    return ordered;
}
function widen(tensor) {
    const { dtype, dims, data } = tensor;
    if (Object.values(DTYPE_BY_CODE).includes(dtype))
        return tensor;
    if (DTYPES[dtype].kind === 'float')
        return new Tensor('f32', dims, tensor.toFloat32());
    return data instanceof Int8Array
        ? new Tensor('i8', dims, data)
        : new Tensor('u8', dims, Uint8Array.from(data));
}
function damaged(what) {
    return new FormatError(what, {
        part: '.npy file',
        remedy: 'Write it with numpy.save, and check that it was copied whole.',
    });
}
//# sourceMappingURL=npy.js.map