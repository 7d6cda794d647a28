/** Measured costs that outlive a page, in the browser's database. */
import type { GpuIdentity } from '../../devices/gpu.js';
import { identityKey } from './cost-key.js';
import { costRecordOf, type CostRecord } from './cost-record.js';
import { requireSameDevice, type CostUpdate, type StoredCosts, type StoredDevice } from './cost-store.js';
import { GuardedStore, type CostBackend } from './guarded-store.js';
import { JsonValue } from './json-value.js';
import { identityOf, profileOf } from '../profile/parse-profile.js';
import type { DeviceProfile } from '../profile/profile.js';

export interface IndexedDbOptions {
  /** Of the database; pages of one origin share it. */
  readonly name?: string | undefined;
  /** Is told what is damaged or cannot be kept; the console when left out. */
  readonly warn?: ((message: string) => void) | undefined;
}

/** Its version is in its name: pages with an older Lanewise keep theirs. */
const NAME = 'lanewise-costs-v1';
/** By the device's key: its identity, and its profile where there is one. */
const DEVICES = 'devices';
/** By the device's key and the cost's. */
const COSTS = 'costs';

const ORIGIN = { source: 'measured costs', remedy: 'Measure again.' };

/**
 * Costs in IndexedDB. Several pages may use it at once; where the browser has no database for the page, as in some
 * private windows, costs last as long as the object.
 */
export class IndexedDbStore extends GuardedStore {
  constructor({ name = NAME, warn = (message) => console.warn(message) }: IndexedDbOptions = {}) {
    super(new CostDatabase(name, warn), warn);
  }
}

interface DeviceRow {
  readonly identity: GpuIdentity;
  readonly profile?: DeviceProfile | undefined;
}

class CostDatabase implements CostBackend {
  readonly #name: string;
  readonly #warn: (message: string) => void;
  #opened: Promise<IDBDatabase> | undefined;

  constructor(name: string, warn: (message: string) => void) {
    this.#name = name;
    this.#warn = warn;
  }

  async load(device: GpuIdentity): Promise<StoredCosts> {
    const key = identityKey(device);
    const transaction = await this.#begin('readwrite');
    const devices = transaction.objectStore(DEVICES);
    const stored = transaction.objectStore(COSTS);
    const [row, keys, values] = await Promise.all([
      result(devices.get(key) as IDBRequest<unknown>),
      result(stored.getAllKeys(costsOf(key))),
      result(stored.getAll(costsOf(key)) as IDBRequest<unknown[]>),
    ]);
    const costs = new Map<string, CostRecord>();
    let damaged = 0;
    for (const [i, value] of values.entries()) {
      const cost = attempt(() => costRecordOf(new JsonValue(value, ORIGIN)));
      if (cost) costs.set(cost.key, cost);
      else stored.delete(keys[i]);
      if (!cost) damaged++;
    }
    const hasProfile = (row as DeviceRow | undefined)?.profile !== undefined;
    const profile = hasProfile ? attempt(() => profileIn(row, device)) : undefined;
    if (hasProfile && !profile) {
      devices.put({ identity: device } satisfies DeviceRow, key);
      damaged++;
    }
    await completion(transaction);
    if (damaged > 0) this.#warn(`Measured costs: ${damaged} damaged entries were dropped.`);
    return { profile, costs };
  }

  async save(device: GpuIdentity, { profile, costs = [] }: CostUpdate): Promise<void> {
    const key = identityKey(device);
    const transaction = await this.#begin('readwrite');
    const devices = transaction.objectStore(DEVICES);
    const before = await result(devices.get(key) as IDBRequest<DeviceRow | undefined>);
    devices.put({ identity: device, profile: profile ?? before?.profile } satisfies DeviceRow, key);
    const stored = transaction.objectStore(COSTS);
    for (const cost of costs) stored.put(cost, [key, cost.key]);
    await completion(transaction);
  }

  async clear(device?: GpuIdentity): Promise<void> {
    const key = device && identityKey(device);
    const transaction = await this.#begin('readwrite');
    if (key === undefined) {
      transaction.objectStore(DEVICES).clear();
      transaction.objectStore(COSTS).clear();
    } else {
      transaction.objectStore(DEVICES).delete(key);
      transaction.objectStore(COSTS).delete(costsOf(key));
    }
    await completion(transaction);
  }

  async list(): Promise<readonly StoredDevice[]> {
    const transaction = await this.#begin('readonly');
    const rows = await result(transaction.objectStore(DEVICES).getAll() as IDBRequest<unknown[]>);
    const stored = transaction.objectStore(COSTS);
    const listed = rows.map(async (row): Promise<StoredDevice | undefined> => {
      const value = new JsonValue(row, ORIGIN);
      const identity = attempt(() => identityOf(value.field('identity')));
      if (!identity) return undefined;
      const costs = await result(stored.count(costsOf(identityKey(identity))));
      return { identity, costs, profile: value.field('profile').raw !== undefined };
    });
    return (await Promise.all(listed)).filter((entry) => entry !== undefined);
  }

  async #begin(mode: IDBTransactionMode): Promise<IDBTransaction> {
    this.#opened ??= this.#open();
    try {
      return (await this.#opened).transaction([DEVICES, COSTS], mode);
    } catch (error) {
      // The next call opens it afresh: the browser may have closed it, or have been asked too early.
      this.#opened = undefined;
      throw error;
    }
  }

  async #open(): Promise<IDBDatabase> {
    const request = indexedDB.open(this.#name, 1);
    request.addEventListener('upgradeneeded', () => {
      request.result.createObjectStore(DEVICES);
      request.result.createObjectStore(COSTS);
    });
    const database = await result(request);
    const forget = (): void => {
      database.close();
      this.#opened = undefined;
    };
    // Another page removes the database, or the browser does.
    database.addEventListener('versionchange', forget);
    database.addEventListener('close', forget);
    return database;
  }
}

/** All costs of a device: lists sort after texts. */
function costsOf(key: string): IDBKeyRange {
  return IDBKeyRange.bound([key], [key, []]);
}

/** @throws PlanError for what is no profile of this device */
function profileIn(row: unknown, device: GpuIdentity): DeviceProfile {
  const profile = new JsonValue(row, ORIGIN).field('profile');
  requireSameDevice(profile, device);
  return profileOf(profile);
}

function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}

function result<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error ?? new Error('the database failed')));
  });
}

function completion(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (): void => reject(transaction.error ?? new Error('the database failed'));
    transaction.addEventListener('complete', () => resolve());
    transaction.addEventListener('abort', fail);
    transaction.addEventListener('error', fail);
  });
}
