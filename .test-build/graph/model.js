/** What a session needs of a model, wherever it comes from: its ports, and a graph for given shapes. */
import { formatDims } from '../tensor/index.js';
/**
 * Raised when the value of a tensor decides about shapes and is not known. The session then binds the values of
 * the graph inputs it depends on, and builds again.
 */
export class ValueNeeded extends Error {
    inputs;
    label;
    purpose;
    constructor(inputs, label, purpose) {
        super(`${label} needs the value of its ${purpose}`);
        this.inputs = inputs;
        this.label = label;
        this.purpose = purpose;
    }
}
/** One line about a port: `image: f32 Nx1x28x28`. */
export function formatPort({ name, dtype, dims }) {
    return `${name}: ${dtype} ${dims ? formatDims(dims) : 'of any shape'}`;
}
//# sourceMappingURL=model.js.map