/** Every kernel among the snapshots is translated, and compiled by nvcc where there is one. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { translate } from '../../../src/devices/cuda/translate/index.js';
import { has, snapshotSources, sourceOf } from './translate-support.js';

/** What the snapshots do not use: a kernel of its own, so that the whole prelude meets the compiler. */
const REST = sourceOf(
  'everything_else',
  `enable f16;
struct T { at: u32, v: vec2<f32> }
@group(0) @binding(0) var<storage, read> x: array<vec4<f16>>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
var<workgroup> count: atomic<u32>;
var<workgroup> big: array<vec4<f32>, 4096>;
var<workgroup> one: f32;
var<private> kept: array<T, 2>;
const TABLE = array<u32, 3>(2u, 0u, 1u);
fn bump(p: ptr<function, f32>, by: f32) { *p += by; }
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(subgroup_invocation_id) lane: u32) {
  if (id.x == 0u) { atomicStore(&count, 1u); one = 2.0; }
  workgroupBarrier();
  var sum = workgroupUniformLoad(&one) + f32(atomicAdd(&count, 2u) + atomicMax(&count, 3u) + atomicLoad(&count));
  bump(&sum, subgroupAdd(f32(lane)) + subgroupMax(sum) + subgroupShuffleXor(vec2<f32>(sum), 1u).x);
  let h = fma(x[id.x], x[0], vec4<f16>(0.5h)) * 2.0h - max(x[1], x[2]) % vec4<f16>(3.0);
  big[id.x] = vec4<f32>(exp(h)) + clamp(vec4<f32>(sum), vec4<f32>(), vec4<f32>(4.0));
  kept[1].v = vec2<f32>(f32(h.x), f32(i32(id.x) << (lane & 3u)));
  switch i32(lane) { case -1, 2: { sum += 1.0; } case 3: { sum *= 2.0; } default: { } }
  loop { sum -= 1.0; continuing { break if sum < 10.0; } }
  workgroupBarrier();
  let any_ = subgroupAny(sum > 1.0) || all(big[TABLE[id.x % 3u]] == vec4<f32>());
  y[id.x] = select(sum, kept[1].v.y, any_) + big[lane].z + atan2(sum, 2.0) + f32(countOneBits(lane) >> (lane % 5u));
}`,
);
const sources = [...snapshotSources(), REST];
const thorough = process.env.LANEWISE_THOROUGH === '1';
/** One in eight, another part for every seed. */
const SEED = Number(process.env.LANEWISE_SEED ?? '3');
const chosen = thorough ? sources : sources.filter((source, i) => i % 8 === SEED % 8 || source === REST);
const architectures = thorough ? ['sm_80', 'sm_90'] : ['sm_90'];

describe('kernels in CUDA', () => {
  it('finds the snapshots', () => {
    expect(sources.length).toBeGreaterThan(50);
  });

  it.each(sources.map((source) => [source.id, source] as const))('%s is translated', (_, source) => {
    const { cuda, entry, bindings } = translate(source);
    expect(cuda).toContain(` ${entry}(`);
    expect(bindings).toHaveLength(source.bindings.length);
  });

  describe.skipIf(!has('nvcc'))(`with nvcc${has('nvcc') ? '' : ' (SKIPPED: it is not here)'}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'lanewise-cuda-'));
    afterAll(() => rmSync(folder, { recursive: true }));
    const runs = architectures.flatMap((arch) => chosen.map((source) => [source.id, arch, source] as const));

    it.each(runs)(
      '%s compiles for %s',
      (id, arch, source) => {
        const file = join(folder, `${id}.cu`);
        writeFileSync(file, translate(source).cuda);
        const out = join(folder, 'kernel.cubin');
        const run = spawnSync('nvcc', ['-std=c++17', `-arch=${arch}`, '-cubin', '-o', out, file], {
          encoding: 'utf8',
        });
        expect(`${run.stdout}${run.stderr}`).toBe('');
        expect(run.status).toBe(0);
      },
      60_000,
    );
  });
});
