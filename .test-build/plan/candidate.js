import { UnsupportedError } from '../errors.js';
/** An entry for a class of ops. */
export function entry(opClass, provider) {
    return {
        match: (op, types, context) => (op instanceof opClass ? provider(op, types, context) : undefined),
    };
}
/** Whether an entry is a candidate. */
export function isCandidate(entry) {
    return 'build' in entry;
}
/**
 * How elements are stored on the GPU. 64-bit integers are stored in 32 bits (checked when they are uploaded),
 * small integers and booleans in 32 bits too.
 * @throws UnsupportedError for doubles, bfloat16, float8 and 4-bit and 2-bit types
 */
export function gpuTypeOf(dtype, storage) {
    const type = dtype === 'f32' ? storage : GPU_TYPES[dtype];
    if (type)
        return type;
    throw new UnsupportedError(`element type ${dtype} on a GPU`, {
        remedy: 'Run the model on the CPU, or convert it to f32.',
    });
}
const GPU_TYPES = {
    f16: 'f16',
    i64: 'i32',
    i32: 'i32',
    i16: 'i32',
    i8: 'i32',
    u64: 'u32',
    u32: 'u32',
    u16: 'u32',
    u8: 'u32',
    bool: 'u32',
};
//# sourceMappingURL=candidate.js.map