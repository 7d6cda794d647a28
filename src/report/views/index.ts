/** Pictures and tables of an explained plan: pure functions, shared by the inspector page and `lanewise report`. */
export * from './data.js';
export * from './details-view.js';
export * from './device-view.js';
export * from './flow.js';
export * from './graph-layout.js';
export * from './graph-view.js';
export * from './markup.js';
export * from './memory-view.js';
export * from './roofline-view.js';
export * from './style.js';
export * from './svg-file.js';
export * from './table-view.js';
export * from './timeline-view.js';
export * from './trace.js';
export { cleanText, formatBytes, formatMicroseconds, formatPercent, formatShare, plural } from '../format.js';
export * from './page.js';
export * from './plan-alone.js';
