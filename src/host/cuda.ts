/** CUDA in Node: NVIDIA's own libraries, called through the optional npm package `koffi`. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type koffi from 'koffi';
import { openCublasLt } from '../devices/cuda/cublaslt.js';
import { openCudnn } from '../devices/cuda/cudnn.js';
import { CudaDriver } from '../devices/cuda/driver.js';
import type { Ffi, ForeignFunction } from '../devices/cuda/ffi.js';
import { CudaDevice } from '../devices/cuda/index.js';
import { factsOf, type DeviceFacts } from '../devices/cuda/limits.js';
import type { OpenLibrary } from '../devices/cuda/library-runner.js';
import { Nvrtc } from '../devices/cuda/nvrtc.js';
import type { CudaPlatform, FoundLibrary } from '../devices/cuda/platform.js';
import { DeviceError, LanewiseError } from '../errors.js';
import { CubinFiles } from './cubin-files.js';
import {
  findCudaLibraries,
  nvrtcParts,
  type CudaSearch,
  type CudaLibraryName,
  type SearchOptions,
} from './cuda-libraries.js';
import { checkStacks, loadKoffi } from './koffi.js';

/**
 * Opens a CUDA device.
 * @param ordinal its number, as CUDA counts them
 * @throws MissingPackageError without `koffi`; DeviceError naming the library that is missing and how to get it, or
 *   when there is no such device
 */
export async function openCuda(ordinal = 0, search: SearchOptions = {}): Promise<CudaDevice> {
  return CudaDevice.create(await cudaPlatform(search), ordinal);
}

/** What a machine has of CUDA. */
export interface CudaReport {
  readonly search: CudaSearch;
  /** The newest CUDA that the driver knows, `13.0`; undefined where it does not load. */
  readonly driver: string | undefined;
  /** The driver's own version, `580.65.06`; empty where unknown. */
  readonly driverVersion: string;
  readonly nvrtc: string | undefined;
  readonly devices: readonly DeviceFacts[];
  /** Why something does not work, although it was found: sentences. */
  readonly problems: readonly string[];
}

/** Looks at everything without opening a device. */
export async function reportCuda(options: SearchOptions = {}): Promise<CudaReport> {
  const problems: string[] = [];
  const tried = async <T>(work: () => Promise<T> | T): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof LanewiseError)) throw error;
      problems.push(error.message);
      return undefined;
    }
  };
  const everything = findCudaLibraries(options);
  const path = everything.places.get('driver')?.path;
  const ffi = path === undefined ? undefined : await tried(loadFfi);
  const driver = ffi && path !== undefined ? await tried(() => new CudaDriver(ffi, path)) : undefined;
  const search = driver ? findCudaLibraries({ ...options, maxMajor: majorOf(driver) }) : everything;
  const nvrtcPath = search.places.get('nvrtc')?.path;
  const nvrtc =
    ffi && nvrtcPath !== undefined
      ? await tried(() => new Nvrtc(ffi, loadedParts(ffi, nvrtcPath)))
      : undefined;
  const devices = driver
    ? ((await tried(() => Array.from({ length: driver.deviceCount }, (_, i) => factsOf(driver, i)))) ?? [])
    : [];
  const { version = 0 } = driver ?? {};
  return {
    search,
    driver: driver && `${majorOf(driver)}.${Math.floor((version % 1000) / 10)}`,
    driverVersion: kernelDriverVersion(),
    nvrtc: nvrtc?.version,
    devices,
    problems,
  };
}

/**
 * What this machine offers to a CUDA device.
 * @throws MissingPackageError without `koffi`; DeviceError naming what is missing
 */
export async function cudaPlatform(options: SearchOptions = {}): Promise<CudaPlatform> {
  const driverPath = needed(findCudaLibraries(options), 'driver');
  const ffi = await loadFfi();
  const search = findCudaLibraries({ ...options, maxMajor: majorOf(new CudaDriver(ffi, driverPath)) });
  return {
    ffi,
    driverPath,
    nvrtcPath: loadedParts(ffi, needed(search, 'nvrtc')),
    includes: search.includes,
    libraries: foundLibraries(search),
    dependentLaunch: (options.environment ?? process.env)['LANEWISE_CUDA_PDL'] === '1',
    compilers: availableParallelism(),
    cubins: CUBINS,
    driverVersion: kernelDriverVersion(),
    turn,
  };
}

/** NVRTC's path, once the parts that it looks for by name are loaded; what it does not find it names itself. */
function loadedParts(ffi: Ffi, nvrtcPath: string): string {
  for (const part of nvrtcParts(nvrtcPath)) {
    try {
      ffi.load(part);
    } catch {
      // Of another version, or damaged.
    }
  }
  return nvrtcPath;
}

/** The libraries of kernels that are there: those that a device then cannot open are left out. */
function foundLibraries({ places }: CudaSearch): FoundLibrary[] {
  const [cublaslt, cudnn] = (['cublaslt', 'cudnn'] as const).map((library) => places.get(library)?.path);
  if (cublaslt === undefined) return [];
  const found: FoundLibrary[] = [{ library: 'cublaslt', path: cublaslt, open: openCublasLt }];
  // cuDNN 9 calls cuBLASLt, which must be loaded first: where its own search finds none, it ends the process.
  const openBehind: OpenLibrary = (environment) => {
    try {
      environment.ffi.load(cublaslt);
    } catch (cause) {
      throw new DeviceError('cuDNN needs cuBLASLt, which does not load', {
        part: cublaslt,
        remedy: 'Install it anew with `pip install nvidia-cublas`.',
        cause,
      });
    }
    return openCudnn(environment);
  };
  if (cudnn !== undefined) found.push({ library: 'cudnn', path: cudnn, open: openBehind });
  return found;
}

function majorOf({ version }: CudaDriver): number {
  return Math.floor(version / 1000);
}

function needed({ places }: CudaSearch, name: CudaLibraryName): string {
  const place = places.get(name);
  if (place?.path !== undefined) return place.path;
  throw new DeviceError(`${place?.title ?? name} was not found`, {
    part: 'device "cuda"',
    remedy: `${place?.remedy ?? ''} LANEWISE_CUDA_LIBS may name its folder; \`lanewise devices\` lists what was found.`,
  });
}

/** One for all devices of the process, so that none compiles what another is compiling. */
const CUBINS = new CubinFiles();

/** Once per process: koffi unloads libraries whose handles are collected. */
let foreign: Promise<Ffi> | undefined;

function loadFfi(): Promise<Ffi> {
  return (foreign ??= loadKoffi('the device "cuda"').then((module) => {
    checkStacks(module);
    return ffiOf(module);
  }));
}

/** koffi as the device sees it; libraries are kept, as functions of unloaded ones crash. */
function ffiOf(module: typeof koffi): Ffi {
  const libraries = new Map<string, ReturnType<typeof koffi.load>>();
  return {
    load: (path) => {
      const library = libraries.get(path) ?? module.load(path);
      libraries.set(path, library);
      return {
        func: (name, result, parameters) => library.func(name, result, parameters) as ForeignFunction,
      };
    },
    address: (view) => module.address(view),
    view: (pointer, bytes) => module.view(pointer, bytes),
    text: (pointer) => module.decode.string(pointer),
  };
}

/** The version of the part of the driver that is in the system's kernel, which times depend on. */
function kernelDriverVersion(): string {
  try {
    const text = readFileSync('/proc/driver/nvidia/version', 'utf8');
    return /\s(\d+\.\d+(?:\.\d+)?)\s/.exec(text)?.[1] ?? '';
  } catch {
    return '';
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
