import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { Terminal } from '../../src/cli/terminal.js';
import { builtPackage } from '../support/build.js';
import { testFolder } from '../support/files.js';
import { makeModel, makeNode, port } from '../support/onnx-builder.js';

const folder = await testFolder();
let program = '';

beforeAll(async () => {
  program = join(await builtPackage(), 'dist/cli/main.js');
});

/** Runs the built program. */
function spawned(...args: readonly string[]): ReturnType<typeof spawnedIn> {
  return spawnedIn({}, ...args);
}

/** The same with more in its environment. */
function spawnedIn(
  more: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { ...process.env, ...more };
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

describe('the built program', () => {
  test('runs, verifies and describes', async () => {
    const digit = 'models/digits/samples/16_0.png';
    const run = await spawned(
      'run',
      'models/digits/model.onnx',
      '--input',
      digit,
      '--top',
      '1',
      '--device',
      'cpu',
    );
    expect(run).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^16_0\.png .* ms {3}0 +[\d.]+ %\n$/) as string,
      stderr: '',
    });
    const verify = await spawned('verify', 'models/digits', '--device', 'cpu');
    expect(verify).toEqual({ code: 0, stdout: '1 passed, 0 failed, 0 unsupported\n', stderr: '' });
    const info = await spawned('info', 'models/digits/model.onnx', '--json');
    expect([info.code, info.stderr]).toEqual([0, '']);
    expect(JSON.parse(info.stdout)).toMatchObject({ command: 'info', name: 'digits' });
  });

  test('its version, and its exit codes', async () => {
    expect((await spawned('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect((await spawned('info', 'no.onnx')).code).toBe(1);
    expect((await spawned('info', '--frob')).code).toBe(2);
  });

  test('a device that is not to be had is one error, not one per case', async () => {
    // Where there is a CUDA device, it is hidden.
    const { code, stdout, stderr } = await spawnedIn(
      { CUDA_VISIBLE_DEVICES: '-1' },
      'verify',
      'models/digits',
      '--device',
      'cuda',
    );
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^error: device "cuda": .+\n$/);
  });

  test('nothing steers the terminal: neither names from a model nor colours of its own', async () => {
    const evil = 'x\u001B]0;pwned\u0007\u001B[2J';
    const bytes = makeModel({
      nodes: [makeNode('Relu', [evil], [`${evil}y`], {}, { name: `${evil}relu` })],
      inputs: { [evil]: port('f32', [evil]) },
      outputs: { [`${evil}y`]: port('f32', [evil]) },
      name: evil,
    });
    const model = await folder.write('evil.onnx', bytes);
    for (const args of [
      ['info', model],
      ['info', model, '--json'],
      ['run', model],
      ['run', model, '--input', 'q=1'],
    ]) {
      const { stdout, stderr } = await spawned(...args);
      expect(/[\p{Cc}\p{Cf}]/u.test((stdout + stderr).replaceAll('\n', ''))).toBe(false);
      expect(stdout + stderr).toContain('pwned');
    }
  });
});

/** A terminal whose output is kept. */
function watched(isTTY: boolean): { readonly terminal: Terminal; readonly written: readonly string[] } {
  const written: string[] = [];
  const output = { write: (text: string) => written.push(text), isTTY, columns: 20 };
  return { terminal: new Terminal(output, output), written };
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

describe('the status line', () => {
  test('shows on a TTY after half a second, fits its width, and goes before anything is printed', async () => {
    const { terminal, written } = watched(true);
    terminal.status('working');
    expect(written).toEqual([]);
    await later(520);
    terminal.status('still working on a long thing');
    terminal.status('too soon for another');
    terminal.out('result');
    terminal.done();
    expect(written).toEqual(['\r\u001B[2Kstill working on a ', '\r\u001B[2K', 'result\n']);
  });

  test('never shows elsewhere', async () => {
    const { terminal, written } = watched(false);
    terminal.status('working');
    await later(520);
    terminal.status('working');
    terminal.done();
    expect(written).toEqual([]);
  });
});
