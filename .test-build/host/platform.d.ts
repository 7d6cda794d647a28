/** What Node offers: WebGPU through Dawn. */
import { type Platform } from '../session/index.js';
export declare const nodePlatform: Platform;
