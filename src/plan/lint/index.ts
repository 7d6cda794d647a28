/** What stands out in a plan: places where a network loses time to layouts, padding, launches or a slow kernel. */
import type { Finding } from './finding.js';
import { doubleConversions, islands } from './layouts.js';
import { farFromRoof, padding, unfused } from './steps.js';
import { LintSubject, type LintInput } from './subject.js';

export type { Finding, FindingKind } from './finding.js';

/** The findings of a plan, the most expensive first. */
export function lint(input: LintInput): Finding[] {
  const subject = new LintSubject(input);
  return [
    ...doubleConversions(subject),
    ...islands(subject),
    ...padding(subject),
    ...unfused(subject),
    ...farFromRoof(subject),
  ].sort((a, b) => b.nanoseconds - a.nanoseconds);
}
