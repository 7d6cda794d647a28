import type { NodeImport } from '../node-importer.js';
export declare const Softmax: NodeImport;
export declare const LogSoftmax: NodeImport;
export declare const Hardmax: NodeImport;
