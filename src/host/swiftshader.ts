/**
 * Software WebGPU without a GPU: SwiftShader, a Vulkan implementation on the CPU, out of the npm package
 * `@sparticuz/chromium`. It is unpacked once into a cache folder.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { MissingPackageError } from '../errors.js';
import { cacheFolder } from './cache-folder.js';

const PACKAGE = '@sparticuz/chromium';
const PURPOSE = 'software WebGPU';
const ICD = 'vk_swiftshader_icd.json';
const WANTED = new Set(['libvk_swiftshader.so', 'libvulkan.so.1', ICD]);

/** Files of an unpacked SwiftShader. */
export interface SwiftShader {
  /** Names SwiftShader to a Vulkan loader (VK_DRIVER_FILES). */
  readonly icd: string;
  /** A Vulkan loader, for machines that have none. */
  readonly loader: string;
}

/** @throws MissingPackageError when the npm package is not installed */
export async function unpackSwiftShader(): Promise<SwiftShader> {
  const archive = findArchive();
  const folder = join(cacheFolder(), `swiftshader-${await versionOf(archive)}`);
  if (!existsSync(join(folder, ICD))) await unpack(archive, folder);
  return { icd: join(folder, ICD), loader: join(folder, 'libvulkan.so.1') };
}

function findArchive(): string {
  try {
    // The package exports only its entry point, which lies in build/, two levels below its root at most.
    let folder = dirname(createRequire(import.meta.url).resolve(PACKAGE));
    while (!existsSync(join(folder, 'bin', 'swiftshader.tar.br'))) {
      if (folder === dirname(folder)) throw new Error('bin/swiftshader.tar.br not found');
      folder = dirname(folder);
    }
    return join(folder, 'bin', 'swiftshader.tar.br');
  } catch (cause) {
    throw new MissingPackageError(`${PACKAGE}@147`, PURPOSE, cause);
  }
}

async function versionOf(archive: string): Promise<string> {
  const manifest = await readFile(join(dirname(archive), '..', 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

/** Unpacks beside the target and renames, so that two processes at once do not see half a folder. */
async function unpack(archive: string, folder: string): Promise<void> {
  const tar = await promisify(brotliDecompress)(await readFile(archive));
  const fresh = `${folder}.${process.pid}`;
  await mkdir(fresh, { recursive: true });
  for (const { name, bytes } of tarEntries(tar)) {
    if (WANTED.has(name)) await writeFile(join(fresh, name), bytes, { mode: 0o755 });
  }
  try {
    await rename(fresh, folder);
  } catch {
    // Another process was faster; its folder serves as well.
    await rm(fresh, { recursive: true, force: true });
  }
}

/** Regular files of a tar archive (POSIX ustar: 512-byte headers, name at 0, octal size at 124). */
function* tarEntries(tar: Buffer): Generator<{ name: string; bytes: Buffer }> {
  const field = (start: number, length: number): string =>
    tar.toString('latin1', start, start + length).split('\0', 1)[0];
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    const size = parseInt(field(at + 124, 12), 8);
    const name = field(at, 100).split('/').at(-1) ?? '';
    yield { name, bytes: tar.subarray(at + 512, at + 512 + size) };
    at += 512 + Math.ceil(size / 512) * 512;
  }
}
