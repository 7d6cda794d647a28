/** What Node offers: WebGPU through Dawn. */
import { ownLease, type Platform } from '../session/index.js';
import { openHardware, openSoftware } from './webgpu.js';

export const nodePlatform: Platform = {
  openWebGpu: async (kind) => ownLease(await (kind === 'hardware' ? openHardware() : openSoftware())),
};
