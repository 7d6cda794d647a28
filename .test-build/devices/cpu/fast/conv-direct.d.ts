/**
 * Direct convolution, one output channel at a time, for depthwise layers and others with few output channels per group.
 *
 * There a packed element would be used by one to three rows only, so that packing costs more than the arithmetic; the
 * padded input is small enough to stay in L1 or L2, and each tap is one broadcast weight times shifted rows of it.
 */
import { type ConvCall } from './conv-call.js';
import { type Kernels } from './kernels.js';
/** Runs any convolution; worth it below 4 output channels per group. */
export declare function convolveDirect(kernels: Kernels, call: ConvCall): void;
