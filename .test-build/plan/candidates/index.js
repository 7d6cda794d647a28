/** Which candidates each op has. One file per family; an op without an entry is refused by name. */
import { UnsupportedError } from '../../errors.js';
import { elementwise } from './elementwise.js';
const ENTRIES = [...elementwise];
/**
 * Ways to run an op on a GPU, best first.
 * @throws UnsupportedError naming an op that has none, or an element type that GPUs do not store
 */
export function candidatesFor(op, types, context) {
    for (const { match } of ENTRIES) {
        const found = match(op, types, context);
        if (found)
            return found;
    }
    throw new UnsupportedError(`operator ${op.type} on a GPU`, { remedy: 'Run the model on the CPU.' });
}
//# sourceMappingURL=index.js.map