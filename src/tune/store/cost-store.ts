/** Where measured costs and device profiles are kept from one run to the next, and the store that forgets. */
import type { GpuIdentity } from '../../devices/gpu.js';
import { identityKey } from './cost-key.js';
import { costRecordOf, type CostRecord } from './cost-record.js';
import { JsonValue } from './json-value.js';
import { identityOf, profileOf } from '../profile/parse-profile.js';
import type { DeviceProfile } from '../profile/profile.js';

export type { CostRecord };

/** What is known of a device. */
export interface StoredCosts {
  /** Undefined until the device was measured. */
  readonly profile: DeviceProfile | undefined;
  /** By key. */
  readonly costs: ReadonlyMap<string, CostRecord>;
}

/** What is to be kept of a device. */
export interface CostUpdate {
  /** Replaces the profile that is there. */
  readonly profile?: DeviceProfile | undefined;
  /** Each replaces what is there of its key. */
  readonly costs?: readonly CostRecord[] | undefined;
}

/** A device of which something is kept. */
export interface StoredDevice {
  readonly identity: GpuIdentity;
  /** How many costs there are. */
  readonly costs: number;
  /** Whether there is a profile. */
  readonly profile: boolean;
}

/** How much was forgotten. */
export interface Cleared {
  readonly devices: number;
  readonly costs: number;
}

/** Costs by device. Several processes or pages may use the same store at once. */
export interface CostStore {
  /** What is known of a device, as it is now: what is saved later does not show in it. */
  load(device: GpuIdentity): Promise<StoredCosts>;
  /** @throws PlanError for costs or a profile that no store would read back; nothing is then saved */
  save(device: GpuIdentity, update: CostUpdate): Promise<void>;
  /** Forgets a device, or all. */
  clear(device?: GpuIdentity): Promise<Cleared>;
  list(): Promise<readonly StoredDevice[]>;
}

interface Entry {
  readonly identity: GpuIdentity;
  profile: DeviceProfile | undefined;
  readonly costs: Map<string, CostRecord>;
}

/** Keeps costs as long as it lives. */
export class MemoryStore implements CostStore {
  readonly #devices = new Map<string, Entry>();

  async load(device: GpuIdentity): Promise<StoredCosts> {
    const entry = this.#devices.get(identityKey(device));
    return { profile: entry?.profile, costs: new Map(entry?.costs) };
  }

  async save(device: GpuIdentity, update: CostUpdate): Promise<void> {
    const { profile, costs = [] } = checkedUpdate(device, update);
    if (!profile && costs.length === 0) return;
    const key = identityKey(device);
    const entry = this.#devices.get(key) ?? { identity: device, profile: undefined, costs: new Map() };
    if (profile) entry.profile = profile;
    for (const cost of costs) entry.costs.set(cost.key, cost);
    this.#devices.set(key, entry);
  }

  async clear(device?: GpuIdentity): Promise<Cleared> {
    const keys = device ? [identityKey(device)] : [...this.#devices.keys()];
    const gone = keys.flatMap((key) => this.#devices.get(key) ?? []);
    for (const key of keys) this.#devices.delete(key);
    return { devices: gone.length, costs: gone.reduce((sum, { costs }) => sum + costs.size, 0) };
  }

  async list(): Promise<readonly StoredDevice[]> {
    return Array.from(this.#devices.values(), ({ identity, profile, costs }) => ({
      identity,
      costs: costs.size,
      profile: profile !== undefined,
    }));
  }
}

/**
 * An update as a store would read it back: checked, and free of fields that have no place there.
 * @throws PlanError naming the field; for a profile of another device too
 */
export function checkedUpdate(device: GpuIdentity, update: CostUpdate): CostUpdate {
  const origin = { source: 'measured costs', remedy: 'Measure again, or save nothing of this.' };
  const profile = update.profile && profileOf(new JsonValue(update.profile, origin, 'profile'));
  if (profile) requireSameDevice(new JsonValue(profile, origin, 'profile'), device);
  identityOf(new JsonValue(device, origin, 'device'));
  const costs = update.costs?.map((cost, i) => costRecordOf(new JsonValue(cost, origin, `costs[${i}]`)));
  return { profile, costs };
}

/** @throws PlanError when the profile is another device's: another driver or runtime is another device */
export function requireSameDevice(profile: JsonValue, device: GpuIdentity): void {
  const value = profile.field('device');
  const other = identityOf(value);
  if (identityKey(other) === identityKey(device)) return;
  const names = Object.keys(device) as (keyof GpuIdentity)[];
  const name = names.find((field) => other[field] !== device[field]) ?? 'name';
  throw value.field(name).unlike(`${JSON.stringify(device[name])}, as the device has it,`);
}
