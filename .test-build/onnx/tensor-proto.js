/** ONNX TensorProto <-> Tensor: inline and external data of every element type that Lanewise has. */
import { ExternalDataError, FormatError, LimitError, UnsupportedError } from '../errors.js';
import { DTYPES, Tensor, byteLength, bytesOf, checkDims, createStorage, formatType, sizeOf, } from '../tensor/index.js';
import { DataLocation, parseTensorProto, serialiseTensorProto } from './proto.js';
/** ONNX's numbers for element types (TensorProto.DataType). */
const DTYPE_BY_CODE = {
    1: 'f32',
    2: 'u8',
    3: 'i8',
    4: 'u16',
    5: 'i16',
    6: 'i32',
    7: 'i64',
    9: 'bool',
    10: 'f16',
    11: 'f64',
    12: 'u32',
    13: 'u64',
    16: 'bf16',
    17: 'f8e4m3fn',
    18: 'f8e4m3fnuz',
    19: 'f8e5m2',
    20: 'f8e5m2fnuz',
    21: 'u4',
    22: 'i4',
    23: 'f4e2m1',
    24: 'f8e8m0',
    25: 'u2',
    26: 'i2',
};
const OTHER_TYPES = { 8: 'string', 14: 'complex64', 15: 'complex128' };
/** The element type for ONNX's number. @throws UnsupportedError for strings and complex numbers */
export function dtypeOfCode(code, part) {
    const dtype = DTYPE_BY_CODE[code];
    if (!dtype)
        throw new UnsupportedError(`element type ${OTHER_TYPES[code] ?? `number ${code}`}`, { part });
    return dtype;
}
/** ONNX's number for an element type. */
export function codeOfDType(dtype) {
    return Number(Object.entries(DTYPE_BY_CODE).find(([, name]) => name === dtype)?.[0]);
}
/** Where a tensor's data lies, if not in the model file. @throws ExternalDataError for nonsense numbers */
export function externalLocation(proto) {
    if (proto.dataLocation !== DataLocation.EXTERNAL)
        return undefined;
    const entries = new Map(proto.externalData.map(({ key, value }) => [key, value]));
    const part = `initializer "${proto.name}"`;
    const whole = (key) => {
        const value = entries.get(key);
        if (value === undefined)
            return undefined;
        const number = Number(value);
        if (!/^\d+$/.test(value) || !Number.isSafeInteger(number)) {
            throw new ExternalDataError(`external data has ${key} "${value}"`, {
                part,
                remedy: 'It must be a non-negative integer.',
            });
        }
        return number;
    };
    const location = entries.get('location');
    if (!location) {
        throw new ExternalDataError('external data names no file', { part, remedy: 'Export the model again.' });
    }
    return { location, offset: whole('offset') ?? 0, length: whole('length') };
}
/**
 * A TensorProto's element type and dims.
 * @param maxBytes refuse larger tensors
 * @throws FormatError for impossible dims; UnsupportedError for strings; LimitError past `maxBytes`
 */
export function typeFromProto(proto, maxBytes = 2 ** 31) {
    const part = `tensor "${proto.name}"`;
    const type = { dtype: dtypeOfCode(proto.dataType, part), dims: proto.dims.map(Number) };
    try {
        checkDims(type.dims);
    }
    catch (cause) {
        throw new FormatError(`its dims [${type.dims.join(', ')}] are not a shape`, {
            part,
            remedy: 'The file is damaged or was written wrongly: export it again.',
            cause,
        });
    }
    if (bytesOf(type) > maxBytes) {
        throw new LimitError(`it takes ${bytesOf(type)} bytes (${formatType(type)})`, {
            part,
            remedy: `The limit is ${maxBytes}; raise limits.maxTensorBytes if this is meant.`,
        });
    }
    return type;
}
/**
 * A TensorProto's tensor.
 * @param external the tensor's bytes, when they lie outside the proto
 * @throws FormatError when data and dims do not fit,; ExternalDataError when the data lies in a file that was not
 *   given; UnsupportedError for strings
 */
export function tensorFromProto(proto, external) {
    const part = `tensor "${proto.name}"`;
    if (!external && proto.dataLocation === DataLocation.EXTERNAL) {
        throw new ExternalDataError('its data lies in another file', {
            part,
            remedy: 'Only initializers of a model may have external data: export it again without.',
        });
    }
    if (proto.segment)
        throw new UnsupportedError('a tensor in segments', { part });
    const { dtype, dims } = typeFromProto(proto, Infinity);
    const size = sizeOf(dims);
    const raw = external ?? (proto.rawData.length > 0 ? proto.rawData : undefined);
    const data = raw ? fromRaw(dtype, size, raw, part) : fromFields(dtype, size, proto, part);
    return new Tensor(dtype, dims, data);
}
/** Reads a `.pb` file as ONNX test data has them. @throws FormatError, UnsupportedError */
export function tensorFromPb(bytes) {
    const proto = parseTensorProto(bytes);
    return { name: proto.name, tensor: tensorFromProto(proto) };
}
/** A `.pb` file of a tensor. */
export function tensorToPb(name, tensor) {
    return serialiseTensorProto({
        name,
        dims: tensor.dims.map(BigInt),
        dataType: codeOfDType(tensor.dtype),
        rawData: toRaw(tensor),
    });
}
function mismatch(part, got, dtype, size) {
    return new FormatError(`it holds ${got} for ${size} elements of type ${dtype}`, {
        part,
        remedy: 'The file is damaged or was written wrongly: export it again.',
    });
}
/** Little-endian bytes, as files have them, to storage. Aligned data stays a view on the file. */
function fromRaw(dtype, size, raw, part) {
    if (raw.length !== byteLength(dtype, size))
        throw mismatch(part, `${raw.length} bytes`, dtype, size);
    const storage = createStorage(dtype, 0);
    const { bits } = DTYPES[dtype];
    if (bits < 8)
        return unpack(dtype, size, raw);
    if (dtype === 'bool')
        return Uint8Array.from(raw, (byte) => (byte === 0 ? 0 : 1));
    const View = storage.constructor;
    if (raw.byteOffset % storage.BYTES_PER_ELEMENT === 0)
        return new View(raw.buffer, raw.byteOffset, size);
    return new View(new Uint8Array(raw).buffer, 0, size);
}
/** Sub-byte elements, first in the low bits. */
function unpack(dtype, size, raw) {
    const { bits, kind } = DTYPES[dtype];
    const out = createStorage(dtype, size);
    const perByte = 8 / bits;
    for (let i = 0; i < size; i++) {
        const code = (raw[Math.floor(i / perByte)] >>> ((i % perByte) * bits)) & (2 ** bits - 1);
        out[i] = kind === 'int' ? (code << (32 - bits)) >> (32 - bits) : code;
    }
    return out;
}
function toRaw(tensor) {
    const { bits } = DTYPES[tensor.dtype];
    const { data } = tensor;
    if (bits >= 8)
        return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
    const out = new Uint8Array(tensor.bytes);
    const perByte = 8 / bits;
    for (let i = 0; i < data.length; i++) {
        out[Math.floor(i / perByte)] |= (Number(data[i]) & (2 ** bits - 1)) << ((i % perByte) * bits);
    }
    return out;
}
/** The typed repeated fields, in which older exporters and small tensors keep their data. */
function fromFields(dtype, size, proto, part) {
    const { bits } = DTYPES[dtype];
    const [field, values] = dtype === 'f32'
        ? ['float_data', proto.floatData]
        : dtype === 'f64'
            ? ['double_data', proto.doubleData]
            : dtype === 'i64'
                ? ['int64_data', proto.int64Data]
                : dtype === 'u64' || dtype === 'u32'
                    ? ['uint64_data', proto.uint64Data]
                    : ['int32_data', proto.int32Data];
    const expected = bits < 8 ? byteLength(dtype, size) : size;
    if (values.length !== expected)
        throw mismatch(part, `${values.length} values in ${field}`, dtype, size);
    if (bits < 8)
        return unpack(dtype, size, values);
    if (dtype === 'u32')
        return Uint32Array.from(proto.uint64Data, Number);
    const out = createStorage(dtype, size);
    out.set(values);
    return out;
}
//# sourceMappingURL=tensor-proto.js.map