/** Devices by name: the CPU, or a GPU through what the platform (a page, or Node) offers. */
import { DeviceError, LanewiseError, UnsupportedError } from '../errors.js';
import { CpuDevice } from '../devices/cpu/index.js';
import { WebGpuDevice } from '../devices/webgpu/index.js';
import { GpuRunner } from './gpu-runner.js';
/** Names that `createSession` and `--device` take. */
export const DEVICE_NAMES = ['auto', 'cpu', 'webgpu', 'webgpu:software', 'cuda'];
/** A device that is destroyed when its session ends. */
export function ownLease(gpu) {
    return {
        gpu,
        release: () => {
            gpu.destroy();
        },
    };
}
/** One GPU for many sessions, one after another or at once: opened at first need, destroyed by `close`. */
export class SharedPlatform {
    #platform;
    #leases = new Map();
    constructor(platform) {
        this.#platform = platform;
    }
    async openWebGpu(kind) {
        let lease = this.#leases.get(kind);
        if (!lease)
            this.#leases.set(kind, (lease = this.#platform.openWebGpu(kind)));
        return { gpu: (await lease).gpu, release: () => { } };
    }
    async close() {
        for (const lease of this.#leases.values())
            (await lease).release();
        this.#leases.clear();
    }
}
/** A page: WebGPU is part of the browser, or it is not there. */
export const browserPlatform = {
    openWebGpu: async (kind) => {
        const { gpu } = globalThis.navigator ?? {};
        if (!gpu) {
            throw new DeviceError('this browser has no WebGPU', {
                remedy: 'Use a browser with WebGPU over https or localhost, or the device "cpu".',
            });
        }
        return ownLease(await WebGpuDevice.create(gpu, { wish: kind === 'hardware' ? 'hardware' : 'any' }));
    },
};
/** @throws DeviceError when the device is not to be had */
export async function openDevice(platform, options = {}) {
    if (options.gpuDevice) {
        return {
            device: new GpuRunner(ownLease(WebGpuDevice.adopt(options.gpuDevice)), options),
            reason: 'given by the caller',
        };
    }
    const name = options.device ?? 'auto';
    switch (name) {
        case 'auto':
            return openBest(platform, options);
        case 'cpu':
            if (options.dtype === 'f16') {
                throw new UnsupportedError('half-precision storage on the CPU', {
                    remedy: 'Use dtype "f32", or a GPU.',
                });
            }
            return { device: new CpuDevice(), reason: 'asked for' };
        case 'webgpu':
            return { device: new GpuRunner(await platform.openWebGpu('hardware'), options), reason: 'asked for' };
        case 'webgpu:software':
            return { device: new GpuRunner(await platform.openWebGpu('software'), options), reason: 'asked for' };
        case 'cuda':
            throw new DeviceError('this version has no CUDA device', {
                remedy: 'Use the device "webgpu" or "cpu".',
            });
    }
}
async function openBest(platform, options) {
    let lease;
    try {
        lease = await platform.openWebGpu('hardware');
    }
    catch (error) {
        if (!(error instanceof LanewiseError))
            throw error;
        return { device: new CpuDevice(), reason: `no GPU: ${error.what}` };
    }
    return { device: new GpuRunner(lease, options), reason: 'the fastest device found' };
}
//# sourceMappingURL=open-device.js.map