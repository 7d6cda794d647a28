/** Compiles the package once, for tests that run the built program. */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const ROOT = resolve(import.meta.dirname, '../..');
/** Not the root's dist/: a package being packed or another test run must not see half a build. */
const OUT = join(ROOT, 'node_modules/.cache/lanewise-test-build');
const STAMP = join(OUT, '.built');

/**
 * The folder of a build of the sources as they are, laid out as the installed package is (package.json, dist/): made
 * when there is none, or none as new.
 * @returns its absolute path
 */
export async function builtPackage(): Promise<string> {
  if ((await modified(STAMP)) < (await newest())) {
    await rm(OUT, { recursive: true, force: true });
    await mkdir(OUT, { recursive: true });
    await copyFile(join(ROOT, 'package.json'), join(OUT, 'package.json'));
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const args = [tsc, '-p', 'tsconfig.build.json', '--outDir', join(OUT, 'dist')];
    await promisify(execFile)(process.execPath, args, { cwd: ROOT });
    await writeFile(STAMP, '');
  }
  return OUT;
}

async function newest(): Promise<number> {
  const sources = (await readdir(join(ROOT, 'src'), { recursive: true })).map((file) => join('src', file));
  const files = [...sources, 'package.json', 'tsconfig.json', 'tsconfig.build.json'];
  const times = await Promise.all(files.map((file) => modified(join(ROOT, file))));
  return Math.max(...times);
}

/** Time of the last change; 0 for a file that is not there. */
async function modified(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}
