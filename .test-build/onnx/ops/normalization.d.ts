import type { NodeImport } from '../node-importer.js';
export declare const BatchNormalization: NodeImport;
export declare const InstanceNormalization: NodeImport;
export declare const GroupNormalization: NodeImport;
export declare const LayerNormalization: NodeImport;
export declare const RMSNormalization: NodeImport;
export declare const LRN: NodeImport;
export declare const MeanVarianceNormalization: NodeImport;
export declare const LpNormalization: NodeImport;
