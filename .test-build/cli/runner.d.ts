import type { StepProfile } from '../devices/device.js';
import { type RunEntry } from '../report/index.js';
import type { Session } from '../session/index.js';
import type { PlannedRun } from './run-inputs.js';
import type { OutputFolder } from './run-outputs.js';
import type { Terminal } from './terminal.js';
export interface RunnerOptions {
    /** Answers per image; 0 for none. */
    readonly top: number;
    readonly labels: readonly string[];
    readonly profile: boolean;
    /** Where outputs are written. */
    readonly folder: OutputFolder | undefined;
    /** Prints nothing. */
    readonly quiet: boolean;
}
export interface RunResults {
    readonly entries: readonly RunEntry[];
    /** The measured steps of each run, when asked for. */
    readonly steps: readonly (readonly StepProfile[])[];
}
export declare class Runner {
    #private;
    constructor(session: Session, plan: readonly PlannedRun[], terminal: Terminal, options: RunnerOptions);
    runAll(): Promise<RunResults>;
}
