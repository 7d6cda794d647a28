/** Models from bytes or from the network. */
import { ExternalDataError, FormatError, LimitError } from '../errors.js';
import { DEFAULT_LIMITS } from '../graph/index.js';
import { OnnxModel } from '../onnx/index.js';
/**
 * Reads an ONNX model.
 * @param source the file's bytes, or a URL (in Node also a path)
 * @throws FormatError, GraphError, UnsupportedError, LimitError, ExternalDataError
 */
export async function loadModel(source, options = {}) {
    const limits = checkLimits(options.limits ?? {});
    if (source instanceof Uint8Array || source instanceof ArrayBuffer) {
        const bytes = source instanceof Uint8Array ? source : new Uint8Array(source);
        return OnnxModel.parse(bytes, options.readExternalData, limits);
    }
    const url = urlOf(source);
    const readExternal = options.readExternalData ?? externalDataBeside(url);
    return OnnxModel.parse(await fetchBytes(url), readExternal, limits);
}
/** The defaults with the given limits in their place; `Infinity` lifts one. @throws LimitError for nonsense */
function checkLimits(given) {
    const limits = { ...DEFAULT_LIMITS };
    for (const [name, value] of Object.entries(given)) {
        if (!Object.hasOwn(limits, name) || typeof value !== 'number' || !(value >= 0)) {
            throw new LimitError(`limits.${name} is ${String(value)}`, {
                remedy: `Pass non-negative numbers for any of ${Object.keys(DEFAULT_LIMITS).join(', ')}.`,
            });
        }
        limits[name] = value;
    }
    return limits;
}
function urlOf(source) {
    try {
        return new URL(source, globalThis.location?.href);
    }
    catch (cause) {
        throw new FormatError(`"${String(source)}" is neither a model's bytes nor an address`, {
            part: 'model',
            remedy: 'Pass a Uint8Array, an ArrayBuffer or a URL (in Node also a path).',
            cause,
        });
    }
}
/** Fetches tensor data from below the model's own folder, and from nowhere else. */
function externalDataBeside(model) {
    const folder = new URL('.', model).href;
    return async ({ location, offset, length }) => {
        const url = URL.canParse(location, folder) ? new URL(location, folder) : undefined;
        if (!url?.href.startsWith(folder)) {
            throw new ExternalDataError(`the model asks for data outside its folder ("${location}")`, {
                part: 'external data',
                remedy: 'Do not trust this model; data must lie beside it.',
            });
        }
        if (length === 0)
            return new Uint8Array();
        return fetchBytes(url, { offset, length });
    };
}
/** A file's bytes, or the given range of them. @throws FormatError when there is no such file */
async function fetchBytes(url, range) {
    const end = range?.length === undefined ? undefined : range.offset + range.length;
    const headers = range ? { Range: `bytes=${range.offset}-${end === undefined ? '' : end - 1}` } : {};
    try {
        const response = await fetch(url, { headers });
        if (!response.ok)
            throw new Error(`status ${response.status}`);
        const bytes = new Uint8Array(await response.arrayBuffer());
        // A server may ignore the range and send the whole file.
        return !range || response.status === 206 ? bytes : bytes.subarray(range.offset, end);
    }
    catch (cause) {
        throw new FormatError(`${url.href} cannot be fetched (${cause.message})`, {
            remedy: 'Check the address and that the server answers.',
            cause,
        });
    }
}
//# sourceMappingURL=load-model.js.map