/** Models from bytes or from the network. */
import { ExternalDataError, FormatError } from '../errors.js';
import { DEFAULT_LIMITS, type Limits } from '../graph/index.js';
import { OnnxModel, type ExternalDataReader } from '../onnx/index.js';

export interface LoadOptions {
  /** Bounds on what a model may take; see `Limits` for the defaults. */
  readonly limits?: Partial<Limits>;
  /** Reads tensor data that lies in other files; loading by path or URL brings its own. */
  readonly readExternalData?: ExternalDataReader;
}

/** Where a model comes from: its bytes, or an address to fetch. */
export type ModelSource = Uint8Array | ArrayBuffer | URL | string;

/**
 * Reads an ONNX model.
 * @param source the file's bytes, or a URL (in Node also a path)
 * @throws FormatError, GraphError, UnsupportedError, LimitError, ExternalDataError
 */
export async function loadModel(source: ModelSource, options: LoadOptions = {}): Promise<OnnxModel> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  if (source instanceof Uint8Array || source instanceof ArrayBuffer) {
    const bytes = source instanceof Uint8Array ? source : new Uint8Array(source);
    return OnnxModel.parse(bytes, options.readExternalData, limits);
  }
  const url = new URL(source, globalThis.location?.href);
  const readExternal = options.readExternalData ?? externalDataBeside(url);
  return OnnxModel.parse(await fetchBytes(url), readExternal, limits);
}

/** Fetches tensor data from below the model's own folder, and from nowhere else. */
function externalDataBeside(model: URL): ExternalDataReader {
  const folder = new URL('.', model).href;
  return async ({ location, offset, length }) => {
    const url = new URL(location, folder);
    if (!url.href.startsWith(folder)) {
      throw new ExternalDataError(`the model asks for data outside its folder ("${location}")`, {
        part: 'external data',
        remedy: 'Do not trust this model; data must lie beside it.',
      });
    }
    const range = `bytes=${offset}-${length === undefined ? '' : offset + length - 1}`;
    const bytes = await fetchBytes(url, range);
    return bytes;
  };
}

/** A file's bytes, or the given range of them. @throws FormatError when there is no such file */
async function fetchBytes(url: URL, range?: string): Promise<Uint8Array> {
  const response = await fetch(url, range ? { headers: { Range: range } } : {});
  if (!response.ok) {
    throw new FormatError(`fetching ${url.href} gave status ${response.status}`, {
      remedy: 'Check the address.',
    });
  }
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (!range || response.status === 206) return bytes;
  // The server ignored the range and sent the whole file.
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(range) ?? [];
  return bytes.subarray(Number(from), to ? Number(to) + 1 : undefined);
}
