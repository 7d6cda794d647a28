import type { NodeImport } from '../node-importer.js';
export declare const QuantizeLinear: NodeImport;
export declare const DequantizeLinear: NodeImport;
