import type { NodeImport } from '../node-importer.js';
export declare const Conv: NodeImport;
export declare const ConvInteger: NodeImport;
export declare const QLinearConv: NodeImport;
export declare const ConvTranspose: NodeImport;
