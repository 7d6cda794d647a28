/** The document by which measured costs travel from one machine to another. */
import type { GpuIdentity } from '../../devices/gpu.js';
import { costRecordOf, type CostRecord } from './cost-record.js';
import { requireSameDevice, type CostStore } from './cost-store.js';
import { JsonValue, parseJson } from './json-value.js';
import { identityOf, profileOf } from '../profile/parse-profile.js';
import type { DeviceProfile } from '../profile/profile.js';

/** One device's part of a document. */
export interface DeviceCosts {
  readonly identity: GpuIdentity;
  readonly profile?: DeviceProfile | undefined;
  readonly costs: readonly CostRecord[];
}

/** A cost file. */
export interface CostDocument {
  readonly format: 'lanewise-costs';
  readonly version: 1;
  readonly devices: readonly DeviceCosts[];
}

const FORMAT = 'lanewise-costs';
const VERSION = 1;
const MAX_CHARACTERS = 256e6;
const MAX_DEVICES = 1000;
const MAX_COSTS = 500_000;

const REMEDY = 'Export it again with `lanewise tune --export`.';

/**
 * Reads a cost file. A device profile alone is taken for a document without costs.
 * @param source the file's name, for messages
 * @throws PlanError naming the field, what stands there and the remedy
 */
export function parseCostFile(text: string, source: string): CostDocument {
  const origin = { source, remedy: REMEDY };
  if (text.length > MAX_CHARACTERS) {
    throw new JsonValue(text, origin).error(`this is longer than ${MAX_CHARACTERS / 1e6} million characters`);
  }
  const value = parseJson(text, origin);
  const format = value.field('format');
  if (format.raw === undefined && value.field('roofs').raw !== undefined) {
    const profile = profileOf(value);
    return costDocument([{ identity: profile.device, profile, costs: [] }]);
  }
  if (format.raw !== FORMAT) throw format.unlike(`"${FORMAT}"`);
  const version = value.field('version');
  if (version.raw !== VERSION) {
    throw version.error(
      `this file is of version ${JSON.stringify(version.raw) ?? 'none'}, and version ${VERSION} is the one known`,
      'Update Lanewise here, or export the file with the version that is installed here.',
    );
  }
  return costDocument(value.field('devices').items({ most: MAX_DEVICES }).map(deviceOf));
}

/** A cost file's text: JSON, one cost to a line. */
export function formatCostFile({ format, version, devices }: CostDocument): string {
  const parts = devices.map(({ identity, profile, costs }) => {
    const fields = [`"identity": ${JSON.stringify(identity)}`];
    if (profile) fields.push(`"profile": ${JSON.stringify(profile)}`);
    fields.push(`"costs": ${lines(costs.map((cost) => JSON.stringify(cost)))}`);
    return `{${fields.join(',\n')}}`;
  });
  return `{"format": "${format}", "version": ${version}, "devices": ${lines(parts)}}\n`;
}

export function costDocument(devices: readonly DeviceCosts[]): CostDocument {
  return { format: FORMAT, version: VERSION, devices };
}

/** All that a store keeps, or what it keeps of some devices. */
export async function exportCosts(
  store: CostStore,
  wanted: (identity: GpuIdentity) => boolean = () => true,
): Promise<CostDocument> {
  const devices: DeviceCosts[] = [];
  for (const { identity } of await store.list()) {
    if (!wanted(identity)) continue;
    const { profile, costs } = await store.load(identity);
    devices.push({ identity, profile, costs: [...costs.values()] });
  }
  return costDocument(devices);
}

/** Saves a document's costs and profiles, in place of what the store has of the same devices and keys. */
export async function importCosts(store: CostStore, { devices }: CostDocument): Promise<void> {
  for (const { identity, profile, costs } of devices) await store.save(identity, { profile, costs });
}

function deviceOf(value: JsonValue): DeviceCosts {
  const identity = identityOf(value.field('identity'));
  const costs = value.field('costs').items({ most: MAX_COSTS }).map(costRecordOf);
  const profile = value.field('profile');
  if (profile.raw === undefined) return { identity, costs };
  requireSameDevice(profile, identity);
  return { identity, profile: profileOf(profile), costs };
}

function lines(items: readonly string[]): string {
  return items.length === 0 ? '[]' : `[\n${items.join(',\n')}\n]`;
}
