/**
 * The fake libraries of this folder as a device: memory is the host's, and calls of libraries are all that it launches. So the
 * cases of all kernels run through the real descriptors, here where there is no GPU.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import koffi from 'koffi';
import { openCublasLt } from '../../../../src/devices/cuda/cublaslt.js';
import { openCudnn } from '../../../../src/devices/cuda/cudnn.js';
import type { Ffi, ForeignFunction } from '../../../../src/devices/cuda/ffi.js';
import type {
  LibraryEnvironment,
  LibraryRunner,
  OpenLibrary,
  PreparedCall,
} from '../../../../src/devices/cuda/library-runner.js';
import type {
  GpuBuffer,
  GpuDevice,
  GpuDispatch,
  GpuKernel,
  GpuRecording,
  GpuSlice,
  KernelFeature,
  KernelSource,
  LibraryCall,
} from '../../../../src/devices/gpu.js';
import { LARGE_LIMITS } from '../../../support/limits.js';
import { has } from '../translate-support.js';

export const HAS_COMPILER = has('g++');

/** Why what follows is skipped, for its title. */
export const SKIPPED = HAS_COMPILER ? '' : ' (SKIPPED: g++ is not here)';

/** Bytes behind the workspace that no library may touch. */
const GUARD = 64;

export class FakeLibrary {
  readonly ffi: Ffi;
  readonly path: string;
  readonly #set: ForeignFunction;
  readonly #get: ForeignFunction;

  /** A library without settings; one of each kind at a time. @param name the file here, without its ending */
  constructor(name: 'cudnn' | 'cublaslt') {
    this.path = built(name);
    this.ffi = ffi();
    const library = this.ffi.load(this.path);
    library.func('fake_clear', 'void', [])();
    this.#set = library.func('fake_set', 'void', ['str', 'int64_t']);
    this.#get = library.func('fake_get', 'int64_t', ['str']);
  }

  set(name: string, value: number): void {
    this.#set(name, value);
  }

  get(name: string): number {
    return Number(this.#get(name));
  }

  /** @throws Error when a descriptor or a handle was not freed */
  checkFreed(): void {
    const live = this.get('live');
    if (live !== 0) throw new Error(`${live} descriptors and handles were not freed`);
  }

  environment(makeCurrent: () => void = () => {}): LibraryEnvironment {
    return { ffi: this.ffi, path: this.path, makeCurrent, capability: [9, 0] };
  }
}

/** Files of libraries that were built, by name. */
const files = new Map<string, string>();

function built(name: string): string {
  const known = files.get(name);
  if (known !== undefined) return known;
  const source = join(import.meta.dirname, `${name}.cpp`);
  const hash = sourcesHash();
  const folder = resolve('node_modules/.cache/lanewise', `fake-libraries-${hash}`);
  const file = join(folder, `${name}.so`);
  if (existsSync(file)) return kept(name, file);
  mkdirSync(folder, { recursive: true });
  const fresh = `${file}-${process.pid}`;
  // Without unique symbols: each library has settings of its own.
  const flags = ['-std=c++17', '-O2', '-shared', '-fPIC', '-fno-gnu-unique', '-o', fresh, source];
  const { status, stderr } = spawnSync('g++', flags, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  // Whole, though another process may do the same.
  renameSync(fresh, file);
  return kept(name, file);
}

function kept(name: string, file: string): string {
  files.set(name, file);
  return file;
}

/** Of all texts: the libraries include each other's headers. */
function sourcesHash(): string {
  const texts = readdirSync(import.meta.dirname).filter((name) => /\.(?:cpp|hpp)$/.test(name));
  const hash = createHash('sha256');
  for (const name of texts.sort()) hash.update(readFileSync(join(import.meta.dirname, name)));
  return hash.digest('hex').slice(0, 16);
}

/** Kept: koffi unloads libraries that nobody holds. */
const loaded = new Map<string, ReturnType<typeof koffi.load>>();

function ffi(): Ffi {
  return {
    load: (path) => {
      const library = loaded.get(path) ?? koffi.load(path);
      loaded.set(path, library);
      return { func: (name, result, types) => library.func(name, result, types) as ForeignFunction };
    },
    address: (view) => koffi.address(view),
    view: (pointer, bytes) => koffi.view(pointer, bytes),
    text: (pointer) => koffi.decode.string(pointer),
  };
}

const OPENERS: Readonly<Record<LibraryCall['library'], OpenLibrary>> = {
  cudnn: openCudnn,
  cublaslt: openCublasLt,
};

interface HostBuffer extends GpuBuffer {
  readonly memory: Uint8Array<ArrayBuffer>;
}

interface PreparedKernel extends GpuKernel {
  readonly call: PreparedCall;
}

/** A device that launches nothing but calls of one library. */
export class LibraryDevice implements GpuDevice {
  readonly kind = 'cuda';
  readonly description = 'fake libraries';
  readonly identity = {
    kind: 'cuda',
    vendor: 'nvidia',
    architecture: 'none',
    name: 'fake',
    driver: '',
    runtime: '',
  } as const;
  readonly software = true;
  readonly limits = LARGE_LIMITS;
  readonly features: ReadonlySet<KernelFeature>;
  readonly lost = false;
  readonly allocatedBytes = 0;
  readonly runner: LibraryRunner;
  readonly library: FakeLibrary;
  readonly #buffers = new Map<GpuBuffer, HostBuffer>();
  readonly #kernels = new Map<GpuKernel, PreparedKernel>();

  constructor(library: FakeLibrary, name: LibraryCall['library']) {
    this.library = library;
    this.runner = OPENERS[name](library.environment());
    this.features = new Set(['f16', 'cuda', name]);
  }

  async allocate(bytes: number, label: string): Promise<GpuBuffer> {
    // Real memory begins at multiples of 256, which a copy of the cases' offsets relies on.
    const buffer: HostBuffer = { bytes, label, memory: new Uint8Array(bytes), destroy: () => {} };
    this.#buffers.set(buffer, buffer);
    return buffer;
  }

  write(buffer: GpuBuffer, offset: number, data: ArrayBufferView): void {
    this.#memory(buffer).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
  }

  async compile(sources: readonly KernelSource[]): Promise<GpuKernel[]> {
    const kernels: PreparedKernel[] = [];
    for (const source of sources) {
      if (source.wgsl !== undefined || source.cuda !== undefined)
        throw new Error(`${source.id} is no call of a library`);
      const kernel = { source, call: await this.runner.prepare(source.call) };
      this.#kernels.set(kernel, kernel);
      kernels.push(kernel);
    }
    return kernels;
  }

  async record(
    dispatches: readonly GpuDispatch[],
    readbacks: readonly GpuSlice[] = [],
  ): Promise<GpuRecording> {
    return { dispatches, readbacks };
  }

  /** Frees the calls too: each is recorded once. */
  release({ dispatches }: GpuRecording): void {
    for (const { kernel } of dispatches) this.#kernels.get(kernel)?.call.release();
  }

  async submit({ dispatches, readbacks }: GpuRecording): Promise<Uint8Array<ArrayBuffer>[]> {
    for (const { kernel, slices } of dispatches) {
      const call = this.#kernels.get(kernel)?.call;
      if (!call) throw new Error('a kernel of another device');
      const pointers = slices.map(
        ({ buffer, offset }) => this.#address(this.#memory(buffer)) + BigInt(offset),
      );
      const workspace = new Uint8Array(call.workspaceBytes + GUARD).fill(7);
      call.launch(11n, pointers, call.workspaceBytes > 0 ? this.#address(workspace) : 0n);
      if (workspace.subarray(call.workspaceBytes).some((byte) => byte !== 7))
        throw new Error('the workspace is overrun');
    }
    return readbacks.map(({ buffer, offset, bytes }) => this.#memory(buffer).slice(offset, offset + bytes));
  }

  async time(): Promise<number[]> {
    throw new Error('times of a fake mean nothing');
  }

  destroy(): void {
    this.runner.destroy();
  }

  #memory(buffer: GpuBuffer): Uint8Array<ArrayBuffer> {
    const found = this.#buffers.get(buffer);
    if (!found) throw new Error(`${buffer.label} is of another device`);
    return found.memory;
  }

  #address(memory: Uint8Array): bigint {
    return this.library.ffi.address(memory);
  }
}
