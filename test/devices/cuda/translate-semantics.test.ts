/** What translated arithmetic computes, run on the CPU: WGSL's rules where they are not C++'s. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { translate } from '../../../src/devices/cuda/translate/index.js';
import { has, HOST_SHIM, sourceOf } from './translate-support.js';

/** Expressions of i32, u32 (as i32) or bool over variables, so that no compiler folds them, and their values. */
const cases: readonly (readonly [expression: string, value: number])[] = [
  ['i / zero', -7],
  ['i % zero', 0],
  ['lowest / minus', -2147483648],
  ['lowest % minus', 0],
  ['i / 2', -3],
  ['i % 2', -1],
  ['abs(lowest)', -2147483648],
  ['lowest - 1', 2147483647],
  ['65536 * (i + 32775)', -2147483648],
  ['i32(3u - five)', -2],
  ['i32(five / u32(zero))', 5],
  ['i32(five << (five + 28u))', 10],
  ['i >> 1u', -4],
  ['i << (five - 4u)', -14],
  ['i32(2.5f * f)', 6],
  ['i32(-f * 2.75)', -6],
  ['i32(f * 1e30)', 2147483647],
  ['i32(u32(-f))', 0],
  ['i32(round(f + 0.0) )', 2],
  ['i32(round(f + 1.0))', 4],
  ['i32(10.0 * fract(-f))', 5],
  ['i32(trunc(-f))', -2],
  ['i32(sign(-f))', -1],
  ['i32(10.0 * (-f % 2.0))', -5],
  ['i32(countOneBits(five))', 2],
  ['i32(reverseBits(five) >> 29u)', 5],
  ['bitcast<i32>(f)', 0x40200000],
  ['clamp(i, -3, 3)', -3],
  ['select(1, 2, i < 0)', 2],
  ['dot(vec3<i32>(1, 2, i), vec3<i32>(3, i, 1))', -18],
  ['vec4<i32>(1, 2, 3, i).wzyx.x', -7],
  ['(vec2<i32>(i, 5) / vec2<i32>(zero, 2)).x', -7],
  ['i32(all(vec2<f32>(f) > vec2<f32>(1.0, 2.0)))', 1],
  ['i32(any(vec3<u32>(five) < vec3<u32>(1u, 2u, 3u)))', 0],
  ['i32(mix(vec2<f32>(f), vec2<f32>(4.5), 0.5).y * 2.0)', 7],
  ['select(vec2<i32>(1, 2), vec2<i32>(3, 4), vec2<bool>(i < 0, false)).x', 3],
  ['i32(vec4<f32>(vec2<f32>(f), 1.0, 2.0).y * 2.0)', 5],
  ['i32(vec2<u32>(vec2<f32>(-f, f)).y)', 2],
];

describe.skipIf(!has('g++'))(
  `arithmetic, compiled by g++${has('g++') ? '' : ' (SKIPPED: it is not here)'}`,
  () => {
    it('follows WGSL', () => {
      const stores = cases.map(([expression], at) => `y[${at}] = ${expression};`).join('\n');
      const wgsl = `@group(0) @binding(0) var<storage, read> x: array<i32>;
@group(0) @binding(1) var<storage, read_write> y: array<i32>;
@compute @workgroup_size(1) fn main() {
  let i = x[0]; let zero = x[1]; let lowest = x[2]; let minus = x[3];
  let five = u32(x[4]); let f = f32(x[5]) / 2.0;
  ${stores}
}`;
      const { cuda, entry } = translate(sourceOf('k', wgsl, 1));
      const program = `${HOST_SHIM}${cuda}
int main() {
  const int x[] = {-7, 0, -2147483647 - 1, -1, 5, 5};
  static int y[${cases.length}];
  lanewise::kernel_k::${entry}(x, y);
  for (int value : y) std::printf("%d\\n", value);
}`;
      const folder = mkdtempSync(join(tmpdir(), 'lanewise-host-'));
      try {
        const [file, binary] = [join(folder, 'kernel.cpp'), join(folder, 'kernel')];
        writeFileSync(file, program);
        const compiled = spawnSync('g++', ['-std=c++17', '-w', '-O1', '-o', binary, file], {
          encoding: 'utf8',
        });
        expect(compiled.stderr).toBe('');
        const values = spawnSync(binary, { encoding: 'utf8' }).stdout.trim().split('\n').map(Number);
        expect(cases.map(([expression], at) => [expression, values[at]])).toEqual(cases);
      } finally {
        rmSync(folder, { recursive: true });
      }
    }, 60_000);
  },
);
