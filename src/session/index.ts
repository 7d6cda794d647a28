/** Load, prepare, run: the public API. */
export * from './binding.js';
export * from './create-session.js';
export type { ExplainOptions, ModelExplanation } from './explain.js';
export * from './inspection.js';
export * from './load-model.js';
export * from './open-device.js';
export * from './session.js';
export * from './test-case.js';
