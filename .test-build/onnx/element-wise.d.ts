/** What the importers of element-wise operators share. */
import { type BinaryFunction } from '../ops/binary.js';
import { type UnaryFunction } from '../ops/unary.js';
import type { Value } from '../graph/index.js';
import type { NodeImport, NodeImporter } from './node-importer.js';
/** Applies a function to the node's one input. */
export declare function emitUnary(node: NodeImporter, fn: UnaryFunction): Value;
/** Applies a function to the node's two inputs. */
export declare function emitBinary(node: NodeImporter, fn: BinaryFunction): Value;
/** Applies a function to the first two inputs, then to the result and the third input, and so on. */
export declare function emitVariadic(node: NodeImporter, fn: BinaryFunction): Value;
/** The importer of an operator without attributes. */
export declare const unary: (fn: UnaryFunction) => NodeImport;
/** The importer of an operator without attributes. */
export declare const binary: (fn: BinaryFunction) => NodeImport;
