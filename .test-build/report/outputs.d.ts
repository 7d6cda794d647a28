/** One line about an output tensor. */
import { type Tensor } from '../tensor/index.js';
/** `probabilities: f32 1x3 [0.1, 0.7, 0.2]`, or the range and the mean of a larger tensor. */
export declare function outputLine(name: string, tensor: Tensor): string;
