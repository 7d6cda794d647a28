/** Kernels made ready for one context: translated, compiled, loaded, each once; calls of libraries prepared. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { CompileError, DeviceError, LanewiseError } from '../../errors.js';
import { codeOf, type GpuKernel, type KernelFeature, type KernelSource, type LibraryKernel } from '../gpu.js';
import type { CudaContext } from './context.js';
import { waits } from './dependent-launch.js';
import type { KernelFunction, Module } from './handles.js';
import type { LibraryRunner, PreparedCall } from './library-runner.js';
import type { DeviceFacts } from './limits.js';
import { CompileFailure, optionsOf, type CompileOptions, type Nvrtc } from './nvrtc.js';
import type { CubinStore } from './platform.js';
import { isOutOfMemory } from './status.js';
import { translate } from './translate/index.js';

/** Something that can be put on a stream. */
export type Launchable =
  | {
      readonly kind: 'kernel';
      readonly function: KernelFunction;
      readonly sharedBytes: number;
      /** Whether it is launched while the kernel before it ends. */
      readonly dependent: boolean;
      /** The bindings whose bytes it takes behind the pointers. */
      readonly lengths: readonly number[];
    }
  | { readonly kind: 'call'; readonly call: PreparedCall };

export interface CudaGpuKernel extends GpuKernel {
  readonly launchable: Launchable;
}

/** One compilation unit. */
interface Unit {
  readonly text: string;
  readonly entry: string;
  readonly dynamicBytes: number;
  readonly lengths: readonly number[];
}

/** Name of the kernel in texts that are CUDA C++ from the start. */
const ENTRY = 'main_kernel';
/** Shared memory that a block gets without asking. */
const STATIC_BYTES = 48 * 1024;
/** Kernels kept for whoever asks next; what recordings use lives on without the cache. */
const CAPACITY = 2048;

export interface CompilerParts {
  readonly context: CudaContext;
  readonly nvrtc: Nvrtc;
  readonly cubins: CubinStore;
  readonly facts: DeviceFacts;
  readonly options: CompileOptions;
  /** Whether kernels that wait are launched while others end. */
  readonly dependentLaunch: boolean;
  readonly runners: readonly LibraryRunner[];
  readonly turn: () => Promise<void>;
}

export class CudaCompiler {
  readonly #parts: CompilerParts;
  /** By what they compute, in the order of their last use. */
  readonly #ready = new Map<string, Promise<Launchable>>();
  /** Calls of libraries, until the device ends: they hold little. */
  readonly #calls = new Set<PreparedCall>();
  readonly #modules = new Set<Module>();
  /** Modules are unloaded when nobody has their kernels any more: neither the cache nor a recording. */
  readonly #unreachable = new FinalizationRegistry<Module>((module) => {
    this.#unload(module);
  });
  /** Translating takes the event loop milliseconds per kernel: one after another, with a turn between. */
  #translating: Promise<unknown> = Promise.resolve();
  #cleared = false;

  constructor(parts: CompilerParts) {
    this.#parts = parts;
  }

  /** @throws CompileError naming the kernel, when it does not compile or does not fit the device */
  async get(source: KernelSource): Promise<CudaGpuKernel> {
    checkFit(source, this.#parts.facts);
    const key = keyOf(source);
    const ready = this.#ready.get(key) ?? this.#make(source);
    this.#ready.delete(key);
    this.#ready.set(key, ready);
    this.#evict();
    try {
      return { source, launchable: await ready };
    } catch (error) {
      if (this.#ready.get(key) === ready) this.#ready.delete(key);
      throw error;
    }
  }

  /** Frees everything; nothing that was compiled is launched again. */
  clear(): void {
    this.#cleared = true;
    this.#ready.clear();
    // Each by itself: a library's calls, too, need the context, and a lost one frees nothing.
    const { context } = this.#parts;
    for (const call of this.#calls)
      context.free(() => {
        call.release();
      });
    this.#calls.clear();
    for (const module of this.#modules) this.#unload(module);
  }

  #unload(module: Module): void {
    const { context } = this.#parts;
    if (!this.#modules.delete(module)) return;
    context.onceDone(() => {
      context.free((driver) => {
        driver.unloadModule(module);
      });
    });
  }

  #evict(): void {
    for (const key of this.#ready.keys()) {
      if (this.#ready.size <= CAPACITY) return;
      this.#ready.delete(key);
    }
  }

  async #make(source: KernelSource): Promise<Launchable> {
    if (source.wgsl === undefined && source.cuda === undefined) return this.#prepare(source);
    const unit = await this.#translate(source);
    const image = await this.#image(source, unit);
    this.#checkAlive();
    return this.#load(source, unit, image);
  }

  #translate(source: KernelSource): Promise<Unit> {
    const { turn } = this.#parts;
    const unit = this.#translating.then(async () => {
      await turn();
      try {
        return unitOf(source);
      } catch (error) {
        throw error instanceof LanewiseError ? failed(source, error.what, error) : error;
      }
    });
    this.#translating = unit.catch(() => undefined);
    return unit;
  }

  /** Machine code: kept from earlier, else compiled. */
  async #image(source: KernelSource, { text }: Unit): Promise<Uint8Array<ArrayBuffer>> {
    const { cubins, nvrtc, options } = this.#parts;
    const parts = [`nvrtc ${nvrtc.version}`, ...optionsOf(options), text];
    const key = bytesToHex(sha256(utf8ToBytes(parts.join('\n'))));
    try {
      return await cubins.obtain(key, () => nvrtc.compile(text, options));
    } catch (error) {
      throw error instanceof CompileFailure ? failed(source, firstError(error.log), error) : error;
    }
  }

  #load(source: KernelSource, { text, entry, dynamicBytes, lengths }: Unit, image: Uint8Array): Launchable {
    const { context, dependentLaunch } = this.#parts;
    try {
      return context.run((driver) => {
        const module = driver.loadModule(image);
        this.#modules.add(module);
        const kernel = driver.kernel(module, entry);
        const shared = driver.functionAttribute(kernel, 'staticSharedBytes') + dynamicBytes;
        if (shared > STATIC_BYTES) driver.allowDynamicBytes(kernel, dynamicBytes);
        const launchable: Launchable = {
          kind: 'kernel',
          function: kernel,
          sharedBytes: dynamicBytes,
          dependent: dependentLaunch && waits(text),
          lengths,
        };
        this.#unreachable.register(launchable, module);
        return launchable;
      });
    } catch (error) {
      if (context.lost || !(error instanceof DeviceError)) throw error;
      if (!isOutOfMemory(error)) throw failed(source, error.what, error);
      throw new DeviceError(`there is no memory left for the code of kernel ${source.id}`, {
        remedy: error.remedy,
        cause: error,
      });
    }
  }

  async #prepare(source: LibraryKernel): Promise<Launchable> {
    const { id, call } = source;
    const { runners, context } = this.#parts;
    const { library: wanted } = call;
    const runner = runners.find(({ library }) => library === wanted);
    if (!runner) {
      throw new DeviceError(`kernel ${id} needs ${wanted}, which was not found`, {
        remedy: 'See `lanewise devices` for how to get it, or plan again without it.',
      });
    }
    try {
      const prepared = await context.run(() => runner.prepare(call));
      if (this.#cleared) prepared.release();
      this.#checkAlive();
      this.#calls.add(prepared);
      return { kind: 'call', call: prepared };
    } catch (error) {
      throw error instanceof DeviceError ? failed(source, error.what, error) : error;
    }
  }

  #checkAlive(): void {
    this.#parts.context.check();
  }
}

function keyOf(source: KernelSource): string {
  const code = codeOf(source);
  return source.wgsl === undefined && source.cuda !== undefined ? `${source.workgroupBytes} ${code}` : code;
}

/** @throws UnsupportedError naming what has no translation */
function unitOf(source: KernelSource): Unit {
  if (source.wgsl === undefined && source.cuda !== undefined) {
    return { text: source.cuda, entry: ENTRY, dynamicBytes: source.workgroupBytes, lengths: [] };
  }
  const half = source.wgsl === undefined ? undefined : source.half;
  const { cuda, entry, dynamicBytes, lengths } = translate(source, half && { half });
  return { text: cuda, entry, dynamicBytes, lengths };
}

/** What the driver would refuse at the launch, without naming what is wrong. */
function checkFit(source: KernelSource, { limits, sharedBytesOptIn }: DeviceFacts): void {
  const { workgroup, bindings, workgroupBytes } = source;
  const threads = workgroup[0] * workgroup[1] * workgroup[2];
  if (
    threads > limits.maxInvocations ||
    workgroup.some((size, axis) => size > limits.maxWorkgroupSize[axis])
  ) {
    throw failed(
      source,
      `${workgroup.join(' x ')} invocations per workgroup exceed ${limits.maxInvocations}`,
    );
  }
  if (bindings.length > limits.maxBindings) {
    throw failed(source, `${bindings.length} bindings exceed ${limits.maxBindings}`);
  }
  const most = Math.max(limits.maxWorkgroupBytes, sharedBytesOptIn);
  if (workgroupBytes > most) {
    throw failed(source, `${workgroupBytes} bytes of workgroup storage exceed ${most}`);
  }
}

/** The first error in a compiler's log, which begins with `kernel.cu(12): error: ...`. */
function firstError(log: string): string {
  const line = log.split('\n').find((text) => /\berror\b/.test(text)) ?? log.split('\n', 1)[0];
  return line.replace(/^kernel\.cu\((\d+)\): (?:catastrophic )?error\s?(?:#[\w-]+)?: /, 'line $1: ').trim();
}

function failed(source: KernelSource, why: string, cause?: unknown): CompileError {
  return new CompileError(source.id, codeOf(source), why, cause);
}

/** @returns what of the libraries a device has */
export function librariesOf(runners: readonly LibraryRunner[]): KernelFeature[] {
  return runners.map(({ library }) => library);
}
