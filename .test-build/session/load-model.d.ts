import { type Limits } from '../graph/index.js';
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
export declare function loadModel(source: ModelSource, options?: LoadOptions): Promise<OnnxModel>;
