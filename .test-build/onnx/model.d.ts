import { Graph, type Binding, type Limits, type Model, type ModelPort } from '../graph/index.js';
import { type ExternalLocation } from './tensor-proto.js';
/** Reads a piece of a file that lies beside the model. */
export type ExternalDataReader = (location: ExternalLocation) => Promise<Uint8Array>;
export declare class OnnxModel implements Model {
    #private;
    readonly name: string;
    readonly producer: string;
    readonly opset: number;
    readonly inputs: readonly ModelPort[];
    readonly outputs: readonly ModelPort[];
    readonly limits: Limits;
    private constructor();
    /**
     * Parses a model.
     * @param readExternal reads tensor data kept in other files; without it such a model is refused
     * @throws FormatError, GraphError, UnsupportedError, LimitError, ExternalDataError
     */
    static parse(bytes: Uint8Array, readExternal?: ExternalDataReader, limits?: Limits): Promise<OnnxModel>;
    /** Names of the ONNX operators in the model with how often each occurs, and which of them have no importer. */
    get operators(): {
        readonly counts: ReadonlyMap<string, number>;
        readonly unsupported: readonly string[];
    };
    /**
     * The model's graph for given input shapes.
     * @throws ValueNeeded when a shape depends on the value of an input that is not bound
     * @throws InputError when dims are missing; ShapeError, UnsupportedError, GraphError naming the node
     */
    build({ dims, values }: Binding): Graph;
}
