import { type ModelDim } from '../graph/index.js';
import type { OnnxModel } from '../onnx/index.js';
import { type DimBindings } from '../session/index.js';
import type { DType } from '../tensor/index.js';
/** An input or output as the model declares it; `dims` is null when not even the rank is declared. */
export interface PortInfo {
    readonly name: string;
    readonly dtype: DType;
    readonly dims: readonly ModelDim[] | null;
}
/** What is known once the shapes are fixed. */
export interface GraphInfo {
    /** Dims of every input that the numbers below are for. */
    readonly shapes: Readonly<Record<string, readonly number[]>>;
    /** Elements of the weights. */
    readonly parameters: number;
    readonly weightBytes: number;
    /** Operations of one run, a multiply-add counting as two. */
    readonly flops: number;
    /** Bytes of the largest set of activations alive at once. */
    readonly peakActivationBytes: number;
    /** Nodes that run: after constant folding, fusion and the other rewrites. */
    readonly nodes: number;
}
export interface ModelInfo {
    readonly name: string;
    readonly producer: string;
    readonly opset: number;
    readonly inputs: readonly PortInfo[];
    readonly outputs: readonly PortInfo[];
    /** How often each ONNX operator occurs, most frequent first. */
    readonly operators: Readonly<Record<string, number>>;
    /** Nodes in the file. */
    readonly fileNodes: number;
    /** Null when the shapes are not known or the graph cannot be built. */
    readonly graph: GraphInfo | null;
    /** What was assumed about open dimensions. */
    readonly assumed: readonly string[];
    /** Dimensions that have to be given for `graph`, as `--dims` takes them. */
    readonly missingDims: readonly string[];
    /** Operators without an importer, or else the first other reason why the model does not run. */
    readonly unsupported: readonly string[];
    /** The error that stopped the graph from being built, where it is none of "unsupported". */
    readonly problem: string | null;
}
/**
 * Describes a model. Weights are not touched: this is fast however large they are.
 * @param given dims for symbolic dimensions or inputs
 * @throws InputError for dims that the model does not have or that contradict it
 */
export declare function modelInfo(model: OnnxModel, given?: DimBindings): ModelInfo;
