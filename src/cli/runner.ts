/** Carries out the planned runs of `lanewise run` and prints each as it ends. */
import { basename } from 'node:path';
import type { StepProfile } from '../devices/device.js';
import {
  answerLines,
  bestAnswers,
  cleanText,
  formatMilliseconds,
  jsonValues,
  looksLikeScores,
  outputLine,
  type Answers,
  type OutputReport,
  type RunEntry,
} from '../report/index.js';
import type { Session, TensorMap } from '../session/index.js';
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

export class Runner {
  readonly #session: Session;
  readonly #plan: readonly PlannedRun[];
  readonly #terminal: Terminal;
  readonly #options: RunnerOptions;
  /** Width of the longest file name, so that answers align. */
  readonly #nameWidth: number;

  constructor(session: Session, plan: readonly PlannedRun[], terminal: Terminal, options: RunnerOptions) {
    this.#session = session;
    this.#plan = plan;
    this.#terminal = terminal;
    this.#options = options;
    const names = plan.flatMap(({ files }) => Object.values(files).flat().map(shownName));
    this.#nameWidth = Math.max(0, ...names.map((name) => name.length));
  }

  async runAll(): Promise<RunResults> {
    const entries: RunEntry[] = [];
    const steps: (readonly StepProfile[])[] = [];
    for (const [i, planned] of this.#plan.entries()) {
      const counter = this.#plan.length > 1 ? `${i + 1} of ${this.#plan.length}, ` : '';
      const inputs = await planned.load();
      const start = performance.now();
      const { outputs, steps: measured } = await this.#run(inputs, `${counter}${shownName(planned.label)}`);
      const milliseconds = performance.now() - start;
      if (measured) steps.push(measured);
      const answers = this.#answers(outputs);
      const reports = await this.#report(planned, outputs);
      entries.push({ inputs: planned.files, milliseconds, outputs: reports, answers });
      if (!this.#options.quiet) this.#print(planned, milliseconds, outputs, answers);
    }
    this.#terminal.done();
    return { entries, steps };
  }

  #run(inputs: TensorMap, label: string): Promise<{ outputs: TensorMap; steps?: readonly StepProfile[] }> {
    const options = {
      onProgress: ({ what, done, total }: { what: string; done: number; total: number }) => {
        this.#terminal.status(`${label}: ${done} of ${total}, ${cleanText(what)}`);
      },
    };
    this.#terminal.status(label);
    if (this.#options.profile) return this.#session.profile(inputs, options);
    return this.#session.run(inputs, options).then((outputs) => ({ outputs }));
  }

  #answers(outputs: TensorMap): Answers[] | null {
    const { top, labels } = this.#options;
    const last = outputs[this.#session.outputs.at(-1)?.name ?? ''];
    return top > 0 && last && looksLikeScores(last) ? bestAnswers(last, top, labels) : null;
  }

  async #report({ label }: PlannedRun, outputs: TensorMap): Promise<Record<string, OutputReport>> {
    const { folder } = this.#options;
    const prefix = this.#plan.length > 1 ? label : undefined;
    const reports: [string, OutputReport][] = [];
    for (const [name, tensor] of Object.entries(outputs)) {
      const file = folder ? await folder.write(prefix, name, tensor) : null;
      reports.push([name, { dtype: tensor.dtype, dims: tensor.dims, file, values: jsonValues(tensor) }]);
    }
    return Object.fromEntries(reports);
  }

  #print(planned: PlannedRun, milliseconds: number, outputs: TensorMap, answers: Answers[] | null): void {
    const time = `${formatMilliseconds(milliseconds).padStart(7)} ms`;
    if (!answers) {
      this.#terminal.out(`${shownName(planned.label)}  ${time.trim()}`);
      for (const [name, tensor] of Object.entries(outputs))
        this.#terminal.out(`  ${outputLine(name, tensor)}`);
      return;
    }
    const files = Object.values(planned.files).flat();
    for (const [image, list] of answers.entries()) {
      const name =
        files.length === answers.length ? shownName(files[image]) : `${shownName(planned.label)} [${image}]`;
      // A batch takes its time once.
      const details = image === 0 ? time : ' '.repeat(time.length);
      for (const line of answerLines(name.padEnd(this.#nameWidth), details, list)) this.#terminal.out(line);
    }
  }
}

function shownName(path: string): string {
  return cleanText(basename(path));
}
