/** What operators with one parameter per channel share. Channels are axis 1 of [N, C, ...]. */
import { ShapeError } from '../errors.js';
import { formatType, sameDims, sizeOf } from '../tensor/index.js';
/** Checks that a parameter holds one number for each of `count` channels. @throws ShapeError otherwise */
export function expectPerChannel(type, name, count) {
    if (!sameDims(type.dims, [count])) {
        throw new ShapeError(`${name} is ${formatType(type)} for ${count} channels`, {
            remedy: `It must have the shape [${count}].`,
        });
    }
}
/**
 * y[n, c, ...] = x[n, c, ...] * scale[c] + shift[c].
 * @param dims shape of x: [N, C, ...]
 * @param scale one number per channel
 * @param shift one number per channel
 */
export function channelAffine(x, dims, scale, shift) {
    const channels = dims[1];
    const plane = sizeOf(dims.slice(2));
    return x.map((value, i) => {
        const channel = Math.floor(i / plane) % channels;
        return value * scale[channel] + shift[channel];
    });
}
//# sourceMappingURL=channels.js.map