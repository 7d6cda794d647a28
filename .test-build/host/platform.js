/** What Node offers: WebGPU through Dawn. */
import { ownLease } from '../session/index.js';
import { openHardware, openSoftware } from './webgpu.js';
export const nodePlatform = {
    openWebGpu: async (kind) => ownLease(await (kind === 'hardware' ? openHardware() : openSoftware())),
};
//# sourceMappingURL=platform.js.map