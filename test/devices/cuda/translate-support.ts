/** Kernels for the translator's tests, and the compilers that this machine has. */
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
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

/** What CUDA has and a host compiler has not, for kernels of one invocation that use no neighbours. */
export const HOST_SHIM = `
#include <cmath>
#include <cstdio>
#include <cstring>
#define __device__
#define __global__
#define __shared__
#define __forceinline__ inline
#define __launch_bounds__(n)
struct Index { unsigned x, y, z; };
static Index threadIdx, blockIdx, blockDim, gridDim;
inline int __float2int_rz(float x) {
  return x >= 2147483648.0f ? 2147483647 : x <= -2147483648.0f ? -2147483647 - 1 : x == x ? int(x) : 0;
}
inline unsigned __float2uint_rz(float x) {
  return x >= 4294967296.0f ? 4294967295u : x > 0.0f ? unsigned(x) : 0u;
}
inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline int __clz(int x) { return x == 0 ? 32 : __builtin_clz(unsigned(x)); }
inline unsigned __brev(unsigned x) {
  unsigned r = 0;
  for (int i = 0; i < 32; i++) r |= (x >> i & 1u) << (31 - i);
  return r;
}
inline float rsqrtf(float x) { return 1.0f / std::sqrt(x); }
inline void __syncthreads() {}
inline int __all_sync(unsigned, int x) { return x; }
inline int __any_sync(unsigned, int x) { return x; }
`;
