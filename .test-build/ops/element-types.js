/** Lists of element types that operators work on. */
import { UnsupportedError } from '../errors.js';
/** The floating-point types that operators compute with; smaller ones are only stored and converted. */
export const FLOATS = ['f64', 'f32', 'f16', 'bf16'];
/** Integers of whole bytes. */
export const INTEGERS = ['i64', 'i32', 'i16', 'i8', 'u64', 'u32', 'u16', 'u8'];
/** Checks an input's element type. @throws UnsupportedError, naming operator and type, unless it is in the list */
export function expectElementType(operator, dtype, allowed) {
    if (!allowed.includes(dtype)) {
        throw new UnsupportedError(`element type ${dtype} of ${operator}`, {
            remedy: `Cast to one of ${allowed.join(', ')} first.`,
        });
    }
}
//# sourceMappingURL=element-types.js.map