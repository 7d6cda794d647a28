/** Devices by name. */
import { DeviceError } from '../errors.js';
import { CpuDevice } from '../devices/cpu/index.js';
import type { Device } from '../devices/device.js';

/** Names that `createSession` and `--device` take. */
export const DEVICE_NAMES = ['auto', 'cpu', 'webgpu', 'cuda'] as const;
export type DeviceName = (typeof DEVICE_NAMES)[number];

/** A device with the reason why it was taken. */
export interface OpenedDevice {
  readonly device: Device;
  readonly reason: string;
}

/** @throws DeviceError when the device is not to be had */
export function openDevice(name: DeviceName = 'auto'): Promise<OpenedDevice> {
  switch (name) {
    case 'auto':
      return Promise.resolve({ device: new CpuDevice(), reason: 'this version has no GPU device' });
    case 'cpu':
      return Promise.resolve({ device: new CpuDevice(), reason: 'asked for' });
    case 'webgpu':
    case 'cuda':
      throw new DeviceError(`this version has no ${name} device`, { remedy: 'Use the device "cpu" or "auto".' });
  }
}
