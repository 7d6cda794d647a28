/** Whether a WebGPU device was lost: by its driver, by running out of time, or by the caller who destroyed it. */
import { DeviceError } from '../../errors.js';

/** One watch per device, however many sessions use it: what waits for `lost` lives as long as the device does. */
const watches = new WeakMap<GPUDevice, LossWatch>();

/** How long to wait for the news of a loss after a call has failed as calls on lost devices do. */
const PATIENCE_MS = 200;

export class LossWatch {
  #info: GPUDeviceLostInfo | undefined;

  static of(device: GPUDevice): LossWatch {
    let watch = watches.get(device);
    if (!watch) {
      watch = new LossWatch();
      watches.set(device, watch);
      watch.#start(device);
    }
    return watch;
  }

  get lost(): boolean {
    return this.#info !== undefined;
  }

  /** @throws DeviceError when the device is lost */
  check(): void {
    if (!this.#info) return;
    const { reason, message } = this.#info;
    const why = message.trim() || (reason === 'destroyed' ? 'it was destroyed' : 'no reason given');
    throw new DeviceError(`the GPU device was lost (${why})`, {
      remedy: 'Create a new session; if it happens again, use smaller batches or the CPU.',
    });
  }

  /** After a call that failed: waits a little for the news that the device is lost, and throws it. */
  async checkSoon(device: GPUDevice): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, PATIENCE_MS);
    });
    await Promise.race([device.lost, patience]);
    clearTimeout(timer);
    this.check();
  }

  #start(device: GPUDevice): void {
    void device.lost.then((info) => {
      this.#info = info;
    });
  }
}
