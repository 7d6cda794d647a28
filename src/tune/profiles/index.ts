/** Profiles that ship: measured with `lanewise tune`, one file per device; made by scripts/ship-profiles.js. */
import type { DeviceProfile } from '../profile.js';

export const SHIPPED_PROFILES: readonly DeviceProfile[] = [];
