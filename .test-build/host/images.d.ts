import type { Tensor } from '../tensor/index.js';
import { type Channels, type PixelTarget } from './pixels.js';
/** Whether a file is an image by its name. */
export declare function isImagePath(path: string): boolean;
/** What an image becomes. */
export interface ImageTarget extends Omit<PixelTarget, 'height' | 'width'> {
    /** Rows; the image's own number when undefined. */
    readonly height?: number | undefined;
    /** Columns; the image's own number when undefined. */
    readonly width?: number | undefined;
}
/**
 * An image file as a tensor of dims [1, channels, height, width]. The image is turned upright (EXIF), laid on
 * black where it is transparent, and stretched to the target's size without keeping its aspect ratio.
 * @param bytes a PNG, JPEG or WebP file
 * @param name names the file in messages
 * @throws MissingPackageError without `sharp`; FormatError when the bytes are not an image
 */
export declare function imageToTensor(bytes: Uint8Array, name: string, target: ImageTarget): Promise<Tensor>;
/**
 * The channel order for a model's number of channels.
 * @throws InputError when an image cannot have so many, or the asked-for order has another number
 */
export declare function channelsFor(count: number | undefined, asked?: Channels): Channels;
