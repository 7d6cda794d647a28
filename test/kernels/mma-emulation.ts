/**
 * A device that runs the texts of src/kernels/mma on a CPU, compiled by g++: everything but their instructions is compiled
 * as it is, and the instructions are functions of mma-emulation.cpp. Kernels in WGSL, the adding up of parts, run on
 * another device.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type {
  CudaKernel,
  GpuBuffer,
  GpuDevice,
  GpuDispatch,
  GpuKernel,
  GpuLimits,
  GpuRecording,
  GpuSlice,
  KernelFeature,
  KernelSource,
} from '../../src/devices/gpu.js';
import { WAIT_TEXT } from '../../src/devices/cuda/dependent-launch.js';
import { groupInstructionsText, instructionsText, type MmaType } from '../../src/kernels/mma/instructions.js';
import { LARGE_LIMITS } from '../support/limits.js';

/** What an H200 allows. */
export const CUDA_LIMITS: GpuLimits = { ...LARGE_LIMITS, maxSharedBytes: 227 * 1024 };

const TYPES: readonly MmaType[] = ['f16', 'bf16', 'tf32'];

/**
 * The text without its instructions.
 * @throws Error for a text that does not begin with one type's
 */
export function withoutInstructions(cuda: string): { readonly type: MmaType; readonly text: string } {
  for (const type of TYPES) {
    const head = instructionsText(type);
    if (!cuda.startsWith(head)) continue;
    let text = cuda.slice(head.length);
    for (let cols = 8; cols <= 256; cols += 8) text = text.replace(groupInstructionsText(type, cols), '');
    // What waits for other kernels is nothing here: they run one after another.
    if (text.replace(WAIT_TEXT, '').includes('asm')) break;
    return { type, text };
  }
  throw new Error('the text has instructions that the emulation does not know');
}

const HEADERS = 'mma-headers.h';

/** What g++ says against something, or undefined. */
function gpp(...options: readonly string[]): string | undefined {
  const run = spawnSync('g++', ['-std=c++17', '-O1', '-w', ...options], { encoding: 'utf8' });
  return run.status === 0 ? undefined : run.stderr;
}

class HostBuffer implements GpuBuffer {
  readonly bytes: number;
  readonly label: string;
  readonly data: Uint8Array<ArrayBuffer>;

  constructor(bytes: number, label: string) {
    this.bytes = bytes;
    this.label = label;
    this.data = new Uint8Array(bytes);
  }

  destroy(): void {
    // Memory of the host's.
  }
}

function dataOf({ buffer, offset, bytes }: GpuSlice): Uint8Array<ArrayBuffer> {
  if (!(buffer instanceof HostBuffer)) throw new TypeError('the buffer is of another device');
  return buffer.data.subarray(offset, offset + bytes);
}

/** The device. Only what the kernel harness uses is there. */
export class MmaEmulation implements GpuDevice {
  readonly kind = 'cuda';
  readonly description = 'CUDA C++ on a CPU';
  readonly identity = {
    kind: 'cuda',
    vendor: '',
    architecture: '',
    name: 'emulated',
    driver: '',
    runtime: 'g++',
  } as const;
  readonly software = true;
  readonly limits = CUDA_LIMITS;
  readonly features: ReadonlySet<KernelFeature> = new Set(['f16', 'subgroups', 'cuda', 'wgmma']);
  readonly lost = false;
  readonly allocatedBytes = 0;
  /** Accesses of shared memory by `ldmatrix` that met a bank which another row of the same matrix uses. */
  conflicts = 0;
  readonly #wgsl: GpuDevice;
  readonly #folder = mkdtempSync(join(tmpdir(), 'lanewise-mma-'));
  readonly #programs = new Map<string, string>();

  constructor(wgsl: GpuDevice) {
    this.#wgsl = wgsl;
  }

  allocate(bytes: number, label: string): Promise<GpuBuffer> {
    return Promise.resolve(new HostBuffer(bytes, label));
  }

  write(buffer: GpuBuffer, offset: number, data: ArrayBufferView): void {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    dataOf({ buffer, offset, bytes: bytes.length }).set(bytes);
  }

  compile(sources: readonly KernelSource[]): Promise<GpuKernel[]> {
    return Promise.resolve(sources.map((source) => ({ source })));
  }

  record(dispatches: readonly GpuDispatch[], readbacks: readonly GpuSlice[] = []): Promise<GpuRecording> {
    return Promise.resolve({ dispatches, readbacks });
  }

  release(): void {
    // Nothing was allocated.
  }

  async submit({ dispatches, readbacks }: GpuRecording): Promise<Uint8Array<ArrayBuffer>[]> {
    for (const {
      kernel: { source },
      slices,
    } of dispatches) {
      if (source.wgsl !== undefined) await this.#runWgsl(source, slices.map(dataOf));
      else if (source.cuda !== undefined) this.#run(source, slices.map(dataOf));
      else throw new TypeError(`${source.id} is a library's`);
    }
    return readbacks.map((slice) => dataOf(slice).slice());
  }

  time(): Promise<number[]> {
    return Promise.reject(new Error('times of an emulation mean nothing'));
  }

  destroy(): void {
    this.#wgsl.destroy();
    rmSync(this.#folder, { recursive: true });
  }

  #run(source: CudaKernel, buffers: readonly Uint8Array<ArrayBuffer>[]): void {
    const program = this.#programOf(source);
    const file = join(this.#folder, 'buffers');
    writeFileSync(file, Buffer.concat(buffers));
    const run = spawnSync(program, [file, ...buffers.map(({ length }) => `${length}`)], { encoding: 'utf8' });
    if (run.status !== 0) throw new Error(`${source.id}: ${run.signal ?? run.stderr}`);
    this.conflicts += Number(run.stdout);
    const results = readFileSync(file);
    let at = 0;
    for (const buffer of buffers) {
      buffer.set(results.subarray(at, at + buffer.length));
      at += buffer.length;
    }
  }

  #programOf({ id, cuda, workgroup, grid, workgroupBytes }: CudaKernel): string {
    const { type, text } = withoutInstructions(cuda);
    const options = Object.entries({
      TYPE: TYPES.indexOf(type),
      SHARED_BYTES: workgroupBytes,
      BLOCK_THREADS: workgroup[0],
      GRID_COLS: grid[0],
      GRID_ROWS: grid[1],
    })
      .map(([macro, value]) => `#define ${macro} ${value}\n`)
      .join('');
    const name = createHash('sha256')
      .update(text + options)
      .digest('hex');
    const known = this.#programs.get(name);
    if (known !== undefined) return known;
    const folder = join(this.#folder, name);
    mkdirSync(folder);
    writeFileSync(join(folder, 'kernel.inc'), text);
    writeFileSync(join(folder, 'options.inc'), options);
    copyFileSync(resolve(import.meta.dirname, 'mma-emulation.cpp'), join(folder, 'main.cpp'));
    const program = join(folder, 'kernel');
    this.#compileHeaders();
    const said = gpp('-I', this.#folder, '-o', program, join(folder, 'main.cpp'));
    if (said !== undefined) throw new Error(`${id}: ${said}`);
    this.#programs.set(name, program);
    return program;
  }

  /** Without it half of the 0.8 s that a kernel takes to compile goes to headers. */
  #compileHeaders(): void {
    if (this.#programs.size > 0) return;
    const header = join(this.#folder, HEADERS);
    copyFileSync(resolve(import.meta.dirname, HEADERS), header);
    const said = gpp('-x', 'c++-header', '-o', `${header}.gch`, header);
    if (said !== undefined) throw new Error(said);
  }

  async #runWgsl(source: KernelSource, data: readonly Uint8Array<ArrayBuffer>[]): Promise<void> {
    const device = this.#wgsl;
    const slices = await Promise.all(
      data.map(async (bytes, i) => {
        const size = Math.ceil(bytes.length / 4) * 4;
        const buffer = await device.allocate(size, source.bindings[i].name);
        const padded = new Uint8Array(size);
        padded.set(bytes);
        device.write(buffer, 0, padded);
        return { buffer, offset: 0, bytes: size };
      }),
    );
    const [kernel] = await device.compile([source]);
    const recording = await device.record([{ kernel, slices }], slices);
    const results = await device.submit(recording);
    for (const [i, result] of results.entries()) data[i].set(result.subarray(0, data[i].length));
    device.release(recording);
    for (const { buffer } of slices) buffer.destroy();
  }
}
