import type { NodeImport } from '../node-importer.js';
export declare const Upsample: NodeImport;
export declare const Resize: NodeImport;
export declare const GridSample: NodeImport;
