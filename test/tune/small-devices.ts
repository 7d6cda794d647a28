/** A real device, seen as a lesser one. */
import type { GpuDevice } from '../../src/devices/gpu.js';
import type { WebGpuDevice } from '../../src/devices/webgpu/index.js';
import { DeviceError } from '../../src/errors.js';

function lesser(device: WebGpuDevice, changes: Partial<GpuDevice>): GpuDevice {
  return new Proxy<GpuDevice>(device, {
    get(_, name) {
      const value: unknown = Reflect.get(name in changes ? changes : device, name);
      return typeof value === 'function' ? value.bind(device) : value;
    },
  });
}

/** The device with so little memory. */
export function withMemory(device: WebGpuDevice, bytes: number): GpuDevice {
  const allocate: GpuDevice['allocate'] = async (wanted, label) => {
    if (device.allocatedBytes + wanted <= bytes) return device.allocate(wanted, label);
    throw new DeviceError(`${label}: ${wanted} bytes could not be allocated`, { remedy: 'Use less.' });
  };
  return lesser(device, { allocate });
}

/** The device without timestamps, whose times come from the host's clock. */
export function withoutClock(device: WebGpuDevice): GpuDevice {
  const features = new Set<string>();
  const native = new Proxy(device.interop.device, {
    get: (target, name) => (name === 'features' ? features : Reflect.get(target, name)),
  });
  return lesser(device, { interop: { ...device.interop, device: native } });
}
