/** Lines of `lanewise verify`. */
import type { Outcome } from '../session/index.js';
/** How one test case ended. */
export type CaseReport = {
    readonly name: string;
    readonly milliseconds: number;
} & Outcome;
/** How many cases ended how. */
export interface VerifyTotals {
    readonly passed: number;
    readonly failed: number;
    readonly unsupported: number;
}
/** `failed       test_conv: output "y" ...` */
export declare function caseLine(report: CaseReport): string;
export declare function countOutcomes(reports: readonly CaseReport[]): VerifyTotals;
/** The last line of `lanewise verify`. */
export declare function totalsLine({ passed, failed, unsupported }: VerifyTotals): string;
