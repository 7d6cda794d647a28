/** NVIDIA's compiler as a library: CUDA C++ to machine code. */
import { DeviceError } from '../../errors.js';
import type { Ffi, ForeignFunction, ForeignValue } from './ffi.js';

const POINTER = 'void *';

const PROTOTYPES = {
  nvrtcVersion: [POINTER, POINTER],
  nvrtcGetNumSupportedArchs: [POINTER],
  nvrtcGetSupportedArchs: [POINTER],
  nvrtcCreateProgram: [POINTER, 'str', 'str', 'int', POINTER, POINTER],
  nvrtcCompileProgram: [POINTER, 'int', POINTER],
  nvrtcGetCUBINSize: [POINTER, POINTER],
  nvrtcGetCUBIN: [POINTER, POINTER],
  nvrtcGetPTXSize: [POINTER, POINTER],
  nvrtcGetPTX: [POINTER, POINTER],
  nvrtcGetProgramLogSize: [POINTER, POINTER],
  nvrtcGetProgramLog: [POINTER, POINTER],
  nvrtcDestroyProgram: [POINTER],
} satisfies Record<string, string[]>;

type FunctionName = keyof typeof PROTOTYPES;

/** What is no fault of the text, by `nvrtcResult`: its title, and what helps. */
const FAULTS: Readonly<Record<number, readonly [what: string, remedy: string]>> = {
  1: ['NVRTC has no memory left', 'End other programs, or compile on a machine with more memory.'],
  7: [
    'NVRTC lacks a part of itself',
    'libnvrtc-builtins, of the same version, has to lie beside libnvrtc: install all of `pip install nvidia-cuda-nvrtc`.',
  ],
};

/** The text does not compile; `log` is what the compiler says. */
export class CompileFailure extends Error {
  readonly log: string;

  constructor(log: string) {
    super(log);
    this.log = log;
  }
}

/** What a text is compiled with. */
export interface CompileOptions {
  /** `sm_90a` makes machine code, `compute_90` PTX, which the driver compiles. */
  readonly target: string;
  /** Folders of headers. */
  readonly includes: readonly string[];
}

/** As the compiler takes them. Products and sums may be fused (its default), and nothing else is inexact. */
export function optionsOf({ target, includes }: CompileOptions): string[] {
  return [
    `--gpu-architecture=${target}`,
    '--std=c++17',
    '-default-device',
    ...includes.map((folder) => `--include-path=${folder}`),
  ];
}

export class Nvrtc {
  /** `13.0`. */
  readonly version: string;
  readonly #functions: Readonly<Record<FunctionName, ForeignFunction>>;
  readonly #text: ForeignFunction;
  readonly #ffi: Ffi;
  /** Memory that threads read by address, which the collector of garbage knows nothing of. */
  readonly #inUse = new Set<readonly ArrayBufferView[]>();

  /** Compilations under way, and who waits for one to end. */
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #most: number;

  /**
   * @param most how many texts are compiled at once
   * @throws DeviceError when it does not load or lacks a function
   */
  constructor(ffi: Ffi, path: string, most = 1) {
    this.#ffi = ffi;
    this.#most = most;
    try {
      const library = ffi.load(path);
      const entries = Object.entries(PROTOTYPES).map(([name, parameters]) => [
        name,
        library.func(name, 'int', parameters),
      ]);
      this.#functions = Object.fromEntries(entries) as Record<FunctionName, ForeignFunction>;
      this.#text = library.func('nvrtcGetErrorString', 'str', ['int']);
    } catch (cause) {
      throw new DeviceError(`NVRTC does not load (${(cause as Error).message})`, {
        part: path,
        remedy: 'Install it with `pip install nvidia-cuda-nvrtc`, or the CUDA toolkit, version 12 or later.',
        cause,
      });
    }
    const numbers = new Int32Array(2);
    this.#call('nvrtcVersion', numbers.subarray(0, 1), numbers.subarray(1));
    this.version = numbers.join('.');
  }

  /**
   * What to compile for a compute capability: machine code of its own, with what only it has (`a`) from 9.0 on; where the
   * compiler is older than the device, code for the newest relative that the device runs too, else PTX.
   */
  targetFor([major, minor]: readonly [number, number]): string {
    const wanted = 10 * major + minor;
    const known = this.#architectures().filter((number) => number <= wanted);
    const newest = Math.max(...known);
    if (newest === wanted) return `sm_${wanted}${major >= 9 ? 'a' : ''}`;
    if (!Number.isFinite(newest)) {
      throw new DeviceError(`NVRTC ${this.version} has no code for compute capability ${major}.${minor}`, {
        remedy: 'Use a CUDA version that supports this GPU: CUDA 12 for GPUs before Turing.',
      });
    }
    return Math.floor(newest / 10) === major ? `sm_${newest}` : `compute_${newest}`;
  }

  /**
   * Compiles on a thread of its own.
   * @returns a cubin, or PTX with its final zero byte
   * @throws CompileFailure with the compiler's log; DeviceError where the compiler itself fails
   */
  async compile(text: string, options: CompileOptions): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#running >= this.#most) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running++;
    try {
      return await this.#compile(text, options);
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  async #compile(text: string, options: CompileOptions): Promise<Uint8Array<ArrayBuffer>> {
    const handle = new BigUint64Array(1);
    this.#call('nvrtcCreateProgram', handle, text, 'kernel.cu', 0, 0n, 0n);
    const [program] = handle;
    try {
      const code = await this.#run(program, optionsOf(options));
      if (code !== 0) throw this.#failure(code, this.#log(program).trim() || this.#describe(code));
      const kind = options.target.startsWith('sm_') ? 'CUBIN' : 'PTX';
      const image = new Uint8Array(this.#size(`nvrtcGet${kind}Size`, program));
      this.#call(`nvrtcGet${kind}`, program, image);
      return image;
    } finally {
      this.#call('nvrtcDestroyProgram', handle);
    }
  }

  #run(program: bigint, options: readonly string[]): Promise<number> {
    const texts = options.map((option) => new TextEncoder().encode(`${option}\0`));
    const list = BigUint64Array.from(texts, (text) => this.#ffi.address(text));
    const memory = [list, ...texts];
    this.#inUse.add(memory);
    return new Promise((resolve, reject) => {
      this.#functions.nvrtcCompileProgram.async(program, texts.length, list, (error, result) => {
        this.#inUse.delete(memory);
        if (error) reject(error);
        else resolve(Number(result));
      });
    });
  }

  #architectures(): number[] {
    const count = new Int32Array(1);
    this.#call('nvrtcGetNumSupportedArchs', count);
    const list = new Int32Array(count[0]);
    this.#call('nvrtcGetSupportedArchs', list);
    return [...list];
  }

  #failure(code: number, log: string): Error {
    if (!(code in FAULTS)) return new CompileFailure(log);
    const [what, remedy] = FAULTS[code];
    return new DeviceError(`${what} (${log.split('\n', 1)[0]})`, { part: `NVRTC ${this.version}`, remedy });
  }

  #log(program: bigint): string {
    const bytes = new Uint8Array(this.#size('nvrtcGetProgramLogSize', program));
    if (bytes.length > 0) this.#call('nvrtcGetProgramLog', program, bytes);
    return new TextDecoder().decode(bytes).replace(/\0.*$/s, '');
  }

  #size(name: FunctionName, program: bigint): number {
    const size = new BigUint64Array(1);
    this.#call(name, program, size);
    return Number(size[0]);
  }

  #call(name: FunctionName, ...values: readonly ForeignValue[]): void {
    const code = Number(this.#functions[name](...values));
    if (code === 0) return;
    throw new DeviceError(`${name} failed (${this.#describe(code)})`, {
      remedy: 'Please report this with the versions that `lanewise devices` lists.',
    });
  }

  #describe(code: number): string {
    const text = this.#text(code);
    return typeof text === 'string' ? text : `error ${code}`;
  }
}
