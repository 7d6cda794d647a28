/** The paper's experiments as code: what is timed, how, and what is kept of it. */
export * from './layers.js';
export * from './parse-peers.js';
export * from './parse-results.js';
export * from './results.js';
export * from './run.js';
export * from './statistics.js';
export { thresholdSamples } from './experiments/convolution.js';
