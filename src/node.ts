/** The package's entry in Node: everything of `index.ts`, and models by path. */
import { fileURLToPath } from 'node:url';
import { externalDataBeside, readBytes } from './host/files.js';
import type { OnnxModel } from './onnx/index.js';
import { loadModel as loadFromBytesOrUrl, type LoadOptions, type ModelSource } from './session/index.js';

export * from './index.js';

/**
 * Reads an ONNX model.
 * @param source the file's bytes, a path, or a URL
 * @throws FormatError, GraphError, UnsupportedError, LimitError, ExternalDataError
 */
export async function loadModel(source: ModelSource, options: LoadOptions = {}): Promise<OnnxModel> {
  const path = pathOf(source);
  if (path === undefined) return loadFromBytesOrUrl(source, options);
  return loadFromBytesOrUrl(await readBytes(path), {
    readExternalData: externalDataBeside(path),
    ...options,
  });
}

function pathOf(source: ModelSource): string | undefined {
  if (source instanceof URL) return source.protocol === 'file:' ? fileURLToPath(source) : undefined;
  if (typeof source !== 'string' || /^https?:/i.test(source)) return undefined;
  return source.startsWith('file:') ? fileURLToPath(source) : source;
}
