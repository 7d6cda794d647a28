import type { ModelInfo } from './model-info.js';
/** Lines about a model. */
export declare function infoLines(info: ModelInfo): string[];
