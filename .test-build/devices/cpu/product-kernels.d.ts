import { type CpuKernel } from './kernel.js';
export declare const gemmKernel: CpuKernel;
export declare const matmulKernel: CpuKernel;
