/** Data to text: pure functions behind the command line's tables and documents. */
export * from './answers.js';
export * from './assumed-dims.js';
export * from './devices.js';
export * from './explain.js';
export * from './format.js';
export * from './info.js';
export * from './json.js';
export * from './layers.js';
export * from './model-info.js';
export * from './outputs.js';
export * from './plan-info.js';
export * from './study.js';
export * from './table.js';
export * from './tune.js';
export * from './verify.js';
