/** Pages: pure functions from results to one self-contained HTML text. */
export { studyReport } from './study-report.js';
