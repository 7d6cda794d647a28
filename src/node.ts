/** The package's entry in Node: everything of `index.ts`, and models by path. */
import { fileURLToPath } from 'node:url';
import { FormatError, LanewiseError } from './errors.js';
import { externalDataBeside, readBytes } from './host/files.js';
import type { Model } from './graph/index.js';
import type { OnnxModel } from './onnx/index.js';
import { nodePlatform } from './host/platform.js';
import {
  createSession as createSessionOn,
  inspectModel as inspectModelOn,
  loadModel as loadFromBytesOrUrl,
  type CreateSessionOptions,
  type ExplainOptions,
  type Inspection,
  type LoadOptions,
  type ModelSource,
  type Session,
} from './session/index.js';

export * from './index.js';

/**
 * Reads an ONNX model.
 * @param source the file's bytes, a path, or a URL
 * @throws FormatError, GraphError, UnsupportedError, LimitError, ExternalDataError
 */
export async function loadModel(source: ModelSource, options: LoadOptions = {}): Promise<OnnxModel> {
  const path = pathOf(source);
  if (path === undefined) return loadFromBytesOrUrl(source, options);
  const bytes = await readBytes(path);
  try {
    return await loadFromBytesOrUrl(bytes, { readExternalData: externalDataBeside(path), ...options });
  } catch (error) {
    throw error instanceof LanewiseError ? error.in(path) : error;
  }
}

/**
 * Makes a model ready to run; WebGPU comes from the optional package `webgpu`.
 * @throws DeviceError, MissingPackageError when the device is not to be had; errors of the model's graph
 */
export function createSession(model: Model, options: CreateSessionOptions = {}): Promise<Session> {
  return createSessionOn(model, options, nodePlatform);
}

/** `inspectModel` of `index.ts`; WebGPU comes from the optional package `webgpu`. */
export function inspectModel(model: Model, options: ExplainOptions = {}): Promise<Inspection> {
  return inspectModelOn(model, options, nodePlatform);
}

function pathOf(source: ModelSource): string | undefined {
  if (source instanceof URL) return source.protocol === 'file:' ? pathOfUrl(source) : undefined;
  if (typeof source !== 'string' || /^https?:/i.test(source)) return undefined;
  return source.startsWith('file:') ? pathOfUrl(source) : source;
}

function pathOfUrl(url: URL | string): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new FormatError(`${String(url)} is not the address of a file here`, {
      remedy: 'Pass a path.',
      cause,
    });
  }
}
