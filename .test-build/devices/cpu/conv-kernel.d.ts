import { type CpuKernel } from './kernel.js';
export declare const convKernel: CpuKernel;
