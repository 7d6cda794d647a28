/** A store that outlives the process, and whose failures harm nobody: what it cannot keep is kept in memory. */
import type { GpuIdentity } from '../../devices/gpu.js';
import { identityKey } from './cost-key.js';
import {
  MemoryStore,
  checkedUpdate,
  type Cleared,
  type CostStore,
  type CostUpdate,
  type StoredCosts,
  type StoredDevice,
} from './cost-store.js';

/** What keeps costs outside of the process. All of it may fail. */
export interface CostBackend {
  load(device: GpuIdentity): Promise<StoredCosts>;
  /** @param update checked */
  save(device: GpuIdentity, update: CostUpdate): Promise<void>;
  clear(device?: GpuIdentity): Promise<void>;
  list(): Promise<readonly StoredDevice[]>;
}

/**
 * Measuring must not fail because a disk is full or a folder read-only: reading then finds nothing, and what is saved
 * lasts as long as this object. It says so once.
 */
export class GuardedStore implements CostStore {
  readonly #backend: CostBackend;
  readonly #warn: (message: string) => void;
  readonly #unsaved = new MemoryStore();
  #warned = false;

  constructor(backend: CostBackend, warn: (message: string) => void) {
    this.#backend = backend;
    this.#warn = warn;
  }

  async load(device: GpuIdentity): Promise<StoredCosts> {
    const nothing: StoredCosts = { profile: undefined, costs: new Map() };
    const kept = await this.#attempt(() => this.#backend.load(device), nothing);
    const unsaved = await this.#unsaved.load(device);
    if (!unsaved.profile && unsaved.costs.size === 0) return kept;
    return {
      profile: unsaved.profile ?? kept.profile,
      costs: new Map([...kept.costs, ...unsaved.costs]),
    };
  }

  async save(device: GpuIdentity, update: CostUpdate): Promise<void> {
    const checked = checkedUpdate(device, update);
    if (!checked.profile && !checked.costs?.length) return;
    const saved = await this.#attempt(() => this.#backend.save(device, checked).then(() => true), false);
    if (!saved) await this.#unsaved.save(device, checked);
  }

  /** @throws whatever the backend throws: who asks for it must know that things are still there */
  async clear(device?: GpuIdentity): Promise<Cleared> {
    const key = device && identityKey(device);
    const listed = (await this.list()).filter(({ identity }) => !key || identityKey(identity) === key);
    await this.#unsaved.clear(device);
    await this.#backend.clear(device);
    return { devices: listed.length, costs: listed.reduce((sum, { costs }) => sum + costs, 0) };
  }

  async list(): Promise<readonly StoredDevice[]> {
    const kept = await this.#attempt(() => this.#backend.list(), []);
    const devices = new Map(kept.map((entry) => [identityKey(entry.identity), entry]));
    for (const { identity } of await this.#unsaved.list()) {
      const { profile, costs } = await this.load(identity);
      devices.set(identityKey(identity), { identity, costs: costs.size, profile: profile !== undefined });
    }
    return [...devices.values()];
  }

  async #attempt<T>(work: () => Promise<T>, otherwise: T): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!this.#warned) {
        this.#warned = true;
        const reason = error instanceof Error ? error.message : String(error);
        this.#warn(`Measured costs cannot be kept and last for this run only: ${reason}`);
      }
      return otherwise;
    }
  }
}
