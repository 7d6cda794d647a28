/** A folder for a test file's own files. */
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';

export interface TestFolder {
  /** An absolute path in the folder. */
  path(name: string): string;
  /** Writes a file, its folders included, and returns its path. */
  write(name: string, data: string | Uint8Array): Promise<string>;
}

/** Makes a folder and removes it after the tests of the file. */
export async function testFolder(): Promise<TestFolder> {
  const root = await mkdtemp(join(tmpdir(), 'lanewise-test-'));
  afterAll(() => rm(root, { recursive: true, force: true }));
  return {
    path: (name) => join(root, name),
    write: async (name, data) => {
      const path = join(root, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, data);
      return path;
    },
  };
}
