/** Weights times a factor per output channel, computed when they are first read and once per model. */
import { Tensor } from '../../tensor/index.js';
import { Constant } from '../graph.js';
/** What a scaled constant was made of, so that scaling it again starts from there: one rounding, no chain. */
const origins = new WeakMap();
/**
 * The last scaled copy of each tensor. A model is built into a new graph for every new input shape, with the same
 * weights: they are scaled, and kept, once.
 */
const copies = new WeakMap();
/** A constant times a factor per channel, of the same type. */
export function scaledConstant(constant, by) {
    const origin = origins.get(constant);
    const again = origin && origin.by.run === by.run && origin.by.factors.length === by.factors.length;
    const source = again ? origin.source : constant;
    const total = again ? { run: by.run, factors: by.factors.map((f, i) => f * origin.by.factors[i]) } : by;
    const result = Constant.computed(constant.type, () => scaledOnce(source.tensor, total));
    origins.set(result, { source, by: total });
    return result;
}
function scaledOnce(tensor, by) {
    const known = copies.get(tensor);
    if (known && sameFactors(known.by, by))
        return known.scaled;
    const scaled = scale(tensor, by);
    copies.set(tensor, { by, scaled });
    return scaled;
}
function sameFactors(a, b) {
    return (a.run === b.run &&
        a.factors.length === b.factors.length &&
        a.factors.every((f, i) => Object.is(f, b.factors[i])));
}
function scale({ dtype, dims, data }, { factors, run }) {
    const scaled = new Tensor(dtype, dims);
    const from = data;
    const to = scaled.data;
    for (let start = 0, channel = 0; start < from.length; start += run, channel++) {
        const factor = factors[channel % factors.length];
        const end = Math.min(start + run, from.length);
        for (let i = start; i < end; i++)
            to[i] = from[i] * factor;
    }
    return scaled;
}
//# sourceMappingURL=scaled-constant.js.map