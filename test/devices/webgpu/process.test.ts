/** Processes that use a GPU: they end by themselves, and `auto` writes nothing about GPUs that are not there. */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { builtPackage } from '../../support/build.js';

const ROOT = resolve(import.meta.dirname, '../../..');
const run = promisify(execFile);
let root: string;

beforeAll(async () => {
  root = await builtPackage();
}, 120_000);

/** Runs a program's text against the built package; it must end by itself. */
async function program(text: string): Promise<{ stdout: string; stderr: string }> {
  const library = JSON.stringify(join(root, 'dist/node.js'));
  const model = JSON.stringify(join(ROOT, 'models/digits/model.onnx'));
  const head = `import { Tensor, createSession, loadModel } from ${library};
const model = await loadModel(${model});
const create = (options) => createSession(model, options);
`;
  return run(process.execPath, ['--input-type=module', '-e', head + text], { cwd: root, timeout: 60_000 });
}

describe('a process', () => {
  it.each([
    [
      'whose session was run and disposed of',
      `const session = await create({ device: 'webgpu:software' });
await session.run({ image: new Tensor('f32', [1, 1, 28, 28]) });
await session.dispose();`,
    ],
    ['whose session was not', `globalThis.session = await create({ device: 'webgpu:software' });`],
    [
      'whose GPU device was lost',
      `const session = await create({ device: 'webgpu:software' }); session.gpuDevice.destroy();`,
    ],
    [
      'that was refused a session',
      `await create({ device: 'webgpu:software', dtype: 'f16' }).catch((error) => console.log(error.name));`,
    ],
  ])('%s ends by itself', async (_, text) => {
    const { stdout, stderr } = await program(`${text}\nconsole.log('done');`);
    expect(stdout).toMatch(/done\n$/);
    expect(stderr).toBe('');
  });

  it('that takes the device by itself is told why, and nothing is written', async () => {
    const { stdout, stderr } = await program(
      `const session = await create({}); console.log(session.deviceReason); await session.dispose();`,
    );
    expect(stdout).toMatch(/^(no GPU: |the fastest device found)/);
    expect(stderr).toBe('');
  });
});

describe('the demo', () => {
  it('writes nothing to stderr', async () => {
    await mkdir(join(root, 'scripts'), { recursive: true });
    await copyFile(join(ROOT, 'scripts/demo.js'), join(root, 'scripts/demo.js'));
    await symlink(join(ROOT, 'models'), join(root, 'models')).catch(() => undefined);
    const { stdout, stderr } = await run(process.execPath, [join(root, 'scripts/demo.js')], {
      timeout: 60_000,
    });
    expect(stdout).toMatch(/digits right/);
    expect(stderr).toBe('');
  });
});
