/** All that is measured of a device once, as its profile. */
import type { Progress } from '../../devices/device.js';
import type { GpuDevice } from '../../devices/gpu.js';
import type { DeviceError } from '../../errors.js';
import { deviceSlug } from '../store/cost-key.js';
import { Estimator } from './model.js';
import type { DeviceProfile } from './profile.js';
import { measureRoofs } from './roofs.js';
import { PAPER_SWEEP, QUICK_SWEEP, measureThresholds } from './thresholds.js';

export interface TuneDeviceOptions {
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Told of kernels that do not compile or run. */
  readonly onFailure?: ((id: string, error: DeviceError) => void) | undefined;
  /** Stops between two samples; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Fewer samples, and every other size of the sweep. */
  readonly quick?: boolean | undefined;
}

/** Samples of whatever is measured, instead of five. */
const QUICK_ROUNDS = 3;

/**
 * Measures a device's roofs and the paper's thresholds, and what kernels of convolutions reach of the roofs. Where a CPU
 * does the work its times mean nothing: it gets roofs, so that everything works there too, and no thresholds.
 * @throws DeviceError when the device fails
 */
export async function tuneDevice(device: GpuDevice, options: TuneDeviceOptions = {}): Promise<DeviceProfile> {
  const { onProgress, onFailure, signal, quick = false } = options;
  const { identity, limits, features } = device;
  const roofs = await measureRoofs(device, {
    signal,
    ...(quick && { rounds: QUICK_ROUNDS }),
    onProgress: (progress) => onProgress?.({ ...progress, what: `roofs, ${progress.what}` }),
  });
  const profile: DeviceProfile = {
    version: 1,
    name: deviceSlug(identity),
    device: identity,
    measured: new Date().toISOString().slice(0, 10),
    limits,
    features: [...features],
    roofs,
    thresholds: null,
    slowdowns: {},
  };
  if (device.software) return profile;
  const estimator = new Estimator(profile);
  const thresholds = await measureThresholds(device, estimator, {
    sweep: quick ? QUICK_SWEEP : PAPER_SWEEP,
    rounds: quick ? QUICK_ROUNDS : undefined,
    onProgress,
    onFailure,
    signal,
  });
  return { ...profile, thresholds, slowdowns: estimator.slowdowns };
}
