import type { NodeImport } from '../node-importer.js';
export declare const Gemm: NodeImport;
export declare const MatMul: NodeImport;
export declare const MatMulInteger: NodeImport;
export declare const QLinearMatMul: NodeImport;
