/** Device profiles as `--profile` takes them: one that ships, by name, or a file. */
import { statSync } from 'node:fs';
import { PlanError } from '../errors.js';
import { readBytes } from '../host/files.js';
import type { CostRecord } from '../tune/store/cost-store.js';
import { parseCostFile } from '../tune/store/cost-file.js';
import type { DeviceProfile } from '../tune/profile/profile.js';
import { shippedProfile } from '../tune/profile/profiles.js';
import { SHIPPED_PROFILES } from '../tune/profile/shipped/index.js';
import { UsageError } from './errors.js';

export interface OpenedProfile {
  readonly profile: DeviceProfile;
  /** Costs that were measured on its device, where the file brings some. */
  readonly costs: readonly CostRecord[];
}

/**
 * A profile by name, or out of a file: a profile alone, or what `lanewise tune --export` writes.
 * @throws UsageError for what is neither; PlanError for a file that is damaged, or not of one device
 */
export async function openProfile(source: string): Promise<OpenedProfile> {
  const isFile = statSync(source, { throwIfNoEntry: false })?.isFile() ?? false;
  const shipped = isFile ? undefined : shippedProfile(source);
  if (shipped) return { profile: shipped, costs: [] };
  if (!isFile && /^[\w-]+$/.test(source)) {
    const names = SHIPPED_PROFILES.map(({ name }) => name).join(', ') || 'none with this version';
    throw new UsageError(
      `--profile "${source}" is no file and does not ship: give a file, or one of these: ${names}.`,
    );
  }
  const { devices } = parseCostFile(new TextDecoder().decode(await readBytes(source)), source);
  const known = devices.flatMap(({ profile, costs }) => (profile ? [{ profile, costs }] : []));
  if (known.length === 1) return known[0];
  const found = known.length === 0 ? 'no device profile' : `the profiles of ${known.length} devices`;
  throw new PlanError(`the file holds ${found}`, {
    remedy: 'Export one tuned device: `lanewise tune`, then `lanewise tune --export FILE --device webgpu`.',
  }).in(source);
}
