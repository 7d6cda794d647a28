/** The public way to a session. */
import { InputError } from '../errors.js';
import type { Model } from '../graph/index.js';
import { browserPlatform, openDevice, type DeviceOptions, type Platform } from './open-device.js';
import { Session, type SessionOptions } from './session.js';

export interface CreateSessionOptions extends SessionOptions, DeviceOptions {}

/**
 * Makes a model ready to run.
 * @param platform what opens GPUs here; the package's entries pass their own
 * @throws DeviceError when the device is not to be had; errors of the model's graph when its shapes are known; the reason of
 * `options.signal`
 */
export async function createSession(
  model: Model,
  options: CreateSessionOptions = {},
  platform: Platform = browserPlatform,
): Promise<Session> {
  checkModel(model);
  options.signal?.throwIfAborted();
  const { device, reason } = await openDevice(platform, options);
  try {
    options.signal?.throwIfAborted();
    return await Session.create(model, device, options, reason);
  } catch (error) {
    await device.dispose();
    throw error;
  }
}

/** Callers from JavaScript pass bytes, paths and promises too. */
function checkModel(model: Model | undefined): void {
  if (typeof model?.build === 'function') return;
  throw new InputError('the first argument of createSession is not a model', {
    remedy: 'Pass what `await loadModel(...)` returns.',
  });
}
