/** What the tests of costs in a browser's database call in a page. */
import { IndexedDbStore } from '../../../src/tune/store/indexed-db-store.js';
import {
  DEVICE,
  UPDATED,
  knownOf,
  profileNamed,
  record,
  traceOf,
  type Known,
} from '../../tune/cost-samples.js';

/** What is known, and what was said about it. */
export interface Loaded extends Known {
  readonly warnings: readonly string[];
  /** Costs that the list counts. */
  readonly listed: number;
}

export interface CostsApi {
  /** Uses a store in every way. */
  trace(name: string): Promise<unknown[]>;
  /** Saves costs one at a time. */
  save(name: string, first: number, count: number): Promise<readonly string[]>;
  load(name: string): Promise<Loaded>;
  /** Saves a profile and three costs, and spoils the profile and the second cost. */
  spoil(name: string): Promise<void>;
  /** Deletes the database below an open store, which is then used on. */
  useAfterDeletion(name: string): Promise<Loaded>;
  /** Uses a store in a page that may have no database. */
  useWithout(): Promise<Loaded>;
}

declare global {
  interface Window {
    costs: CostsApi;
  }
}

function open(name: string): { store: IndexedDbStore; warnings: string[] } {
  const warnings: string[] = [];
  return { store: new IndexedDbStore({ name, warn: (message) => warnings.push(message) }), warnings };
}

async function loaded({ store, warnings }: ReturnType<typeof open>): Promise<Loaded> {
  const known = knownOf(await store.load(DEVICE));
  const listed = (await store.list()).reduce((sum, { costs }) => sum + costs, 0);
  return { ...known, warnings, listed };
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error ?? new Error('no reason')));
  });
}

window.costs = {
  trace: (name) => traceOf(open(name).store),
  save: async (name, first, count) => {
    const { store, warnings } = open(name);
    for (let i = first; i < first + count; i++) await store.save(DEVICE, { costs: [record(i)] });
    return warnings;
  },
  load: (name) => loaded(open(name)),
  spoil: async (name) => {
    const { store } = open(name);
    await store.save(DEVICE, { profile: profileNamed('first'), costs: [record(1), record(2), record(3)] });
    const database = await done(indexedDB.open(name));
    const transaction = database.transaction(['devices', 'costs'], 'readwrite');
    const [devices, costs] = [transaction.objectStore('devices'), transaction.objectStore('costs')];
    const [device] = await done(devices.getAllKeys());
    // Another device's profile, and a time that is none.
    devices.put({ identity: DEVICE, profile: profileNamed('other', UPDATED) }, device);
    costs.put({ ...record(2), samples: [-1] }, [device, record(2).key] as IDBValidKey);
    await new Promise((resolve) => {
      transaction.addEventListener('complete', resolve);
    });
    database.close();
  },
  useAfterDeletion: async (name) => {
    const opened = open(name);
    await opened.store.save(DEVICE, { costs: [record(1)] });
    await done(indexedDB.deleteDatabase(name));
    await opened.store.save(DEVICE, { costs: [record(2)] });
    return loaded(opened);
  },
  useWithout: async () => {
    const opened = open('none');
    // As in pages whose browser forbids storage.
    Object.defineProperty(indexedDB, 'open', {
      configurable: true,
      value: () => {
        throw new DOMException('The operation is insecure.', 'SecurityError');
      },
    });
    try {
      await opened.store.save(DEVICE, { costs: [record(1)] });
      await opened.store.save(DEVICE, { costs: [record(2)] });
      return await loaded(opened);
    } finally {
      Reflect.deleteProperty(indexedDB, 'open');
    }
  },
};
