/** Charts: pure functions from data to SVG text. */
export * from './bars.js';
export * from './grid.js';
export * from './lines.js';
export * from './stacked.js';
export { COLOUR_VARIABLES, escapeText, type ChartFrame } from './svg.js';
