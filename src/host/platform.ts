/** What Node offers: WebGPU through Dawn, and CUDA. */
import { ownLease, type Platform } from '../session/index.js';
import { openCuda } from './cuda.js';
import { FileCostStore } from './cost-files.js';
import { hasGpuNode, hasVulkanDriver, hasVulkanLoader, namesVulkanDriver } from './vulkan.js';
import { openHardware, openSoftware } from './webgpu.js';

export const nodePlatform: Platform = {
  costs: new FileCostStore(),
  openWebGpu: async (kind) => ownLease(await (kind === 'hardware' ? openHardware() : openSoftware())),
  openCuda: async (ordinal) => ownLease(await openCuda(ordinal)),
  lacksGpu: () => {
    // Elsewhere Dawn needs nothing but the system, and asking it is silent.
    if (process.platform !== 'linux') return undefined;
    if (!hasVulkanLoader()) return 'this machine has no Vulkan loader (libvulkan.so.1)';
    if (!hasVulkanDriver()) return 'this machine has no Vulkan driver';
    if (!hasGpuNode() && !namesVulkanDriver())
      return 'there is no device file of a GPU (/dev/dri/renderD*, /dev/nvidia*)';
    return undefined;
  },
};
