/** Interleaved 8-bit pixels to planar, scaled tensors. */
import { DTYPES, Tensor } from '../tensor/index.js';
import { FormatError, InputError } from '../errors.js';
/** Channels of a tensor made from an image, in order. */
export const CHANNELS = ['rgb', 'bgr', 'grey'];
/**
 * Pixels as a tensor of dims [1, channels, height, width]. Integer elements are rounded, and held within their
 * type's range.
 * @throws InputError when mean or std do not have one value per channel
 */
export function pixelsToTensor(pixels, target) {
    const { dtype, height, width } = target;
    const order = channelOrder(target.channels);
    if (pixels.channels !== order.length) {
        throw new FormatError(`the image was decoded to ${pixels.channels} channels where ${order.length} are needed`, {
            remedy: 'Convert it to a plain RGB or grey PNG.',
        });
    }
    const isWhole = DTYPES[dtype].kind !== 'float';
    const scale = target.scale ?? (isWhole ? 1 : 1 / 255);
    const mean = perChannel('mean', target.mean, order.length, 0);
    const std = perChannel('std', target.std, order.length, 1);
    const plane = height * width;
    const values = new Float64Array(order.length * plane);
    for (const [c, source] of order.entries()) {
        for (let i = 0; i < plane; i++) {
            values[c * plane + i] = (pixels.data[i * order.length + source] * scale - mean[c]) / std[c];
        }
    }
    return Tensor.from(dtype, [1, order.length, height, width], isWhole ? wholeNumbers(values, dtype) : values);
}
/** For each channel of the tensor, its place in a pixel. */
function channelOrder(channels) {
    switch (channels) {
        case 'rgb':
            return [0, 1, 2];
        case 'bgr':
            return [2, 1, 0];
        case 'grey':
            return [0];
    }
}
function perChannel(name, given, channels, fallback) {
    const values = given ?? [fallback];
    if (values.length !== 1 && values.length !== channels) {
        throw new InputError(`${name} has ${values.length} values for ${channels} channel${channels === 1 ? '' : 's'}`, {
            remedy: `Give one number, or one per channel.`,
        });
    }
    return values.length === 1 ? new Array(channels).fill(values[0]) : values;
}
function wholeNumbers(values, dtype) {
    // Pixel values are far from the ends of 64-bit types, whose range doubles cannot name exactly.
    const { kind, bits } = DTYPES[dtype];
    const min = kind === 'int' ? -(2 ** (Math.min(bits, 53) - 1)) : 0;
    const max = 2 ** (Math.min(bits, 53) - (kind === 'int' ? 1 : 0)) - 1;
    return values.map((value) => Math.min(Math.max(Math.round(value), min), max));
}
//# sourceMappingURL=pixels.js.map