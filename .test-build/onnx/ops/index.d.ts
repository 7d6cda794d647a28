/** ONNX operators by name: every exported function of the family files imports the operator of its name. */
import type { NodeImport } from '../node-importer.js';
/** The importer of each operator of ONNX's own domain. */
export declare const importers: ReadonlyMap<string, NodeImport>;
