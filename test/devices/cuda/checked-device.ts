/**
 * A device that runs translated kernels on the CPU and checks every access (checked.h): storage is exactly as large as what
 * is bound, workgroup memory, arrays and vectors as their types say, and no workgroup finds anything in its memory. What
 * reaches outside, or does not end, makes `submit` reject with the kernel, the variable and the index.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CandidateContext } from '../../../src/candidates/candidate.js';
import { prelude } from '../../../src/devices/cuda/translate/prelude.js';
import { translate } from '../../../src/devices/cuda/translate/index.js';
import { DeviceBuffer, sizeFor } from '../../../src/devices/gpu-memory.js';
import {
  wgslOf,
  type GpuBuffer,
  type GpuDevice,
  type GpuDispatch,
  type GpuKernel,
  type GpuLimits,
  type GpuRecording,
  type GpuSlice,
  type KernelFeature,
  type KernelSource,
} from '../../../src/devices/gpu.js';
import { DYNAMIC, DYNAMIC_ON_HOST } from './translate-support.js';

const HEADER = join(import.meta.dirname, 'checked.h');

/** Kernels in a program: more take g++ less time each, fewer keep all cores busy. */
const UNIT = 40;

/** After this long a kernel is taken to run for ever; the slowest case takes a few seconds. */
const MOST_MS = 120_000;

/** @throws Error where the text has it another number of times */
function replaced(text: string, from: string, to: string, times: number): string {
  const parts = text.split(from);
  if (parts.length !== times + 1) throw new Error(`the prelude has ${parts.length - 1} times ${from}`);
  return parts.join(to);
}

/** The prelude's text with every access checked. */
function checkedPrelude(): string {
  let text = prelude({ half: 'f16', matrices: true });
  for (const n of [2, 3, 4]) {
    text = text.replace(
      new RegExp(`(struct alignas\\(.*\\) Vec<T, ${n}> \\{[^}]*\\(u32 i\\) \\{) (.*\\n.*\\{) (return .*)`),
      `$1 LANEWISE_HOST::check_component(i, ${n}); $2 LANEWISE_HOST::check_component(i, ${n}); $3`,
    );
  }
  if (text.split('check_component(').length !== 7) throw new Error('the prelude has other vectors');
  text = replaced(
    text,
    '{ return data[i]; }',
    '{ LANEWISE_HOST::check_array(this, i, N); return data[i]; }',
    2,
  );
  // Places that are reckoned from an element's address.
  text = replaced(
    text,
    'from + line * stride + vector',
    'LANEWISE_HOST::checked_line(from, line * stride + vector)',
    2,
  );
  text = replaced(
    text,
    'unsigned short bits;\n  memcpy(',
    'LANEWISE_HOST::check_span(from, 2ull * i, 2);\n  unsigned short bits;\n  memcpy(',
    1,
  );
  return replaced(
    text,
    'if (ROW_MAJOR && sizeof(T) >= 8u) {',
    `for (u32 j = 0u; j < 2u; j++)
      LANEWISE_HOST::check_span(to, 4ull * (ROW_MAJOR ? row * pitch + col + j : (col + j) * pitch + row), 4);
    if (ROW_MAJOR && sizeof(T) >= 8u) {`,
    1,
  );
}

/** A kernel's text as part of a program, and its line in the program's table. */
function checkedKernel(
  source: KernelSource,
  place: number,
): { readonly text: string; readonly line: string } {
  const { id, cuda, entry, bindings, lengths, grid, workgroup } = translate(source);
  const space = entry.replace('lanewise_', '');
  const body = cuda
    .slice(cuda.indexOf('namespace lanewise {\nnamespace kernel_'))
    .replaceAll(space, `${space}_${place}`)
    .replaceAll(/(?:const )?\w+(?:<[^<>]*(?:<[^<>]*>)?[^<>]*>)?\* __restrict__ /g, (type) => {
      return `fake::Checked<${type.slice(0, type.lastIndexOf('*'))}> `;
    })
    .replaceAll(DYNAMIC, DYNAMIC_ON_HOST)
    .replaceAll(
      /^ {2}(?:__shared__ .*? (\w+);|.*?& (\w+) = \*reinterpret_cast<.*\(memory \+ \d+\);)$/gm,
      (line, a, b) => {
        const name = String(a ?? b);
        return `${line} static fake::Shared shared_${name}("${name}", ${name});`;
      },
    );
  if (body.includes('__restrict__')) throw new Error(`${id}: a binding is not checked`);
  const args = [
    ...bindings.map((_, i) => `fake::bound[${i}]`),
    ...lengths.map((i) => `fake::bound[${i}].bytes`),
  ];
  const call = `lanewise::${space}_${place}::${entry}_${place}(${args.join(', ')})`;
  const names = bindings.map(({ name }) => `"${name}"`).join(', ');
  return {
    text: `${body}static void enter_${place}() { ${call}; }\n`,
    line: `  {"${id}", enter_${place}, ${bindings.length}, {${names}}, {${grid.join()}}, {${workgroup.join()}}},\n`,
  };
}

class HostBuffer extends DeviceBuffer {
  readonly data: Uint8Array<ArrayBuffer>;

  constructor(bytes: number, label: string) {
    super(bytes, label);
    this.data = new Uint8Array(bytes);
  }

  protected free(): void {
    // Memory of the host's.
  }
}

/** What is bound: whole words. */
function boundBytes({ buffer, offset, bytes }: GpuSlice): Uint8Array<ArrayBuffer> {
  if (!(buffer instanceof HostBuffer)) throw new TypeError('the buffer is of another device');
  return buffer.data.subarray(offset, offset + sizeFor(bytes));
}

/** A kernel in a program of many. */
interface Compiled {
  readonly program: string;
  readonly place: number;
}

/** The device. Only what the kernel harness uses is there. */
export class CheckedDevice implements GpuDevice {
  readonly kind = 'cuda';
  readonly description = 'translated kernels on a CPU, every access checked';
  readonly identity = {
    kind: 'cuda',
    vendor: '',
    architecture: '',
    name: 'checked',
    driver: '',
    runtime: 'g++',
  } as const;
  readonly software = true;
  readonly limits: GpuLimits;
  readonly features: ReadonlySet<KernelFeature>;
  readonly lost = false;
  readonly allocatedBytes = 0;
  /** Launches so far. */
  launches = 0;
  readonly #folder = mkdtempSync(join(tmpdir(), 'lanewise-checked-'));
  readonly #compiled = new Map<string, Compiled>();
  #programs = 0;

  constructor({ limits, features }: Pick<CandidateContext, 'limits' | 'features'>) {
    this.limits = limits;
    this.features = features;
    const header = join(this.#folder, 'prelude.h');
    writeFileSync(header, `#include "${HEADER}"\n${checkedPrelude()}`);
    const { status, stderr } = spawnSync('g++', [...OPTIONS, '-x', 'c++-header', header], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
  }

  /** Kernels compiled so far. */
  get kernels(): number {
    return this.#compiled.size;
  }

  allocate(bytes: number, label: string): Promise<GpuBuffer> {
    return Promise.resolve(new HostBuffer(sizeFor(bytes), label));
  }

  write(buffer: GpuBuffer, offset: number, data: ArrayBufferView): void {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    if (!(buffer instanceof HostBuffer)) throw new TypeError('the buffer is of another device');
    buffer.data.set(bytes, offset);
  }

  /** Many at once take a fraction of the time that they take one by one. */
  async compile(sources: readonly KernelSource[]): Promise<GpuKernel[]> {
    const fresh = new Map(
      sources.filter((source) => !this.#compiled.has(keyOf(source))).map((source) => [keyOf(source), source]),
    );
    const list = [...fresh.values()];
    const units = Array.from({ length: Math.ceil(list.length / UNIT) }, (_, i) =>
      list.slice(i * UNIT, (i + 1) * UNIT),
    );
    await inParallel(units, async (unit) => {
      const program = join(this.#folder, `program${this.#programs++}`);
      const kernels = unit.map(checkedKernel);
      const table = `static const fake::Kernel KERNELS[] = {\n${kernels.map(({ line }) => line).join('')}};`;
      const main = `${table}\nint main() { return fake::run_one(KERNELS); }\n`;
      const text = kernels.map((kernel) => kernel.text).join('\n');
      writeFileSync(`${program}.cpp`, `#include "prelude.h"\n${text}\n${main}`);
      const { code, stderr } = await ran('g++', [...OPTIONS, '-o', program, `${program}.cpp`], []);
      if (code !== 0) throw new Error(stderr);
      for (const [place, source] of unit.entries()) this.#compiled.set(keyOf(source), { program, place });
    });
    return sources.map((source) => ({ source }));
  }

  record(dispatches: readonly GpuDispatch[], readbacks: readonly GpuSlice[] = []): Promise<GpuRecording> {
    return Promise.resolve({ dispatches, readbacks });
  }

  release(): void {
    // Nothing was allocated.
  }

  /** @throws Error with the kernel, the variable and the index of an access outside, or the kernel that does not end */
  async submit({ dispatches, readbacks }: GpuRecording): Promise<Uint8Array<ArrayBuffer>[]> {
    for (const { kernel, slices } of dispatches) await this.#run(kernel.source, slices.map(boundBytes));
    return readbacks.map((slice) => boundBytes(slice).slice());
  }

  async #run(source: KernelSource, bound: readonly Uint8Array<ArrayBuffer>[]): Promise<void> {
    const found = this.#compiled.get(keyOf(source));
    if (!found) throw new Error(`kernel ${source.id} is not compiled`);
    this.launches++;
    // What is bound twice is one piece of memory.
    const first = bound.map((bytes) => bound.findIndex((other) => isSame(bytes, other)));
    const pieces = [...new Set(first)].map((i) => bound[i]);
    const input = [
      words(found.place, pieces.length),
      ...pieces.flatMap((bytes) => [words(bytes.length), bytes]),
      words(...first.map((i) => pieces.indexOf(bound[i]))),
    ];
    const { code, stdout, stderr } = await ran(found.program, [], input);
    if (code !== 0) throw new Error(stderr || `kernel ${source.id} ended with ${code}`);
    let at = 0;
    for (const bytes of pieces) {
      bytes.set(stdout.subarray(at, at + bytes.length));
      at += bytes.length;
    }
  }

  time(): Promise<number[]> {
    return Promise.reject(new Error('there is nothing to time'));
  }

  destroy(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const OPTIONS = ['-std=c++17', '-w', '-O0', '-ffp-contract=off'];

/** Equal texts may be launched in different grids. */
function keyOf(source: KernelSource): string {
  return [source.id, source.grid, source.workgroup, wgslOf(source)].join('\n');
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.buffer === b.buffer && a.byteOffset === b.byteOffset && a.length === b.length;
}

function words(...list: readonly number[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new Uint32Array(list).buffer);
}

/** Runs something for each of a list, as many at a time as there are cores. */
export async function inParallel<T>(list: readonly T[], each: (one: T) => Promise<void>): Promise<void> {
  const waiting = [...list];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await each(next);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

interface Ending {
  readonly code: number | string;
  readonly stdout: Buffer;
  readonly stderr: string;
}

function ran(program: string, options: readonly string[], input: readonly Uint8Array[]): Promise<Ending> {
  return new Promise((done, failed) => {
    const child = spawn(program, options, { timeout: MOST_MS });
    const out: Buffer[] = [];
    let stderr = '';
    child.stdout.on('data', (data: Buffer) => out.push(data));
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
    child.on('error', failed);
    // A program that ended early does not read on.
    child.stdin.on('error', () => undefined);
    child.on('close', (code, signal) => {
      const late = signal === 'SIGTERM' ? `it did not end within ${MOST_MS / 1000} s` : signal;
      done({ code: code ?? late ?? 'nothing', stdout: Buffer.concat(out), stderr });
    });
    child.stdin.end(Buffer.concat(input));
  });
}
