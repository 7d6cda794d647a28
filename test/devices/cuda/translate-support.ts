/** Kernels for the translator's tests, and the compilers that this machine has. */
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { CudaSource } from '../../../src/devices/cuda/translate/index.js';
import type { HalfType } from '../../../src/devices/cuda/translate/prelude-halves.js';
import { BFLOAT16, decodeTable, encodeFloat, FLOAT16 } from '../../../src/tensor/floats.js';
import type { KernelSource } from '../../../src/devices/gpu.js';

/** A source around a text, with the bindings that the text declares. */
export function sourceOf(id: string, wgsl: string, workgroup = 64): KernelSource {
  const bindings = Array.from(
    wgsl.matchAll(/var<storage, (read(?:_write)?)> (\w+)/g),
    ([, access, name]) => ({
      name,
      access: access as 'read' | 'read_write',
    }),
  );
  return {
    id,
    wgsl,
    bindings,
    workgroup: [workgroup, 1, 1],
    grid: [1, 1, 1],
    features: [],
    workgroupBytes: 0,
    flops: 0,
    bytes: 0,
  };
}

/** Every kernel text among the snapshots. */
export function snapshotSources(): KernelSource[] {
  const folder = resolve(import.meta.dirname, '../../kernels/__snapshots__');
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((path) => path.endsWith('.wgsl'))
    .sort()
    .map((path) => {
      const wgsl = readFileSync(join(folder, path), 'utf8');
      return sourceOf(basename(path, '.wgsl'), wgsl, 256);
    });
}

/** Whether a program can be run. */
export function has(program: string): boolean {
  return spawnSync(program, ['--version']).status === 0;
}

const SHIM = join(import.meta.dirname, 'fake/shim.h');
const FEATURES = join(import.meta.dirname, 'translate-host.h');

/** Where dynamic shared memory is declared, and what a host has instead: as much as an H200 gives a block. */
export const DYNAMIC = 'extern __shared__ __align__(16) unsigned char memory[];';
export const DYNAMIC_ON_HOST = 'static __align__(16) unsigned char memory[232448];';

/** A translated kernel as a program for the CPU: its threads are fibers, so that barriers and shuffles work. */
export class HostKernel {
  readonly #binary: string;

  /** @throws Error with what g++ says */
  constructor(kernel: CudaSource, folder: string) {
    const { id, cuda, entry, bindings, grid, workgroup } = kernel;
    const program = `#include "${SHIM}"
#include "${FEATURES}"
#include <stdio.h>
${cuda.replaceAll(DYNAMIC, DYNAMIC_ON_HOST)}
int main() {
  uint64_t values[12] = {};
  unsigned sizes[12] = {};
  for (int i = 0; i < ${bindings.length}; i++) {
    if (fread(sizes + i, 4, 1, stdin) != 1) return 1;
    void* memory = aligned_alloc(256, sizes[i] / 256 * 256 + 256);
    if (fread(memory, 1, sizes[i], stdin) != sizes[i]) return 2;
    values[i] = (uint64_t)memory;
  }
  const unsigned grid[] = {${grid.join()}}, size[] = {${workgroup.join()}};
  fake_launch((void*)lanewise::${entry.replace('lanewise_', '')}::${entry}, values, grid, size);
  for (int i = 0; i < ${bindings.length}; i++) fwrite((void*)values[i], 1, sizes[i], stdout);
}`;
    const file = join(folder, `${id}.cpp`);
    this.#binary = join(folder, id);
    writeFileSync(file, program);
    const options = ['-std=c++17', '-w', '-O1', '-ffp-contract=off', '-o', this.#binary, file];
    const { stderr, status } = spawnSync('g++', options, { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  }

  /** Runs it on the bindings' bytes, and returns what they are afterwards. */
  run(buffers: readonly ArrayBufferView[]): Uint8Array<ArrayBuffer>[] {
    const given = buffers.map((view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
    const input = Buffer.concat(
      given.flatMap((bytes) => [new Uint32Array([bytes.length]), bytes]).map(bytesOf),
    );
    const { stdout, status, signal } = spawnSync(this.#binary, { input, maxBuffer: 2 ** 28 });
    if (status !== 0) throw new Error(`the kernel ended with ${status ?? signal}`);
    let at = 0;
    return given.map(({ length }) => {
      at += length;
      return new Uint8Array(stdout.subarray(at - length, at));
    });
  }
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

const FORMATS = { f16: FLOAT16, bf16: BFLOAT16 };

/** Numbers as halves. */
export function encodeElements(list: readonly number[], half: HalfType): Uint16Array<ArrayBuffer> {
  return Uint16Array.from(list, (x) => encodeFloat(FORMATS[half], x, false));
}

/** The numbers that halves are. */
export function decodeElements(view: ArrayBufferView, half: HalfType): number[] {
  const table = decodeTable(FORMATS[half]);
  return Array.from(
    new Uint16Array(view.buffer, view.byteOffset, view.byteLength / 2),
    (code) => table[code],
  );
}
