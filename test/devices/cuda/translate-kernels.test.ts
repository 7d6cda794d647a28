/**
 * Kernels of every family in CUDA: snapshots, and what nvcc says of them where there is one.
 *
 * Per family: the text of one kernel, without the prelude (`__snapshots__/FAMILY.cu`), and an index with a fingerprint of
 * the text of one kernel of every body (`index.txt`). `npx vitest run test/devices/cuda/translate-kernels.test.ts -u`
 * accepts changes. With LANEWISE_THOROUGH=1 every kernel of every case is translated and compiled: half an hour.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { prelude } from '../../../src/devices/cuda/translate/prelude.js';
import { translate, type CudaSource } from '../../../src/devices/cuda/translate/index.js';
import type { KernelSource } from '../../../src/devices/gpu.js';
import { CONTEXTS, families, kernelsOfFamily, samplesOf } from './translate-samples.js';
import { has, sourceOf } from './translate-support.js';

/** What no kernel uses: a kernel of its own, so that the whole prelude meets the compiler. */
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
  kept[1].v = vec2<f32>(f32(subgroupMax(h).x), f32(i32(id.x) << (lane & 3u)));
  switch i32(lane) { case -1, 2: { sum += 1.0; } case 3: { sum *= 2.0; } default: { } }
  loop { sum -= 1.0; continuing { break if sum < 10.0; } }
  workgroupBarrier();
  let any_ = subgroupAny(sum > 1.0) || all(big[TABLE[id.x % 3u]] == vec4<f32>());
  y[id.x] = select(sum, kept[1].v.y, any_) + big[lane].z + atan2(sum, 2.0) + f32(countOneBits(lane) >> (lane % 5u));
}`,
);

const HAS_NVCC = has('nvcc') && has('ptxas');
const thorough = process.env.LANEWISE_THOROUGH === '1';
const FOLDER = resolve(import.meta.dirname, '__snapshots__');
const names = [...families.keys()];
const WHOLE = { half: 'f16', matrices: true } as const;
const PRELUDE = prelude(WHOLE);

/** A kernel in both languages. */
interface Kernel {
  readonly source: KernelSource;
  readonly translated: CudaSource;
}

/** A kernel's text behind the prelude. */
function kernelText({ cuda }: CudaSource): string {
  return cuda.slice(cuda.indexOf('namespace lanewise {\nnamespace kernel_'));
}

/**
 * Kernels in halves that have between them all functions and types that any of them has: what bf16 changes is these.
 */
function coveringHalves(kernels: readonly Kernel[]): Kernel[] {
  const seen = new Set<string>();
  return kernels.filter(({ translated }) => {
    if (!translated.cuda.includes('LANEWISE_HALVES')) return false;
    const text = kernelText(translated);
    const calls = Array.from(text.matchAll(/\b(\w+)(<[^<>;(]*>)?(?=\()/g), ([call, name]) => ({ call, name }))
      .filter(({ name }) => PRELUDE.includes(` ${name}(`))
      .map(({ call }) => call);
    const called = [...calls, ...(text.match(/\b\w+<[^<>]*f16[^<>]*>/g) ?? [])];
    const fresh = called.filter((name) => !seen.has(name));
    for (const name of fresh) seen.add(name);
    return fresh.length > 0;
  });
}

describe('kernels in CUDA', () => {
  const samples = new Map(
    names.map((family) => [
      family,
      samplesOf(family).map((source): Kernel => ({ source, translated: translate(source) })),
    ]),
  );
  const all = new Map(
    Array.from(samples, ([family, kernels]) => [family, kernels.map(({ translated }) => translated)]),
  );

  it('are of every family', () => {
    expect([...all].filter(([, sources]) => sources.length === 0)).toEqual([]);
    expect([...all.values()].flat().length).toBeGreaterThan(100);
    expect([...all.values()].flat().some(({ cuda }) => cuda.includes('mma.sync'))).toBe(true);
  });

  it('have an index', async () => {
    const lines = [...all].flatMap(([family, sources]) =>
      sources.map((source) => {
        const hash = createHash('sha256').update(kernelText(source)).digest('hex');
        return `${family} ${source.id} ${hash.slice(0, 12)}\n`;
      }),
    );
    await expect(lines.sort().join('')).toMatchFileSnapshot(join(FOLDER, 'index.txt'));
  });

  it('have a prelude', async () => {
    await expect(prelude(WHOLE)).toMatchFileSnapshot(join(FOLDER, 'prelude.cu'));
  });

  it.each([...all])('%s', async (family, sources) => {
    await expect(kernelText(sources[0])).toMatchFileSnapshot(join(FOLDER, `${family}.cu`));
  });

  describe.skipIf(!HAS_NVCC)(`with nvcc${HAS_NVCC ? '' : ' (SKIPPED: it is not here)'}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'lanewise-cuda-'));
    afterAll(() => rmSync(folder, { recursive: true }));

    it('compile for sm_80 and sm_90', async () => {
      const sources = [...all.values()].flat().concat(translate(REST));
      expect(await compiled(sources, ['sm_80', 'sm_90'], folder)).toBe('');
    }, 600_000);

    it('compile in bf16', async () => {
      const halves = coveringHalves([...samples.values()].flat());
      expect(halves.length).toBeGreaterThan(5);
      const sources = halves.map(({ source }) => translate(source, { half: 'bf16' }));
      expect(await compiled(sources, ['sm_80'], folder)).toBe('');
    }, 600_000);
  });
});

describe.each(thorough ? names : [])('every kernel of every case of %s in CUDA', (family) => {
  const sources = CONTEXTS.flatMap((context) => kernelsOfFamily(family, context)).map((one) =>
    translate(one),
  );
  const folder = mkdtempSync(join(tmpdir(), 'lanewise-cuda-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is translated', () => {
    expect(sources).not.toHaveLength(0);
  });

  it.skipIf(!HAS_NVCC)(
    'compiles for sm_90',
    async () => {
      expect(await compiled(sources, ['sm_90'], folder)).toBe('');
    },
    3_600_000,
  );
});

/** Kernels of one compilation unit, whose prelude is read once. */
const UNIT = 12;

/**
 * Compiles kernels, many to a unit and a unit per core at a time. No text asks for what it is compiled, but for one call
 * (dependent-launch.ts).
 * @returns what nvcc said, and kernels that touch memory before they have waited: nothing where all is well
 */
async function compiled(
  sources: readonly CudaSource[],
  architectures: readonly string[],
  folder: string,
): Promise<string> {
  // Kernels of one id may differ between cases.
  const texts = sources.map(({ cuda, entry }, i) => {
    const name = entry.replace('lanewise_', '');
    return cuda.replaceAll(name, `${name}_${i}`);
  });
  const count = Math.ceil(texts.length / UNIT);
  const units = Array.from({ length: count }, (_, unit) => texts.filter((__, i) => i % count === unit));
  const said: string[] = [];
  const waiting = [...units.entries()];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [number, unit] = next;
      for (const architecture of architectures) {
        const file = join(folder, `${architecture}_${number}.cu`);
        writeFileSync(file, unit.join('\n'));
        said.push(await nvcc(file, architecture));
      }
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return said.join('');
}

/** Compiles to PTX and assembles that. */
async function nvcc(file: string, architecture: string): Promise<string> {
  const ptx = `${file}.ptx`;
  const virtual = architecture.replace('sm', 'compute');
  const said = await ran('nvcc', ['-std=c++17', '-arch', virtual, '-ptx', '-o', ptx, file]);
  if (said !== '') return said;
  const assembled = await ran('ptxas', ['-arch', architecture, '-o', `${file}.cubin`, ptx]);
  return architecture === 'sm_90' ? assembled + hasty(readFileSync(ptx, 'utf8')) : assembled;
}

/** The kernels whose first access to memory is not behind their wait, a line each. */
function hasty(ptx: string): string {
  return ptx
    .split(/\.entry /)
    .slice(1)
    .filter((text) => {
      const wait = text.indexOf('griddepcontrol.wait');
      const access = text.search(/\b(?:ld|st|atom|red|cp\.async|wmma\.load|ldu)\S*\.(?:global|shared)/);
      return wait < 0 || (access >= 0 && access < wait);
    })
    .map((text) => `${text.slice(0, text.indexOf('('))} does not wait first\n`)
    .join('');
}

function ran(program: string, options: readonly string[]): Promise<string> {
  return new Promise((done, failed) => {
    const child = spawn(program, options);
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (said += data));
    child.on('error', failed);
    child.on('close', (status) => {
      done(status === 0 ? said : `${options.at(-1)}: ${program} ended with ${status}\n${said}`);
    });
  });
}
