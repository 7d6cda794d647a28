import { browserPlatform, openDevice } from './open-device.js';
import { Session } from './session.js';
/**
 * Makes a model ready to run.
 * @param platform what opens GPUs here; the package's entries pass their own
 * @throws DeviceError when the device is not to be had; errors of the model's graph when its shapes are known
 */
export async function createSession(model, options = {}, platform = browserPlatform) {
    const { device, reason } = await openDevice(platform, options);
    try {
        return await Session.create(model, device, { ...options, deviceReason: reason });
    }
    catch (error) {
        await device.dispose();
        throw error;
    }
}
//# sourceMappingURL=create-session.js.map