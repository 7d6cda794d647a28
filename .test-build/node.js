/** The package's entry in Node: everything of `index.ts`, and models by path. */
import { fileURLToPath } from 'node:url';
import { externalDataBeside, readBytes } from './host/files.js';
import { nodePlatform } from './host/platform.js';
import { createSession as createSessionOn, loadModel as loadFromBytesOrUrl, } from './session/index.js';
export * from './index.js';
/**
 * Reads an ONNX model.
 * @param source the file's bytes, a path, or a URL
 * @throws FormatError, GraphError, UnsupportedError, LimitError, ExternalDataError
 */
export async function loadModel(source, options = {}) {
    const path = pathOf(source);
    if (path === undefined)
        return loadFromBytesOrUrl(source, options);
    return loadFromBytesOrUrl(await readBytes(path), {
        readExternalData: externalDataBeside(path),
        ...options,
    });
}
/**
 * Makes a model ready to run; WebGPU comes from the optional package `webgpu`.
 * @throws DeviceError, MissingPackageError when the device is not to be had; errors of the model's graph
 */
export function createSession(model, options = {}) {
    return createSessionOn(model, options, nodePlatform);
}
function pathOf(source) {
    if (source instanceof URL)
        return source.protocol === 'file:' ? fileURLToPath(source) : undefined;
    if (typeof source !== 'string' || /^https?:/i.test(source))
        return undefined;
    return source.startsWith('file:') ? fileURLToPath(source) : source;
}
//# sourceMappingURL=node.js.map