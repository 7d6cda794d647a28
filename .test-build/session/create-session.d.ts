/** The public way to a session. */
import type { Model } from '../graph/index.js';
import { type DeviceOptions, type Platform } from './open-device.js';
import { Session, type SessionOptions } from './session.js';
export interface CreateSessionOptions extends SessionOptions, DeviceOptions {
}
/**
 * Makes a model ready to run.
 * @param platform what opens GPUs here; the package's entries pass their own
 * @throws DeviceError when the device is not to be had; errors of the model's graph when its shapes are known
 */
export declare function createSession(model: Model, options?: CreateSessionOptions, platform?: Platform): Promise<Session>;
