/** Shapes to describe a model with: what the caller gave, and 1 for an open batch dimension. */
import { formatDims } from '../tensor/index.js';
/**
 * Completes dims for a model's inputs: a symbolic or unknown first dimension (the batch) is taken as 1; every
 * other open one is listed as missing.
 */
export function assumeDims(ports, given) {
    const symbols = new Map();
    for (const [name, value] of Object.entries(given))
        if (typeof value === 'number')
            symbols.set(name, value);
    const assumed = [];
    const open = ports.filter(({ name }) => !Array.isArray(given[name]));
    for (const { dims } of open) {
        const first = dims?.[0];
        if (typeof first !== 'string' || symbols.has(first))
            continue;
        symbols.set(first, 1);
        assumed.push(`${first} = 1`);
    }
    const dims = new Map([...symbols, ...Object.entries(given)]);
    const missing = new Set();
    for (const port of open) {
        if (!port.dims) {
            missing.add(`${port.name}=1x3x224x224 (its whole shape)`);
            continue;
        }
        const known = port.dims.map((dim, axis) => knownDim(dim, axis, symbols));
        const unnamed = port.dims.some((dim, axis) => dim === null && axis > 0);
        if (unnamed) {
            missing.add(`${port.name}=${formatDims(known.map((dim) => dim ?? null))} (its whole shape)`);
            continue;
        }
        for (const [axis, dim] of port.dims.entries()) {
            if (typeof dim === 'string' && known[axis] === undefined)
                missing.add(`${dim}=...`);
        }
        if (port.dims[0] === null && known.every((dim) => dim !== undefined)) {
            assumed.push(`first dimension of ${port.name} = 1`);
            dims.set(port.name, known);
        }
    }
    return { dims: Object.fromEntries(dims), assumed, missing: [...missing] };
}
function knownDim(dim, axis, symbols) {
    if (dim === null)
        return axis === 0 ? 1 : undefined;
    return typeof dim === 'string' ? symbols.get(dim) : dim;
}
//# sourceMappingURL=assumed-dims.js.map