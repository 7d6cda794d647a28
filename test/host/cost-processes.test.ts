/** Costs in files under several processes at once: nothing is lost, nothing that was cleared comes back. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, chmod, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'vite';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testFolder } from '../support/files.js';
import { DEVICE, record } from '../tune/cost-samples.js';
import { CostFolder, numbered } from './cost-folder.js';

const files = await testFolder();
let number = 0;
let folder: CostFolder;

beforeEach(() => {
  folder = new CostFolder(files.path(`cache${number++}`));
});

describe('several processes', () => {
  let program = '';

  beforeAll(async () => {
    // Beside the test's own folder, in which a user without rights may have to read it.
    await chmod(files.path('.'), 0o755);
    const outDir = files.path('writer');
    await build({
      configFile: false,
      logLevel: 'error',
      build: { ssr: join(import.meta.dirname, 'cost-writer.ts'), outDir, minify: false },
      ssr: { noExternal: true },
    });
    program = join(outDir, 'cost-writer.js');
  });

  interface Report {
    readonly warnings: readonly string[];
    readonly costs: readonly string[];
  }

  /** A process that is ready to save costs. */
  class Writer {
    readonly child: ChildProcessWithoutNullStreams;
    readonly ready: Promise<void>;
    /** Numbers of the costs that it has saved, and its report. */
    readonly lines: string[] = [];
    readonly #closed: Promise<unknown>;

    constructor(first: number, count: number, user: { uid?: number; gid?: number } = {}) {
      this.child = spawn(process.execPath, [program, folder.path, String(first), String(count)], user);
      this.#closed = once(this.child, 'close');
      let text = '';
      this.ready = new Promise((resolve) => {
        this.child.stdout.on('data', (data: Buffer) => {
          const parts = (text + data.toString()).split('\n');
          text = parts.pop() ?? '';
          this.lines.push(...parts);
          if (this.lines[0] === 'ready') resolve();
        });
      });
    }

    start(): void {
      this.child.stdin.write('go\n');
    }

    /** Waits for its end. */
    async report(): Promise<Report> {
      await this.#closed;
      return JSON.parse(this.lines.at(-1) ?? '') as Report;
    }

    /** Ends it at once, and waits for that. @returns the numbers of the costs that it had saved */
    async kill(): Promise<number[]> {
      this.child.kill('SIGKILL');
      await this.#closed;
      return this.lines.slice(1).map(Number);
    }
  }

  it('lose nothing when they save at once', async () => {
    const writers = [new Writer(0, 300), new Writer(300, 300)];
    await Promise.all(writers.map(({ ready }) => ready));
    for (const writer of writers) writer.start();
    const reports = await Promise.all(writers.map((writer) => writer.report()));
    expect(reports.flatMap(({ warnings }) => warnings)).toEqual([]);
    const { costs } = await folder.open().load(DEVICE);
    expect(costs).toEqual(new Map(numbered(0, 600).map((cost) => [cost.key, cost])));
    expect(folder.warnings).toEqual([]);
    expect((await folder.segments()).length).toBeLessThan(40);
  });

  it('lose nothing when one is killed', async () => {
    const [killed, other] = [new Writer(0, 100_000), new Writer(200_000, 150)];
    await Promise.all([killed.ready, other.ready]);
    killed.start();
    other.start();
    const reported = other.report();
    while (killed.lines.length < 60) await once(killed.child.stdout, 'data');
    const saved = await killed.kill();
    expect((await reported).warnings).toEqual([]);
    const { costs } = await folder.open().load(DEVICE);
    const missing = [...saved.map((i) => record(i)), ...numbered(200_000, 150)].filter(
      ({ key }) => !costs.has(key),
    );
    expect(missing).toEqual([]);
    expect(folder.warnings).toEqual([]);
  });

  it('may clear while another saves', async () => {
    const writer = new Writer(0, 1000);
    await writer.ready;
    writer.start();
    const store = folder.open();
    for (let i = 0; i < 10; i++) {
      await sleep(10);
      const saved = writer.lines.slice(1).map((line) => record(Number(line)));
      await store.clear();
      const { costs } = await store.load(DEVICE);
      expect(saved.filter(({ key }) => costs.has(key))).toEqual([]);
    }
    expect((await writer.report()).warnings).toEqual([]);
    const { costs } = await store.load(DEVICE);
    expect(costs.has(record(999).key)).toBe(true);
    expect(costs.has(record(0).key)).toBe(false);
    expect(folder.warnings).toEqual([]);
    await store.clear();
    expect(await folder.devices()).toEqual([]);
  });

  it.skipIf(process.platform === 'win32')('may read where they may not write', async () => {
    await folder.open().save(DEVICE, { costs: [record(1)] });
    await appendFile(await folder.segment(), 'torn');
    const device = dirname(await folder.segment());
    await chmod(device, 0o555);
    // Root may write everywhere.
    const writer = new Writer(2, 2, process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {});
    await writer.ready;
    writer.start();
    const report = await writer.report();
    await chmod(device, 0o755);
    expect(report.costs).toEqual([
      'Conv 1x3x8x8 f32: 1001',
      'Conv 2x3x8x8 f32: 1002',
      'Conv 3x3x8x8 f32: 1003',
    ]);
    expect(report.warnings).toEqual([
      expect.stringMatching(/^Measured costs cannot be kept and last for this run only: EACCES/),
      expect.stringMatching(/: 1 line is damaged/),
    ]);
    expect(await readFile(await folder.segment(), 'utf8')).toMatch(/torn$/);
  });
});
