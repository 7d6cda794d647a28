/** Compiled kernels in files: one per kernel, below Lanewise's folder for caches. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CubinStore } from '../devices/cuda/platform.js';
import { cacheFolder } from './cache-folder.js';

const FOLDER = 'cubins-v1';
/** Bytes of the hash that each file ends with: what is cut off or altered is compiled again. */
const HASH_BYTES = 32;
/** A hundred networks' kernels, at some 20 KB each. */
const MAX_BYTES = 256 * 2 ** 20;
/** What the folder is brought down to when it is too large: the least recently used go. */
const KEPT_SHARE = 0.75;
/** Files that a process writes before it looks at the folder's size again. */
const LOOK_EVERY = 200;

export interface CubinFilesOptions {
  /** In place of Lanewise's folder for caches. */
  readonly folder?: string | undefined;
  readonly maxBytes?: number | undefined;
}

/**
 * A cache that several processes may use at once: files are written beside their place and renamed. What cannot be read
 * or written is as if it were not there.
 */
export class CubinFiles implements CubinStore {
  readonly #folder: () => string;
  readonly #maxBytes: number;
  /** What somebody waits for, by key. */
  readonly #making = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();
  #written = 0;

  constructor({ folder, maxBytes = MAX_BYTES }: CubinFilesOptions = {}) {
    this.#folder = () => join(folder ?? cacheFolder(), FOLDER);
    this.#maxBytes = maxBytes;
  }

  async obtain(key: string, make: () => Promise<Uint8Array<ArrayBuffer>>): Promise<Uint8Array<ArrayBuffer>> {
    const making = this.#making.get(key) ?? this.#obtain(key, make);
    this.#making.set(key, making);
    try {
      return await making;
    } finally {
      this.#making.delete(key);
    }
  }

  /** What was kept under a key, whole; undefined where nothing is, or nothing whole. */
  async get(key: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const path = this.#path(key);
    try {
      const whole = new Uint8Array(await readFile(path));
      const image = whole.slice(0, Math.max(whole.length - HASH_BYTES, 0));
      if (hashOf(image).compare(whole, image.length) !== 0) {
        await rm(path, { force: true });
        return undefined;
      }
      const now = new Date();
      await utimes(path, now, now).catch(() => undefined);
      return image;
    } catch {
      return undefined;
    }
  }

  /** Keeps it, if that is possible. */
  async put(key: string, image: Uint8Array<ArrayBuffer>): Promise<void> {
    try {
      const path = this.#path(key);
      const fresh = `${path}.${randomBytes(6).toString('hex')}`;
      await mkdir(this.#folder(), { recursive: true });
      await writeFile(fresh, Buffer.concat([image, hashOf(image)]));
      await rename(fresh, path);
      if (this.#written++ % LOOK_EVERY === 0) await this.#trim();
    } catch {
      // No folder, no room, no right to write: the kernel is compiled again next time.
    }
  }

  async #obtain(key: string, make: () => Promise<Uint8Array<ArrayBuffer>>): Promise<Uint8Array<ArrayBuffer>> {
    const kept = await this.get(key);
    if (kept) return kept;
    const image = await make();
    await this.put(key, image);
    return image;
  }

  #path(key: string): string {
    return join(this.#folder(), `${key}.cubin`);
  }

  async #trim(): Promise<void> {
    const folder = this.#folder();
    const files = await Promise.all(
      (await readdir(folder)).map(async (name) => {
        const { size, mtimeMs } = await stat(join(folder, name)).catch(() => ({
          size: 0,
          mtimeMs: Infinity,
        }));
        return { name, size, mtimeMs };
      }),
    );
    let total = files.reduce((sum, { size }) => sum + size, 0);
    if (total <= this.#maxBytes) return;
    for (const { name, size } of files.sort((a, b) => a.mtimeMs - b.mtimeMs)) {
      if (total <= this.#maxBytes * KEPT_SHARE) return;
      await rm(join(folder, name), { force: true });
      total -= size;
    }
  }
}

function hashOf(image: Uint8Array): Buffer {
  return createHash('sha256').update(image).digest();
}
