/** Measured costs in files: a folder per device below Lanewise's folder for caches. */
import { randomBytes } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { GpuIdentity } from '../devices/gpu.js';
import { LanewiseError } from '../errors.js';
import { deviceSlug, identityKey } from '../tune/store/cost-key.js';
import type { CostUpdate, StoredCosts, StoredDevice } from '../tune/store/cost-store.js';
import { GuardedStore, type CostBackend } from '../tune/store/guarded-store.js';
import { cacheFolder } from './cache-folder.js';
import {
  VERSION,
  addSegment,
  codeOf,
  identityIn,
  listSegments,
  mergeSegments,
  mergeable,
  readDevice,
  type DeviceContents,
} from './cost-segments.js';

export interface FileCostOptions {
  /** In place of Lanewise's folder for caches. */
  readonly folder?: string | undefined;
  /** Is told what is damaged or cannot be kept; a Node.js warning when left out. */
  readonly warn?: ((message: string) => void) | undefined;
  /** Costs per device that are kept, the newest. */
  readonly maxCosts?: number | undefined;
}

/** 20 MB at 400 bytes each, read in half a second. Kernels that changed leave costs behind that nobody asks for. */
const MAX_COSTS = 50_000;
/** More files than this are merged. */
const MAX_SEGMENTS = 32;
const DEVICE = /^[a-z0-9-]+-[0-9a-f]{12}$/;
/** Cleared folders are renamed to this and a random name before their files are removed. */
const CLEARED = '.cleared-';

/**
 * Costs that outlive the process. Several processes may use one folder at once; damaged lines are dropped; where the
 * folder cannot be read or written, costs last as long as the object.
 */
export class FileCostStore extends GuardedStore {
  constructor({ folder, warn = emitWarning, maxCosts = MAX_COSTS }: FileCostOptions = {}) {
    super(new CostFolders(() => join(folder ?? cacheFolder(), `costs-v${VERSION}`), warn, maxCosts), warn);
  }
}

function emitWarning(message: string): void {
  process.emitWarning(message, 'LanewiseWarning');
}

class CostFolders implements CostBackend {
  readonly #root: () => string;
  readonly #warn: (message: string) => void;
  readonly #maxCosts: number;

  constructor(root: () => string, warn: (message: string) => void, maxCosts: number) {
    this.#root = root;
    this.#warn = warn;
    this.#maxCosts = maxCosts;
  }

  async load(device: GpuIdentity): Promise<StoredCosts> {
    const folder = join(this.#root(), folderName(device));
    const contents = await readDevice(folder, device);
    const { profile, costs } = contents;
    this.#report(folder, contents);
    if (this.#wasteful(contents)) {
      // What was read is good even where the folder may not be written, or another process is clearing it.
      await mergeSegments(folder, device, contents, this.#maxCosts).catch(() => undefined);
    }
    const newest = [...costs].slice(Math.max(0, costs.size - this.#maxCosts));
    return { profile: profile?.value, costs: new Map(newest.map(([key, { value }]) => [key, value])) };
  }

  async save(device: GpuIdentity, update: CostUpdate): Promise<void> {
    const folder = join(this.#root(), folderName(device));
    await addSegment(folder, device, update);
    // All is saved: whatever hinders the merging now, the next save tries again.
    await this.#mergeMany(folder, device).catch(() => undefined);
  }

  /** Renames each folder before it is emptied: nobody sees half of it, and a merge under way cannot bring it back. */
  async clear(device?: GpuIdentity): Promise<void> {
    const root = this.#root();
    try {
      const names = device ? [folderName(device)] : await this.#deviceFolders();
      for (const name of names) {
        const gone = join(root, `${CLEARED}${randomBytes(8).toString('hex')}`);
        await rename(join(root, name), gone).catch((error: unknown) => {
          if (codeOf(error) !== 'ENOENT') throw error;
        });
      }
      // Those of an earlier clearing that was interrupted too.
      for (const name of await readdir(root)) {
        if (name.startsWith(CLEARED)) await rm(join(root, name), { recursive: true, force: true });
      }
    } catch (cause) {
      if (codeOf(cause) === 'ENOENT') return;
      throw new LanewiseError(`measured costs cannot be removed (${codeOf(cause) ?? String(cause)})`, {
        part: root,
        remedy: 'Remove the folder by hand, or name another in the environment variable LANEWISE_CACHE.',
        cause,
      });
    }
  }

  async list(): Promise<readonly StoredDevice[]> {
    const devices: StoredDevice[] = [];
    for (const name of await this.#deviceFolders()) {
      const folder = join(this.#root(), name);
      const identity = await identityOfFolder(folder, name);
      if (!identity) continue;
      const { costs, profile } = await readDevice(folder, identity);
      if (costs.size === 0 && !profile) continue;
      devices.push({ identity, costs: Math.min(costs.size, this.#maxCosts), profile: profile !== undefined });
    }
    return devices;
  }

  async #deviceFolders(): Promise<string[]> {
    const names = await readdir(this.#root()).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return [];
      throw error;
    });
    return names.filter((name) => DEVICE.test(name)).sort();
  }

  /** Whether a folder is to be written afresh: for damage, more lines replaced than not, or too many costs. */
  #wasteful({ costs, profile, lines, damaged }: DeviceContents): boolean {
    const live = costs.size + (profile ? 1 : 0);
    // A quarter more than is kept: a full folder is not written afresh for every cost that comes.
    return damaged > 0 || lines > 2 * live || costs.size > 1.25 * this.#maxCosts;
  }

  async #mergeMany(folder: string, device: GpuIdentity): Promise<void> {
    const names = await listSegments(folder);
    if (names.length <= MAX_SEGMENTS) return;
    const contents = await readDevice(folder, device, await mergeable(folder, names));
    this.#report(folder, contents);
    await mergeSegments(folder, device, contents);
  }

  #report(folder: string, { damaged }: DeviceContents): void {
    if (damaged === 0) return;
    this.#warn(
      `Measured costs in ${folder}: ${damaged} ${damaged === 1 ? 'line is' : 'lines are'} damaged or of another version and will not be used.`,
    );
  }
}

/** Readable, and different for every device. */
function folderName(device: GpuIdentity): string {
  return `${deviceSlug(device)}-${identityKey(device).slice(0, 12)}`;
}

/** Whose folder this is, by the first of its files that says so. */
async function identityOfFolder(folder: string, name: string): Promise<GpuIdentity | undefined> {
  for (const segment of await listSegments(folder)) {
    const identity = await identityIn(join(folder, segment));
    if (identity && folderName(identity) === name) return identity;
  }
  return undefined;
}
