/** Devices by name: the CPU, or a GPU through what the platform (a page, or Node) offers. */
import { PRECISIONS } from '../candidates/precision.js';
import { DeviceError, InputError, LanewiseError, SessionError, UnsupportedError } from '../errors.js';
import { CpuDevice } from '../devices/cpu/index.js';
import type { Device } from '../devices/device.js';
import type { GpuDevice } from '../devices/gpu.js';
import { WebGpuDevice } from '../devices/webgpu/index.js';
import { TUNINGS } from '../plan/document.js';
import { EFFORTS } from '../plan/costs/measure-costs.js';
import { POLICY_NAMES } from '../plan/policies/index.js';
import { IndexedDbStore } from '../tune/store/indexed-db-store.js';
import { MemoryStore, type CostStore } from '../tune/store/cost-store.js';
import { GpuRunner, type GpuLease, type GpuOptions } from './gpu-runner.js';

/** Names that `createSession` and `--device` take. */
export const DEVICE_NAMES = ['auto', 'cpu', 'webgpu', 'webgpu:software', 'cuda'] as const;
export type DeviceName = (typeof DEVICE_NAMES)[number];

export type AdapterKind = 'hardware' | 'software';

/** What differs between a page and Node. */
export interface Platform {
  /** @throws DeviceError when there is no such adapter; MissingPackageError in Node */
  openWebGpu(kind: AdapterKind): Promise<GpuLease>;
  /**
   * Absent where there can be no CUDA.
   * @param ordinal which of the machine's devices
   * @throws DeviceError when there is no such device, or a library is missing; MissingPackageError in Node
   */
  readonly openCuda?: ((ordinal: number) => Promise<GpuLease>) | undefined;
  /**
   * Why there is no hardware GPU here, as far as that is known without touching drivers, which write warnings of
   * their own: a sentence without its full stop. `auto` asks first; who names a GPU gets the attempt.
   */
  lacksGpu?(): string | undefined;
  /** Where measured costs and device profiles are kept; nowhere beyond a session when left out. */
  readonly costs?: CostStore;
}

/** A device that is destroyed when its session ends. */
export function ownLease(gpu: GpuDevice): GpuLease {
  return {
    gpu,
    release: () => {
      gpu.destroy();
    },
  };
}

/**
 * One GPU for many sessions, one after another or at once: opened at first need, destroyed by `close`, after which nothing is to
 * be had of it.
 */
export class SharedPlatform implements Platform {
  readonly #platform: Platform;
  /** By what was asked for. Who takes one out releases it, so that nobody else does. */
  readonly #leases = new Map<string, Promise<GpuLease>>();
  #costs: CostStore | undefined;
  #closing: Promise<void> | undefined;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  get costs(): CostStore {
    return (this.#costs ??= this.#platform.costs ?? new MemoryStore());
  }

  lacksGpu(): string | undefined {
    return this.#platform.lacksGpu?.();
  }

  openWebGpu(kind: AdapterKind): Promise<GpuLease> {
    return this.#lease(kind, () => this.#platform.openWebGpu(kind));
  }

  get openCuda(): Platform['openCuda'] {
    if (!this.#platform.openCuda) return undefined;
    return (ordinal) => this.#lease(`cuda ${ordinal}`, () => openCuda(this.#platform, ordinal));
  }

  /** @throws SessionError once it is closed, also for what was being opened by then */
  async #lease(key: string, open: () => Promise<GpuLease>): Promise<GpuLease> {
    this.#checkOpen();
    const known = this.#leases.get(key);
    const lease = await known;
    // Unless another call has replaced it meanwhile.
    if (lease?.gpu.lost && this.#leases.get(key) === known) {
      this.#leases.delete(key);
      lease.release();
    }
    this.#checkOpen();
    const { gpu } = await (this.#leases.get(key) ?? this.#open(key, open));
    this.#checkOpen();
    return { gpu, release: () => {} };
  }

  #checkOpen(): void {
    if (!this.#closing) return;
    throw new SessionError('the shared GPUs were closed', {
      remedy: 'Share them anew, and close them last.',
    });
  }

  /** What fails is forgotten, so that the next call tries again. */
  #open(key: string, open: () => Promise<GpuLease>): Promise<GpuLease> {
    const opening = open();
    this.#leases.set(key, opening);
    opening.catch(() => {
      if (this.#leases.get(key) === opening) this.#leases.delete(key);
    });
    return opening;
  }

  /** Gives every GPU back once, those that are being opened as soon as they are. */
  close(): Promise<void> {
    return (this.#closing ??= this.#releaseAll());
  }

  async #releaseAll(): Promise<void> {
    const opened = [...this.#leases.values()];
    this.#leases.clear();
    for (const lease of await Promise.allSettled(opened)) {
      if (lease.status === 'fulfilled') lease.value.release();
    }
  }
}

/** A page: WebGPU is part of the browser, or it is not there. */
export const browserPlatform: Platform = {
  costs: globalThis.indexedDB ? new IndexedDbStore() : new MemoryStore(),
  openWebGpu: async (kind) => {
    const { gpu } = globalThis.navigator ?? {};
    if (!gpu) {
      throw new DeviceError('this browser has no WebGPU', {
        remedy: 'Use a browser with WebGPU over https or localhost, or the device "cpu".',
      });
    }
    return ownLease(await WebGpuDevice.create(gpu, { wish: kind }));
  },
};

export interface DeviceOptions extends GpuOptions {
  /** Where to run; `auto` (the default) takes a hardware GPU where there is one, else the CPU. */
  readonly device?: DeviceName;
  /** With the device `cuda`: which of the machine's, as CUDA counts them; 0 when left out. */
  readonly ordinal?: number;
  /** A WebGPU device of the caller's to run on, instead of `device`; it stays the caller's. */
  readonly gpuDevice?: GPUDevice;
}

/** A device with the reason why it was taken. */
export interface OpenedDevice {
  readonly device: Device;
  readonly reason: string;
}

/**
 * @throws DeviceError when the device is not to be had; InputError for a policy or dtype that does not exist;
 * UnsupportedError for half precision where there is none
 */
export async function openDevice(platform: Platform, options: DeviceOptions = {}): Promise<OpenedDevice> {
  checkChoice('policy', options.policy, POLICY_NAMES);
  checkChoice('dtype', options.dtype, PRECISIONS);
  checkChoice('tuning', options.tuning, TUNINGS);
  checkChoice('effort', options.effort, EFFORTS);
  checkOrdinal(options);
  if (options.gpuDevice) {
    const lease = ownLease(WebGpuDevice.adopt(options.gpuDevice));
    return { device: runnerOn(platform, lease, options), reason: 'given by the caller' };
  }
  const name = options.device ?? 'auto';
  switch (name) {
    case 'auto':
      return openBest(platform, options);
    case 'cpu':
      return openCpu(options, 'asked for');
    case 'webgpu':
    case 'webgpu:software':
    case 'cuda':
      return {
        device: runnerOn(platform, await openGpu(platform, name, options.ordinal), options),
        reason: 'asked for',
      };
    default:
      throw new DeviceError(`there is no device "${String(name)}"`, {
        remedy: `Use one of ${DEVICE_NAMES.join(', ')}.`,
      });
  }
}

/** @throws InputError for an ordinal of another device than `cuda`, or none that can be */
function checkOrdinal({ ordinal, device }: DeviceOptions): void {
  if (ordinal === undefined) return;
  if (device !== 'cuda') {
    throw new InputError(`there is an ordinal for the device "${device ?? 'auto'}"`, {
      remedy: 'Ordinals tell CUDA devices apart: ask for the device "cuda" too, or leave the ordinal out.',
    });
  }
  if (Number.isSafeInteger(ordinal) && ordinal >= 0) return;
  throw new InputError(`the ordinal is ${ordinal}`, { remedy: 'Give a whole number from 0 on.' });
}

/** Names of GPUs. */
export type GpuName = Exclude<DeviceName, 'auto' | 'cpu'>;

/**
 * A GPU by name.
 * @param ordinal with `cuda`: which one; 0 when left out
 * @throws DeviceError when it is not to be had; MissingPackageError in Node
 */
export function openGpu(platform: Platform, name: GpuName, ordinal = 0): Promise<GpuLease> {
  if (name === 'cuda') return openCuda(platform, ordinal);
  return platform.openWebGpu(name === 'webgpu' ? 'hardware' : 'software');
}

/** @throws DeviceError also where there can be no CUDA */
function openCuda(platform: Platform, ordinal: number): Promise<GpuLease> {
  if (platform.openCuda) return platform.openCuda(ordinal);
  throw new DeviceError('a page has no CUDA', { remedy: 'Use the device "webgpu" or "cpu".' });
}

/** Callers from JavaScript pass any text. */
function checkChoice(option: string, given: string | undefined, choices: readonly string[]): void {
  if (given === undefined || choices.includes(given)) return;
  throw new InputError(`there is no ${option} "${given}"`, {
    remedy: `Use one of ${choices.join(', ')}.`,
  });
}

/** @throws UnsupportedError for other precisions, which a run in single precision would silently replace */
function openCpu({ dtype }: GpuOptions, reason: string): OpenedDevice {
  if (dtype !== undefined && dtype !== 'f32') {
    const what = dtype === 'f16' ? 'half-precision storage' : dtype;
    throw new UnsupportedError(`${what} on the CPU (${reason})`, {
      remedy: 'Use dtype "f32", or a GPU.',
    });
  }
  return { device: new CpuDevice(), reason };
}

/**
 * WebGPU first: with it a program's own GPU buffers are taken and given, and it is where defaults were tuned. CUDA is for
 * machines with NVIDIA's driver alone: most servers have no Vulkan.
 */
async function openBest(platform: Platform, options: GpuOptions): Promise<OpenedDevice> {
  const lacks: string[] = [];
  const lack = platform.lacksGpu?.();
  if (lack !== undefined) lacks.push(lack);
  const openers = [
    ...(lack === undefined ? [() => platform.openWebGpu('hardware')] : []),
    ...(platform.openCuda ? [() => openCuda(platform, 0)] : []),
  ];
  for (const open of openers) {
    let lease: GpuLease;
    try {
      lease = await open();
    } catch (error) {
      if (!(error instanceof LanewiseError)) throw error;
      lacks.push(error.what);
      continue;
    }
    return { device: runnerOn(platform, lease, options), reason: 'the fastest device found' };
  }
  return openCpu(options, `no GPU: ${lacks.join('; ')}`);
}

/** @throws UnsupportedError, with the lease given back, when the GPU lacks what the options ask for */
function runnerOn({ costs = new MemoryStore() }: Platform, lease: GpuLease, options: GpuOptions): GpuRunner {
  try {
    return new GpuRunner(lease, options, costs);
  } catch (error) {
    lease.release();
    throw error;
  }
}
