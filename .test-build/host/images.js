/** Images to tensors: decode, resize, scale. Needs the optional package `sharp`. */
import { extname } from 'node:path';
import { FormatError, InputError } from '../errors.js';
import { importOptional } from './optional.js';
import { pixelsToTensor } from './pixels.js';
const IMAGE_EXTENSIONS = new Set(['.png', '.jpg', '.jpeg', '.webp']);
/** Whether a file is an image by its name. */
export function isImagePath(path) {
    return IMAGE_EXTENSIONS.has(extname(path).toLowerCase());
}
/**
 * An image file as a tensor of dims [1, channels, height, width]. The image is turned upright (EXIF), laid on
 * black where it is transparent, and stretched to the target's size without keeping its aspect ratio.
 * @param bytes a PNG, JPEG or WebP file
 * @param name names the file in messages
 * @throws MissingPackageError without `sharp`; FormatError when the bytes are not an image
 */
export async function imageToTensor(bytes, name, target) {
    const { height, width } = target;
    for (const side of [height, width]) {
        if (side !== undefined && !(side >= 1)) {
            throw new InputError(`${name} cannot be resized to ${height}x${width}`, {
                remedy: 'The model asks for no pixels: pass the input as .npy or .pb.',
            });
        }
    }
    const { default: sharp } = await importOptional('sharp', 'reading images', () => import('sharp'));
    try {
        const image = sharp(bytes)
            .autoOrient()
            .flatten({ background: 'black' })
            .toColourspace(target.channels === 'grey' ? 'b-w' : 'srgb');
        const resized = height === undefined && width === undefined ? image : image.resize({ height, width, fit: 'fill' });
        const { data, info } = await resized.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
        const pixels = { data, height: info.height, width: info.width, channels: info.channels };
        return pixelsToTensor(pixels, { ...target, height: info.height, width: info.width });
    }
    catch (cause) {
        if (cause instanceof InputError)
            throw cause;
        throw new FormatError(`${name} is not a readable image (${cause.message})`, {
            remedy: 'Use a PNG, JPEG or WebP file.',
            cause,
        });
    }
}
/**
 * The channel order for a model's number of channels.
 * @throws InputError when an image cannot have so many, or the asked-for order has another number
 */
export function channelsFor(count, asked) {
    const natural = count === 1 ? 'grey' : 'rgb';
    const channels = asked ?? natural;
    const given = channels === 'grey' ? 1 : 3;
    if (count !== undefined && count !== given) {
        throw new InputError(`an image of ${given} channel${given === 1 ? '' : 's'} (${channels}) does not fit ${count}`, {
            remedy: count === 1 || count === 3
                ? `Use --channels ${natural}, or leave it out.`
                : 'Images are for inputs NxCxHxW with 1 or 3 channels: pass the input as .npy or .pb.',
        });
    }
    return channels;
}
//# sourceMappingURL=images.js.map