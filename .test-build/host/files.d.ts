import type { ExternalDataReader } from '../onnx/index.js';
/** A file's bytes. @throws FormatError naming the path */
export declare function readBytes(path: string): Promise<Uint8Array<ArrayBuffer>>;
/**
 * Reads external tensor data from files in or below the model's folder. Absolute paths, `..` and symbolic
 * links that lead outside are refused: a model file must not be able to read the rest of the disk.
 */
export declare function externalDataBeside(modelPath: string): ExternalDataReader;
