/** Memory for a plan: lifetimes of its tensors, and places for them in as few bytes as can be found. */
export { assignMemory, type Memory } from './assign.js';
