import type { Model } from './graph/index.js';
import type { OnnxModel } from './onnx/index.js';
import { type CreateSessionOptions, type LoadOptions, type ModelSource, type Session } from './session/index.js';
export * from './index.js';
/**
 * Reads an ONNX model.
 * @param source the file's bytes, a path, or a URL
 * @throws FormatError, GraphError, UnsupportedError, LimitError, ExternalDataError
 */
export declare function loadModel(source: ModelSource, options?: LoadOptions): Promise<OnnxModel>;
/**
 * Makes a model ready to run; WebGPU comes from the optional package `webgpu`.
 * @throws DeviceError, MissingPackageError when the device is not to be had; errors of the model's graph
 */
export declare function createSession(model: Model, options?: CreateSessionOptions): Promise<Session>;
