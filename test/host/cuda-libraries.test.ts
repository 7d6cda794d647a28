/** Where NVIDIA's libraries are looked for: file trees like those of toolkits, wheels and containers. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  findCudaLibraries,
  nvrtcParts,
  type CudaSearch,
  type SearchOptions,
} from '../../src/host/cuda-libraries.js';
import { openCuda, reportCuda } from '../../src/host/cuda.js';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lanewise-libs-'));
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

function touch(...paths: readonly string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), '');
  }
}

function find(environment: Record<string, string> = {}, rest: Partial<SearchOptions> = {}): CudaSearch {
  return findCudaLibraries({
    root,
    platform: 'linux',
    environment: { HOME: join(root, 'home/me'), ...environment },
    ...rest,
  });
}

/** Paths below the root, by library. */
function paths({ places }: CudaSearch): Record<string, string | undefined> {
  return Object.fromEntries(Array.from(places, ([name, { path }]) => [name, path?.slice(root.length + 1)]));
}

const NONE = { driver: undefined, nvrtc: undefined, cudnn: undefined, cublaslt: undefined };

describe.skipIf(process.platform === 'win32')('CUDA libraries', () => {
  it('are missing by name, with how to get them', () => {
    const search = find();
    expect(paths(search)).toEqual(NONE);
    expect(search.includes).toEqual([]);
    expect(search.places.get('nvrtc')?.remedy).toMatch(/pip install nvidia-cuda-nvrtc/);
    expect(search.places.get('cudnn')?.remedy).toMatch(/pip install nvidia-cudnn-cu13/);
    expect(search.places.get('cublaslt')?.remedy).toMatch(/pip install nvidia-cublas/);
  });

  it('are found in the system and in the newest toolkit, whose headers go with them', () => {
    touch(
      'usr/lib/x86_64-linux-gnu/libcuda.so.1',
      'usr/local/cuda-12.4/lib64/libnvrtc.so.12',
      'usr/local/cuda-13.0/targets/x86_64-linux/lib/libnvrtc.so.13',
      'usr/local/cuda-13.0/targets/x86_64-linux/lib/libnvrtc-builtins.so.13.0',
      'usr/local/cuda-13.0/targets/x86_64-linux/lib/libcublasLt.so.13',
      'usr/local/cuda-13.0/include/cuda_fp16.h',
    );
    const search = find();
    expect(paths(search)).toEqual({
      ...NONE,
      driver: 'usr/lib/x86_64-linux-gnu/libcuda.so.1',
      nvrtc: 'usr/local/cuda-13.0/targets/x86_64-linux/lib/libnvrtc.so.13',
      cublaslt: 'usr/local/cuda-13.0/targets/x86_64-linux/lib/libcublasLt.so.13',
    });
    expect(search.includes).toEqual([join(root, 'usr/local/cuda-13.0/include')]);
  });

  it('bring the parts of NVRTC that lie beside it, through a link too', () => {
    const [real, linked] = ['opt/cuda/lib', 'opt/links'];
    touch(
      `${real}/libnvrtc.so.13`,
      `${real}/libnvrtc-builtins.so.13.0`,
      `${real}/libnvrtc-builtins.alt.so.13.0`,
    );
    mkdirSync(join(root, linked));
    symlinkSync(join(root, real, 'libnvrtc.so.13'), join(root, linked, 'libnvrtc.so.13'));
    const parts = [join(root, real, 'libnvrtc-builtins.so.13.0')];
    for (const folder of [real, linked]) {
      expect(nvrtcParts(join(root, folder, 'libnvrtc.so.13'))).toEqual(parts);
    }
    expect(nvrtcParts('libnvrtc.so.13')).toEqual([]);
    touch('cuda/bin/nvrtc-builtins64_130.dll', 'cuda/bin/nvrtc64_130_0.dll');
    const dll = join(root, 'cuda/bin/nvrtc-builtins64_130.dll');
    expect(nvrtcParts(join(root, 'cuda/bin/nvrtc64_130_0.dll'))).toEqual([dll]);
  });

  it('are passed over where the driver is too old for them', () => {
    touch('usr/local/cuda-13.0/lib64/libnvrtc.so.13', 'usr/local/cuda-12.4/lib64/libnvrtc.so.12');
    expect(paths(find({}, { maxMajor: 12 })).nvrtc).toBe('usr/local/cuda-12.4/lib64/libnvrtc.so.12');
    expect(paths(find({}, { maxMajor: 11 })).nvrtc).toBeUndefined();
  });

  it('are found in Python’s packages: of the environment, of python3 on the path, of the user', () => {
    touch('opt/venv/lib/python3.12/site-packages/nvidia/cu13/lib/libnvrtc.so.13');
    touch(
      'opt/python/bin/python3.11',
      'opt/python/lib/python3.11/site-packages/nvidia/cudnn/lib/libcudnn.so.9',
    );
    touch('home/me/.local/lib/python3.12/site-packages/nvidia/cublas/lib/libcublasLt.so.12');
    mkdirSync(join(root, 'bin'));
    symlinkSync(join(root, 'opt/python/bin/python3.11'), join(root, 'bin/python3'));
    expect(paths(find({ VIRTUAL_ENV: join(root, 'opt/venv'), PATH: join(root, 'bin') }))).toEqual({
      ...NONE,
      nvrtc: 'opt/venv/lib/python3.12/site-packages/nvidia/cu13/lib/libnvrtc.so.13',
      cudnn: 'opt/python/lib/python3.11/site-packages/nvidia/cudnn/lib/libcudnn.so.9',
      cublaslt: 'home/me/.local/lib/python3.12/site-packages/nvidia/cublas/lib/libcublasLt.so.12',
    });
  });

  it('are taken first from where LANEWISE_CUDA_LIBS says: folders and files', () => {
    touch(
      'usr/lib/x86_64-linux-gnu/libcuda.so.1',
      'a/libcuda.so.1',
      'b/libnvrtc.so.12',
      'usr/lib64/libnvrtc.so.13',
    );
    expect(
      paths(find({ LANEWISE_CUDA_LIBS: `${join(root, 'a')}:${join(root, 'b/libnvrtc.so.12')}` })),
    ).toEqual({
      ...NONE,
      driver: 'a/libcuda.so.1',
      nvrtc: 'b/libnvrtc.so.12',
    });
  });

  it('are named by Windows there', () => {
    touch('cuda/bin/nvrtc64_130_0.dll', 'cuda/bin/nvrtc64_120_0.dll', 'cuda/bin/cublasLt64_13.dll');
    const search = find({ CUDA_PATH: join(root, 'cuda') }, { platform: 'win32' });
    expect(search.places.get('driver')?.path).toBe('nvcuda.dll');
    expect(paths(search)).toMatchObject({
      nvrtc: 'cuda/bin/nvrtc64_130_0.dll',
      cublaslt: 'cuda/bin/cublasLt64_13.dll',
    });
  });

  it('that do not load are an error with their path, and those that are not there with the remedy', async () => {
    const options = { root, environment: { HOME: root } };
    await expect(openCuda(0, options)).rejects.toThrow(
      /^device "cuda": the NVIDIA driver \(libcuda\) was not found\. Install the NVIDIA driver/,
    );
    touch('usr/lib64/libcuda.so.1');
    await expect(openCuda(0, options)).rejects.toThrow(
      /libcuda\.so\.1: the NVIDIA driver's library does not load \(/,
    );
    const report = await reportCuda(options);
    expect(report.devices).toEqual([]);
    expect(report.problems).toEqual([
      expect.stringMatching(/usr\/lib64\/libcuda\.so\.1: the NVIDIA driver's library/),
    ]);
  });
});
