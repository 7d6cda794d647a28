import type { NodeImport } from '../node-importer.js';
export declare const MaxPool: NodeImport;
export declare const AveragePool: NodeImport;
export declare const LpPool: NodeImport;
export declare const GlobalMaxPool: NodeImport;
export declare const GlobalAveragePool: NodeImport;
export declare const GlobalLpPool: NodeImport;
export declare const MaxUnpool: NodeImport;
