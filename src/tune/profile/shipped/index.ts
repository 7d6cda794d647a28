/** Profiles that ship: measured with `lanewise tune`, one file per device; made by scripts/ship-profiles.js. */
import type { DeviceProfile } from '../profile.js';
import { nvidiaH200Cuda } from './nvidia-h200-cuda.js';
import { nvidiaH200Webgpu } from './nvidia-h200-webgpu.js';

export const SHIPPED_PROFILES: readonly DeviceProfile[] = [nvidiaH200Cuda, nvidiaH200Webgpu];
