/** Lines of `lanewise verify`. */
import type { Outcome } from '../session/index.js';
import { cleanText } from './format.js';

/** How one test case ended. */
export type CaseReport = { readonly name: string; readonly milliseconds: number } & Outcome;

/** How many cases ended how. */
export interface VerifyTotals {
  readonly passed: number;
  readonly failed: number;
  readonly unsupported: number;
}

/** `failed       test_conv: output "y" ...` */
export function caseLine(report: CaseReport): string {
  const name = cleanText(report.name);
  switch (report.status) {
    case 'passed':
      return `passed       ${name}`;
    case 'failed':
      return `failed       ${name}: ${cleanText(report.reason)}`;
    case 'unsupported':
      return `unsupported  ${name}: ${cleanText(report.feature)}`;
  }
}

export function countOutcomes(reports: readonly CaseReport[]): VerifyTotals {
  const count = (status: Outcome['status']): number =>
    reports.filter((report) => report.status === status).length;
  return { passed: count('passed'), failed: count('failed'), unsupported: count('unsupported') };
}

/** The last line of `lanewise verify`. */
export function totalsLine({ passed, failed, unsupported }: VerifyTotals): string {
  return `${passed} passed, ${failed} failed, ${unsupported} unsupported`;
}
