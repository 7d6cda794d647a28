/** Hands out regions of the kernels' scratch memory. */
import {} from './kernels.js';
/** Regions start on cache lines. */
const lineBytes = 64;
/**
 * Lays regions of the given sizes (in floats) one after the other from address 0 and makes the scratch large enough.
 * Every region is followed by a cache line of slack, since kernels may run up to 7 floats past what they are asked for.
 *
 * @returns the regions' byte addresses, in order.
 */
export function layScratch(kernels, sizes) {
    let end = 0;
    const addresses = sizes.map((floats) => {
        const start = end;
        end += (Math.ceil((floats * 4) / lineBytes) + 1) * lineBytes;
        return start;
    });
    kernels.reserve(end);
    return addresses;
}
/** Shorter runs are copied by a loop: measured, it takes 1.6 ns per float, and a typed-array `set` 50 ns up to 512 floats. */
const shortRun = 32;
/** Copies `count` floats from `source[from]` to `target[to]`. */
export function copyRun(source, from, target, to, count) {
    if (count >= shortRun) {
        target.set(source.subarray(from, from + count), to);
        return;
    }
    for (let i = 0; i < count; i++)
        target[to + i] = source[from + i];
}
/** Copies `count` floats, `stride` apart from `source[from]`, to `target[to]` and on. */
export function copyStrided(source, from, stride, target, to, count) {
    // The cast to integers matters: floor() above may hand in a -0, which makes the engine index with doubles.
    let at = from | 0;
    const start = to | 0;
    for (let i = 0; i < count; i++, at += stride)
        target[start + i] = source[at];
}
//# sourceMappingURL=scratch.js.map