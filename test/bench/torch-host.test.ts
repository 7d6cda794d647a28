/** The Node side of PyTorch's process, against a stand-in in Python that answers well, late, wrongly or not at all. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TorchHost, settingName, torchVersion } from '../../bench/peers/torch/host.js';
import { PeerProcess, PeerProcessError } from '../../bench/peers/torch/process.js';

const STAND_IN = resolve(import.meta.dirname, 'stand-in.py');
const PYTHON = spawnSync('python3', ['--version']).status === 0;
const WITH_PYTHON = PYTHON ? '' : ' (SKIPPED: it takes python3)';

const EAGER = { mode: 'eager', layout: 'nchw', dtype: 'f32' };

describe.skipIf(!PYTHON)(`a process that answers line by line${WITH_PYTHON}`, () => {
  let folder: string;
  const running: { end(): void }[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lanewise-test-'));
    process.env.STAND_IN_LOG = join(folder, 'log');
  });

  afterEach(() => {
    for (const one of running.splice(0)) one.end();
    delete process.env.STAND_IN_LOG;
    rmSync(folder, { recursive: true });
  });

  function hostOf(limitMs = 20_000): TorchHost {
    const host = new TorchHost({
      command: 'python3',
      limitMs,
      prepare: [['network', { folder: 'here' }]],
      server: STAND_IN,
    });
    running.push(host);
    return host;
  }

  /** What all processes were told, with their numbers from 0 on. */
  function log(): { process: number; told: Record<string, unknown> }[] {
    const lines = readFileSync(join(folder, 'log'), 'utf8').trim().split('\n');
    const entries = lines.map((line): [number, Record<string, unknown>] => JSON.parse(line));
    const ids = [...new Set(entries.map(([pid]) => pid))];
    return entries.map(([pid, told]) => ({ process: ids.indexOf(pid), told }));
  }

  test('is given the network first, then opens and samples', async () => {
    const host = hostOf();
    expect(await host.start()).toMatchObject({ torch: '0.0' });
    const subject = await host.open('open-network', EAGER);
    expect(subject.answer).toEqual({ folders: ['here'] });
    expect(await subject.elapsed(4)).toBe(10);
    await subject.dispose();
    expect(log().map(({ told }) => told.do)).toEqual(['hello', 'network', 'open-network', 'sample', 'close']);
  });

  test('an error is told, and the process goes on', async () => {
    const host = hostOf();
    const first = await host.open('open-network', EAGER);
    await expect(host.open('open-network', { ...EAGER, mode: 'graph' })).rejects.toThrow(
      'OutOfMemoryError: no memory',
    );
    expect(await first.elapsed(2)).toBe(5);
    expect(new Set(log().map((entry) => entry.process)).size).toBe(1);
  });

  test('a compilation that does not end is ended, without harm to others', async () => {
    const host = hostOf(1500);
    const first = await host.open('open-network', EAGER);
    await expect(host.open('open-network', { ...EAGER, mode: 'compile' })).rejects.toThrow(
      'it did not end within its limit of 2 s',
    );
    expect(await first.elapsed(2)).toBe(5);
    expect(new Set(log().map((entry) => entry.process)).size).toBe(2);
  });

  test('a process that ends says its last words', async () => {
    await expect(hostOf().open('open-network', { ...EAGER, mode: 'reduce' })).rejects.toThrow(
      'its process ended with code 3: Fatal: out of everything',
    );
  });

  test('a line that is no answer ends the process', async () => {
    await expect(hostOf().open('open-network', { ...EAGER, mode: 'autotune' })).rejects.toThrow(
      'it said what is no answer: this is not JSON',
    );
  });

  test('what ends the shared process is told, and the next one opens the others again', async () => {
    const host = hostOf();
    const first = await host.open('open-network', EAGER);
    await expect(first.elapsed(666)).rejects.toThrow('its process ended with code 4');
    await expect(first.elapsed(1)).rejects.toThrow(PeerProcessError);
    const second = await host.open('open-network', { ...EAGER, dtype: 'f16' });
    expect([await first.elapsed(1), await second.elapsed(1)]).toEqual([2.5, 2.5]);
    const later = log().filter((entry) => entry.process === 1);
    expect(later.map(({ told }) => [told.do, told.dtype])).toEqual([
      ['hello', undefined],
      ['network', undefined],
      ['open-network', 'f32'],
      ['open-network', 'f16'],
      ['sample', undefined],
      ['sample', undefined],
    ]);
  });

  test('requests after the end are refused', async () => {
    const one = new PeerProcess('python3', [], STAND_IN);
    running.push(one);
    await one.request('hello');
    one.end('enough');
    expect(one.alive).toBe(false);
    await expect(one.request('hello')).rejects.toThrow('enough');
  });
});

test('a Python that is not there is told', async () => {
  const host = new TorchHost({ command: 'python-of-nowhere', limitMs: 1000 });
  await expect(host.open('open-network', EAGER)).rejects.toThrow('python-of-nowhere does not start');
  host.end();
  expect(torchVersion('python-of-nowhere')).toBeUndefined();
});

test('settings have names', () => {
  expect(settingName({ mode: 'graph', layout: 'channels_last' })).toBe('CUDA graph, channels_last');
  expect(settingName({ mode: 'autotune', layout: 'nchw' })).toBe('torch.compile max-autotune, NCHW');
});
