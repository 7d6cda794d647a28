import type { NodeImport } from '../node-importer.js';
export declare const Cast: NodeImport;
export declare const CastLike: NodeImport;
