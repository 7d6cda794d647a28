/** PyTorch in a process, or in several, as engines use it. */
import { spawnSync } from 'node:child_process';
import { PeerProcess, pythonCommand } from './process.js';

/** How long importing PyTorch, and reading a network's files, may take. */
const START_LIMIT_MS = 120_000;
/** How long one sample may take. */
const SAMPLE_LIMIT_MS = 60_000;
/** Of layers and networks: see settings.py. */
export const MODES = ['eager', 'graph', 'compile', 'autotune', 'reduce'];
export const FORMATS = ['nchw', 'channels_last'];

/** What is compiled has a process of its own, which is ended where it takes too long, without harm to others. */
const ISOLATED = new Set(['compile', 'autotune', 'reduce']);

/** The version of the Python's PyTorch, without importing it; undefined where there is none. */
export function torchVersion(command = pythonCommand()) {
  const script = 'from importlib.metadata import version; print(version("torch"))';
  const { status, stdout } = spawnSync(command, ['-c', script], { encoding: 'utf8', timeout: 20_000 });
  return status === 0 ? stdout.trim() : undefined;
}

/** What a setting is called in tables. */
export function settingName({ mode, layout }) {
  const names = { eager: 'eager', graph: 'CUDA graph', compile: 'torch.compile' };
  const name =
    names[mode] ?? `torch.compile ${{ autotune: 'max-autotune', reduce: 'reduce-overhead' }[mode]}`;
  return `${name}, ${layout === 'nchw' ? 'NCHW' : layout}`;
}

/** A process that has been given what its subjects need; where it ends early, the next one opens them again. */
class Lane {
  #make;
  #prepare;
  #process;
  /** Its versions, once it has been given everything. */
  #ready;
  #opened = new Map();

  /**
   * @param {() => PeerProcess} make
   * @param {[command: string, parameters: object][]} prepare what each process is told first
   */
  constructor(make, prepare) {
    this.#make = make;
    this.#prepare = prepare;
  }

  /** Starts the process where there is none, so that it imports PyTorch meanwhile. @returns versions */
  start() {
    if (!this.#process?.alive) {
      this.#process = this.#make();
      this.#ready = this.#begin(this.#process);
      // Whoever waits is told.
      this.#ready.catch(() => undefined);
    }
    return this.#ready;
  }

  async #begin(process) {
    const versions = await process.request('hello', {}, START_LIMIT_MS);
    for (const [command, parameters] of this.#prepare) {
      await process.request(command, parameters, START_LIMIT_MS);
    }
    for (const [subject, [command, parameters, limitMs]] of this.#opened) {
      await process.request(command, { subject, ...parameters }, limitMs);
    }
    return versions;
  }

  /** @returns what the process answers */
  async open(subject, command, parameters, limitMs) {
    await this.start();
    const answer = await this.#process.request(command, { subject, ...parameters }, limitMs);
    this.#opened.set(subject, [command, parameters, limitMs]);
    return answer;
  }

  /** Asks of what was opened. Where the process has ended, so it says: rounds do not wait for another. */
  ask(subject, command, parameters = {}) {
    return this.#process.request(command, { subject, ...parameters }, SAMPLE_LIMIT_MS);
  }

  async close(subject) {
    this.#opened.delete(subject);
    if (this.#process?.alive) await this.ask(subject, 'close');
  }

  end() {
    this.#process?.end();
  }
}

export class TorchHost {
  #make;
  #prepare;
  #limitMs;
  #shared;
  #lanes = new Set();
  #next = 1;

  /**
   * @param {object} options
   * @param {string} [options.command] the Python
   * @param {'cuda' | 'cpu'} [options.device]
   * @param {number} options.limitMs how long opening one setting may take
   * @param {[command: string, parameters: object][]} [options.prepare] what each process is told first
   * @param {string} [options.server] the file that it runs, for tests
   */
  constructor({ command = pythonCommand(), device = 'cuda', limitMs, prepare = [], server }) {
    this.#make = () => new PeerProcess(command, ['--device', device], server);
    this.#prepare = prepare;
    this.#limitMs = limitMs;
    this.#shared = this.#lane();
  }

  /** Begins to import PyTorch. @returns versions */
  start() {
    return this.#shared.start();
  }

  /**
   * @param {string} command `open-network` or `open-layer`
   * @param {{mode: string, layout: string, dtype: string}} setting
   * @returns what it answered, and what can be asked of it
   */
  async open(command, setting, parameters = {}) {
    const lane = ISOLATED.has(setting.mode) ? this.#lane() : this.#shared;
    const subject = String(this.#next++);
    try {
      const answer = await lane.open(subject, command, { ...setting, ...parameters }, this.#limitMs);
      return {
        answer,
        /** Milliseconds of so many runs. */
        elapsed: async (runs) => (await lane.ask(subject, 'sample', { runs })).ms,
        ask: (what, given) => lane.ask(subject, what, given),
        dispose: async () => {
          if (lane === this.#shared) await lane.close(subject);
          else this.#end(lane);
        },
      };
    } catch (error) {
      if (lane !== this.#shared) this.#end(lane);
      throw error;
    }
  }

  /** Ends all processes. */
  end() {
    for (const lane of this.#lanes) this.#end(lane);
  }

  #lane() {
    const lane = new Lane(this.#make, this.#prepare);
    this.#lanes.add(lane);
    return lane;
  }

  #end(lane) {
    lane.end();
    this.#lanes.delete(lane);
  }
}
