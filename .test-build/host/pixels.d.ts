/** Interleaved 8-bit pixels to planar, scaled tensors. */
import { Tensor, type DType } from '../tensor/index.js';
/** Channels of a tensor made from an image, in order. */
export declare const CHANNELS: readonly ['rgb', 'bgr', 'grey'];
export type Channels = (typeof CHANNELS)[number];
/** Decoded pixels: rows of interleaved channels, 0 to 255. */
export interface Pixels {
    readonly data: Uint8Array;
    readonly height: number;
    readonly width: number;
    /** 1 (grey) or 3 (red, green, blue). */
    readonly channels: number;
}
/** element = (pixel * scale - mean[c]) / std[c] */
export interface Normalisation {
    /** 1/255 when left out, and 1 for integer tensors. */
    readonly scale?: number | undefined;
    /** One for all channels or one per channel, in the tensor's channel order; 0 when left out. */
    readonly mean?: readonly number[] | undefined;
    /** As `mean`; 1 when left out. */
    readonly std?: readonly number[] | undefined;
}
export interface PixelTarget extends Normalisation {
    readonly dtype: DType;
    readonly channels: Channels;
    readonly height: number;
    readonly width: number;
}
/**
 * Pixels as a tensor of dims [1, channels, height, width]. Integer elements are rounded, and held within their
 * type's range.
 * @throws InputError when mean or std do not have one value per channel
 */
export declare function pixelsToTensor(pixels: Pixels, target: PixelTarget): Tensor;
