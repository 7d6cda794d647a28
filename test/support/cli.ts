/** The command line, in this process: as the program runs it, with its output caught. */
import { main } from '../../src/cli/program.js';
import type {
  ExplainDocument,
  InfoDocument,
  RunDocument,
  TuneDocument,
  VerifyDocument,
} from '../../src/report/index.js';
import { Terminal } from '../../src/cli/terminal.js';

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `lanewise ARGS`. */
export async function lanewise(...args: readonly string[]): Promise<CliResult> {
  let stdout = '';
  let stderr = '';
  const terminal = new Terminal({ write: (text) => (stdout += text) }, { write: (text) => (stderr += text) });
  const code = await main(args, terminal);
  return { code, stdout, stderr };
}

/** The documents that commands print. */
interface Documents {
  readonly run: RunDocument;
  readonly verify: VerifyDocument;
  readonly info: InfoDocument;
  readonly explain: ExplainDocument;
  readonly tune: TuneDocument;
}

/**
 * Runs `lanewise COMMAND ARGS --json` and returns its exit code and document.
 * @throws SyntaxError when stdout is anything else
 */
export async function lanewiseJson<C extends keyof Documents>(
  command: C,
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly document: Documents[C] }> {
  const { code, stdout } = await lanewise(command, ...args, '--json');
  const document: Documents[C] = JSON.parse(stdout);
  return { code, document };
}
