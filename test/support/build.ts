/** Compiles the package once, for tests that run the built program. */
import { execFile } from 'node:child_process';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const ROOT = resolve(import.meta.dirname, '../..');
/** Not dist/: a package being packed or another test run must not see half a build. */
const OUT = join(ROOT, '.test-build');
const STAMP = join(OUT, '.built');

/**
 * The folder of a build of the sources as they are: made when there is none, or none as new.
 * @returns its absolute path
 */
export async function builtPackage(): Promise<string> {
  if ((await modified(STAMP)) < (await newest())) {
    await rm(OUT, { recursive: true, force: true });
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    await promisify(execFile)(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', OUT], {
      cwd: ROOT,
    });
    await mkdir(OUT, { recursive: true });
    await writeFile(STAMP, '');
  }
  return OUT;
}

async function newest(): Promise<number> {
  const files = await readdir(join(ROOT, 'src'), { recursive: true });
  const times = await Promise.all(files.map((file) => modified(join(ROOT, 'src', file))));
  return Math.max(...times);
}

/** Time of the last change; 0 for a file that is not there. */
async function modified(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}
