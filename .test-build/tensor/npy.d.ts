import { Tensor } from './tensor.js';
/** Whether the bytes start as an `.npy` file does. */
export declare function isNpy(bytes: Uint8Array): boolean;
/**
 * The array in an `.npy` file.
 * @throws FormatError when the file is damaged; UnsupportedError for strings, complex numbers and records
 */
export declare function tensorFromNpy(bytes: Uint8Array): Tensor;
/**
 * An `.npy` file (version 1.0, little-endian, C order) of a tensor. Element types that NumPy lacks are widened
 * without loss: bf16 and the 8-bit and 4-bit floats to float32, 4-bit and 2-bit integers to 8 bits.
 */
export declare function tensorToNpy(tensor: Tensor): Uint8Array<ArrayBuffer>;
