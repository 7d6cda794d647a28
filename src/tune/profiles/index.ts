/** Profiles that ship: measured with `lanewise tune`, one file per device. */
import type { DeviceProfile } from '../profile.js';

export const SHIPPED_PROFILES: readonly DeviceProfile[] = [];
