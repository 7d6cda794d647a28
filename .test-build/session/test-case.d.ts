import { type CreateSessionOptions } from './create-session.js';
import type { Platform } from './open-device.js';
import { loadModel, type ModelSource } from './load-model.js';
/** The bytes of a data set's `input_*.pb` and `output_*.pb`, in order. */
export interface TestFiles {
    readonly inputs: readonly Uint8Array[];
    readonly outputs: readonly Uint8Array[];
}
/** One data set of a test directory. */
export interface TestDataSet {
    readonly name: string;
    /** Reads its files: late, since those of many cases together may not fit into memory. */
    readonly read: () => Promise<TestFiles>;
}
export interface TestCase {
    readonly name: string;
    readonly model: ModelSource;
    readonly dataSets: readonly TestDataSet[];
}
export type Outcome = {
    readonly status: 'passed';
}
/** Wrong numbers, or an error that is none of "unsupported". */
 | {
    readonly status: 'failed';
    readonly reason: string;
}
/** Refused by name: an operator, type or attribute. */
 | {
    readonly status: 'unsupported';
    readonly feature: string;
};
/**
 * Runs a case's data sets and compares every output. Never throws: whatever goes wrong is the case's outcome. A case
 * that has nothing to compare with has failed.
 */
export declare function runTestCase(testCase: TestCase, options?: CreateSessionOptions & {
    readonly load?: typeof loadModel;
    readonly platform?: Platform;
}): Promise<Outcome>;
