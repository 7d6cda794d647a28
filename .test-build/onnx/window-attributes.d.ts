import { type LargerSide, type WindowSteps } from '../ops/window.js';
import { type Dims } from '../tensor/index.js';
import type { NodeImporter } from './node-importer.js';
declare const AUTO_PADS: readonly ['NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER'];
/** How padding is given. */
export type AutoPad = (typeof AUTO_PADS)[number];
export declare function autoPad(node: NodeImporter): AutoPad;
/** The side that auto_pad gives the larger half of an odd padding. */
export declare function largerSide(mode: AutoPad): LargerSide;
/** Dims of the spatial axes of input X [N, C, D1, ...]. @throws ShapeError when there is none */
export declare function spatialDims(x: Dims): Dims;
/** The attribute kernel_shape of a pooling. @throws ShapeError when it is missing or not one integer per axis */
export declare function kernelShape(node: NodeImporter, rank: number): readonly number[];
/**
 * The kernel of a convolution's weight [M, C / group, K1, ...].
 * @throws ShapeError when it is not over `rank` axes or contradicts the attribute kernel_shape
 */
export declare function weightKernel(node: NodeImporter, weight: Dims, rank: number): readonly number[];
/**
 * Strides, dilations and pads of a node as they are written, without auto_pad.
 * @throws ShapeError for lists of the wrong length, strides or dilations below 1, negative pads
 */
export declare function explicitSteps(node: NodeImporter, rank: number): WindowSteps;
/**
 * ONNX forbids auto_pad and pads together; exporters that write pads all the same write zeros.
 * @throws UnsupportedError when both ask for something
 */
export declare function refuseBothPads(node: NodeImporter, mode: AutoPad, { padsBegin, padsEnd }: WindowSteps): void;
/**
 * Strides, dilations and pads of a convolution or pooling, auto_pad resolved for its input shape.
 * @throws ShapeError as `explicitSteps` does; UnsupportedError when both auto_pad and pads ask for padding
 */
export declare function resolvedSteps(node: NodeImporter, input: Dims, kernel: readonly number[]): WindowSteps;
export {};
