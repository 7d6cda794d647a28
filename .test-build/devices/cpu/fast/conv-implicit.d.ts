/**
 * Convolution as a matrix product whose B, the image columns, exists one packed panel at a time.
 *
 * After Chetlur et al. 2014, "cuDNN: Efficient Primitives for Deep Learning", section 3 (implicit im2col), with the
 * blocking of Goto & van de Geijn 2008.
 */
import { type ConvCall } from './conv-call.js';
import { type Kernels } from './kernels.js';
/** Runs any convolution. Best with at least 4 output channels per group: each packed element is used once for each. */
export declare function convolveImplicit(kernels: Kernels, call: ConvCall): void;
