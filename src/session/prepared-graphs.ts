/** Graphs made ready for a device, kept by key; the least recently used go first, and never under a running run. */
import type { Executable } from '../devices/device.js';
import type { Graph } from '../graph/index.js';
import { unlessAborted } from './abort.js';

/** A graph as it runs, and what runs it. */
export interface PreparedGraph {
  readonly graph: Graph;
  readonly executable: Executable;
}

interface Entry {
  readonly prepared: Promise<PreparedGraph>;
  /** Calls of `use` that have not ended. */
  users: number;
  /** No longer in the cache: freed when the last user is done. */
  retired: boolean;
  readonly freed: Promise<void>;
  readonly free: () => void;
}

export class PreparedGraphs {
  readonly #capacity: number;
  /** In the order of their last use. */
  readonly #entries = new Map<string, Entry>();
  /** Retired entries that still have users. */
  readonly #leaving = new Set<Entry>();

  /** @param capacity how many to keep while nobody uses them */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /**
   * Does `work` with the graph under `key`, which `make` prepares when it is not there.
   * @param signal ends waiting for that: the graph is made all the same, for whoever comes next
   * @throws the signal's reason
   */
  async use<T>(
    key: string,
    make: () => Promise<PreparedGraph>,
    work: (prepared: PreparedGraph) => T | Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const entry = this.#entries.get(key) ?? newEntry(make());
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    entry.users++;
    this.#evict();
    try {
      const ready = entry.prepared.catch((error: unknown) => {
        // A failed attempt must not be kept, or every later use of this key would see it again.
        if (this.#entries.get(key) === entry) this.#entries.delete(key);
        throw error;
      });
      return await work(await unlessAborted(ready, signal));
    } finally {
      entry.users--;
      if (entry.retired && entry.users === 0) this.#release(entry);
    }
  }

  /** Frees everything, each graph as soon as nobody uses it; resolves when all are freed. */
  async clear(): Promise<void> {
    for (const key of this.#entries.keys()) this.#retire(key);
    await Promise.all(Array.from(this.#leaving, ({ freed }) => freed));
  }

  #evict(): void {
    for (const key of this.#entries.keys()) {
      if (this.#entries.size <= this.#capacity) return;
      this.#retire(key);
    }
  }

  #retire(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    entry.retired = true;
    this.#leaving.add(entry);
    if (entry.users === 0) this.#release(entry);
  }

  #release(entry: Entry): void {
    const done = (): void => {
      this.#leaving.delete(entry);
      entry.free();
    };
    void entry.prepared
      .then(({ executable }) => executable.dispose())
      // An entry that never came to be: its users have seen the error. A device that fails here is lost already.
      .then(done, done);
  }
}

function newEntry(prepared: Promise<PreparedGraph>): Entry {
  let free: (() => void) | undefined;
  const freed = new Promise<void>((resolve) => {
    free = resolve;
  });
  return { prepared, users: 0, retired: false, freed, free: () => free?.() };
}
