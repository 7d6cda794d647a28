/**
 * A fake NVIDIA driver and compiler (fake/), built with g++: kernels run on the CPU, so that everything but the hardware is
 * real, the calls through koffi too.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { CudaDevice } from '../../../src/devices/cuda/index.js';
import { openCuda } from '../../../src/host/cuda.js';
import { loadKoffi } from '../../../src/host/koffi.js';
import type { SearchOptions } from '../../../src/host/cuda-libraries.js';
import { has } from './translate-support.js';

const SOURCES = resolve(import.meta.dirname, 'fake');

/** Whether the fakes can be built here, and at the end of a suite's title why not. */
export const FAKES = process.platform === 'linux' && process.arch === 'x64' && has('g++');
export const WITH_FAKES = FAKES ? '' : ' (SKIPPED: it takes g++ on x86-64 Linux)';

let built: string | undefined;

/** What NVRTC loads by its bare name; of another version than any that is there in `LONELY_NVRTC`. */
const BUILTINS = 'libnvrtc-builtins.so.13.0';
/** In the folder of the fakes: an NVRTC whose other part is missing. */
export const LONELY_NVRTC = 'lonely/libnvrtc.so.13';

/** The folder of the fakes, built once per version of their texts. */
export function fakeFolder(): string {
  if (built !== undefined) return built;
  const names = ['driver.cpp', 'nvrtc.cpp', 'builtins.cpp', 'shim.h'];
  const texts = names.map((name) => readFileSync(join(SOURCES, name)));
  const hash = texts.reduce((sum, text) => sum.update(text), createHash('sha256')).digest('hex');
  const folder = resolve('node_modules/.cache/lanewise', `fake-cuda-${hash.slice(0, 16)}`);
  if (!existsSync(folder)) {
    mkdirSync(resolve(folder, '..'), { recursive: true });
    const fresh = mkdtempSync(`${folder}-`);
    mkdirSync(join(fresh, 'lonely'));
    build('driver.cpp', join(fresh, 'libcuda.so.1'));
    build('builtins.cpp', join(fresh, BUILTINS), `-Wl,-soname,${BUILTINS}`);
    build('nvrtc.cpp', join(fresh, 'libnvrtc.so.13'), `-DFAKE_BUILTINS="${BUILTINS}"`);
    build('nvrtc.cpp', join(fresh, LONELY_NVRTC), '-DFAKE_BUILTINS="libnvrtc-builtins.so.0.0"');
    try {
      renameSync(fresh, folder);
    } catch {
      // Another process was faster.
      rmSync(fresh, { recursive: true });
    }
  }
  return (built = folder);
}

function build(source: string, target: string, ...options: readonly string[]): void {
  const shim = `-DFAKE_SHIM="${join(SOURCES, 'shim.h')}"`;
  const args = [
    '-std=c++17',
    '-O1',
    '-shared',
    '-fPIC',
    shim,
    ...options,
    '-o',
    target,
    join(SOURCES, source),
  ];
  const { status, stderr } = spawnSync('g++', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

/** Only the fakes are to be found. */
export function fakeSearch(environment: Readonly<Record<string, string>> = {}): SearchOptions {
  return {
    environment: { LANEWISE_CUDA_LIBS: fakeFolder(), HOME: '/nowhere', ...environment },
    root: '/nowhere',
  };
}

export function openFake(ordinal = 0): Promise<CudaDevice> {
  return openCuda(ordinal, fakeSearch());
}

export interface FakeControls {
  /** Every call of the driver fails with this code from now on; 0 heals. */
  breakNow(code: number): void;
  /** The work that is queued ends with this code. */
  breakNext(code: number): void;
  /** The work that is queued on one device ends with this code, and its context with it. */
  fault(device: number, code: number): void;
  /** Whether there is no memory left for the code of kernels. */
  starve(on: number): void;
  /** What was created and not destroyed. */
  live(): number;
  /** What devices opened from now on have as the first number of their compute capability: 8 at first. */
  major(number: number): void;
  /** Launches so far that may begin while the kernel before them ends. */
  dependentLaunches(): number;
  /** Kernels compiled so far, in this process. */
  compilations(): number;
}

// Before anybody else loads a library with it.
const koffi = await loadKoffi('tests');
let controls: FakeControls | undefined;

export function fakeControls(): FakeControls {
  if (controls) return controls;
  const driver = koffi.load(join(fakeFolder(), 'libcuda.so.1'));
  const nvrtc = koffi.load(join(fakeFolder(), 'libnvrtc.so.13'));
  return (controls = {
    breakNow: driver.func('fake_cuda_break', 'void', ['int']),
    starve: driver.func('fake_cuda_starve', 'void', ['int']),
    fault: driver.func('fake_cuda_fault', 'void', ['int', 'int']),
    breakNext: driver.func('fake_cuda_break_next', 'void', ['int']),
    live: driver.func('fake_cuda_live', 'int', []),
    major: driver.func('fake_cuda_major', 'void', ['int']),
    dependentLaunches: driver.func('fake_cuda_dependent_launches', 'int', []),
    compilations: nvrtc.func('fake_nvrtc_compilations', 'int', []),
  });
}

/** A folder for caches of one suite, in place of the user's. */
export function cacheForTests(): { readonly folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'lanewise-cuda-cache-'));
  const before = process.env.LANEWISE_CACHE;
  process.env.LANEWISE_CACHE = folder;
  return {
    folder,
    remove: () => {
      if (before === undefined) delete process.env.LANEWISE_CACHE;
      else process.env.LANEWISE_CACHE = before;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
