/** The public way to a session. */
import type { Model } from '../graph/index.js';
import { openDevice, type DeviceName } from './open-device.js';
import { Session, type SessionOptions } from './session.js';

export interface CreateSessionOptions extends SessionOptions {
  /** Where to run; `auto` (the default) takes the best that is there. */
  readonly device?: DeviceName;
}

/**
 * Makes a model ready to run.
 * @throws DeviceError when the device is not to be had; errors of the model's graph when its shapes are known
 */
export async function createSession(model: Model, options: CreateSessionOptions = {}): Promise<Session> {
  const { device } = await openDevice(options.device);
  try {
    return await Session.create(model, device, options);
  } catch (error) {
    device.dispose();
    throw error;
  }
}
