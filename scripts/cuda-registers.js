/**
 * What nvcc makes of kernels translated to CUDA: registers, spills, stack and shared memory, and how many warps of a
 * multiprocessor's 64 that leaves. No GPU is needed. Build first.
 *
 *     npm run build && node scripts/cuda-registers.js [--only CASE] [--kernel ID] [--dtype f32|f16|bf16]
 *       [--arch sm_90] [--top 1] [--keep FOLDER]
 *
 * Kernels are those of the cases in bench/cases.js whose names contain CASE and whose ids contain ID: of each variant (an
 * id up to its tile or patch) the first `--top` that the candidates name. `--keep` leaves text, PTX and the assembler's
 * report of every kernel in a folder.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { candidatesFor } from '../dist/candidates/index.js';
import { gpuTypeOf, isCandidate } from '../dist/candidates/candidate.js';
import { translate } from '../dist/devices/cuda/translate/index.js';
import { transformKernel } from '../dist/kernels/transform/index.js';
import { layoutOf } from '../dist/tensor/index.js';
import { cases } from '../bench/cases.js';
import { choice, commandLine, count, text } from '../bench/command-line.js';

const args = commandLine({
  only: text(''),
  kernel: text(''),
  dtype: choice('f32', 'f16', 'bf16'),
  arch: text('sm_90'),
  top: count(1),
  keep: text(),
});
if (spawnSync('nvcc', ['--version']).status !== 0) {
  throw new Error('nvcc is not on PATH: it comes with the CUDA toolkit');
}
const storage = args.dtype === 'f32' ? 'f32' : 'f16';
const half = args.dtype === 'bf16' ? 'bf16' : 'f16';
const context = {
  limits: {
    maxBufferBytes: 2 ** 40,
    maxBindingBytes: 2 ** 31 - 4,
    maxBindings: 10,
    maxWorkgroupBytes: 48 * 1024,
    maxInvocations: 1024,
    maxWorkgroupSize: [1024, 1024, 64],
    maxGrid: 65535,
    offsetAlignment: 256,
    subgroupSize: [32, 32],
  },
  features: new Set(storage === 'f16' ? ['f16', 'subgroups', 'subgroup-matrix'] : ['subgroups']),
  storage,
};

const viewOf = (type, layout) => layout && { dims: type.dims, layout, type: gpuTypeOf(type.dtype, storage) };

/** The kernels of a case: a transform's, or those of an op's candidates. */
function sourcesOf({ transform, dims, op, inputs: shapes }) {
  if (transform) {
    const [from, to] = transform.map((kind) => ({
      dims,
      layout: layoutOf(kind, dims.length),
      type: storage,
    }));
    return [transformKernel(from, to, context.limits)];
  }
  const inputs = shapes.map((shape) => ({ dtype: 'f32', dims: shape }));
  const types = { inputs, outputs: op.infer(inputs) };
  return candidatesFor(op, types, context)
    .filter(isCandidate)
    .filter(({ baseline }) => !baseline)
    .flatMap((candidate) =>
      candidate
        .build({
          inputs: inputs.map((type, i) => viewOf(type, candidate.inputs[i])),
          outputs: types.outputs.map((type, i) => viewOf(type, candidate.outputs[i])),
        })
        .map(({ source }) => source),
    );
}

/** An id without its sizes, and what stands behind them. */
function variantOf(id) {
  const [, variant, rest] = /^(.*?)(?:_(?:t\d|patch|tile|\d)[^_]*)?((?:_split\d+)?_(?:f32|f16).*)?$/.exec(id);
  return `${variant} ${rest ?? ''}`;
}

function chosen() {
  const counts = new Map();
  const texts = new Set();
  return cases
    .filter(({ name }) => name.includes(args.only))
    .flatMap((testCase) => sourcesOf(testCase).map((source) => ({ name: testCase.name, source })))
    .filter(({ source: { id, wgsl } }) => id.includes(args.kernel) && wgsl !== undefined && !texts.has(wgsl))
    .filter(({ name, source: { id, wgsl } }) => {
      const key = `${name} ${variantOf(id)}`;
      const known = counts.get(key) ?? 0;
      if (known >= args.top) return false;
      counts.set(key, known + 1);
      texts.add(wgsl);
      return true;
    });
}

function run(command, list) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, list);
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data));
    child.on('error', reject);
    child.on('close', (status) => (status === 0 ? resolve(said) : reject(new Error(said))));
  });
}

/** Warps that a multiprocessor of compute capability 9.0 holds, of 64: registers go by 256 a warp. */
function residentWarps(threads, registers, shared) {
  const warps = Math.ceil(threads / 32);
  const perWarp = Math.ceil((registers * 32) / 256) * 256;
  const blocks = Math.min(
    Math.floor(64 / warps),
    Math.floor(Math.floor(65536 / perWarp) / warps),
    Math.floor(233472 / (shared + 1024)),
    32,
  );
  return blocks * warps;
}

async function reportOf({ name, source }, folder) {
  const { cuda, entry, dynamicBytes, workgroup } = translate(source, { half });
  const base = join(folder, `${name}_${source.id}`.replaceAll(/[^\w.-]+/g, '_'));
  writeFileSync(`${base}.cu`, cuda);
  const options = ['-std=c++17', '-O3', `-arch=${args.arch}`];
  const said = await run('nvcc', [
    ...options,
    '-cubin',
    '-Xptxas',
    '-v',
    '-o',
    `${base}.cubin`,
    `${base}.cu`,
  ]);
  if (args.keep) {
    writeFileSync(`${base}.txt`, said);
    await run('nvcc', [...options, '-ptx', '-o', `${base}.ptx`, `${base}.cu`]);
  }
  const figure = (pattern) => Number(pattern.exec(said)?.[1] ?? 0);
  const threads = workgroup[0] * workgroup[1] * workgroup[2];
  const registers = figure(/Used (\d+) registers/);
  const shared = figure(/(\d+) bytes smem/) + dynamicBytes;
  const stack = figure(/(\d+) bytes stack frame/);
  const spills = figure(/(\d+) bytes spill stores/);
  if (!said.includes(entry)) throw new Error(`nvcc reports nothing of ${entry}: ${said}`);
  const warps = residentWarps(threads, registers, shared);
  return { id: source.id, case: name, threads, registers, spills, stack, shared, warps };
}

const folder = args.keep ?? mkdtempSync(join(tmpdir(), 'lanewise-registers-'));
mkdirSync(folder, { recursive: true });
const waiting = chosen();
console.error(`${waiting.length} kernels for ${args.arch}`);
const line = (...cells) =>
  console.log(cells.map((cell, i) => (i < 6 ? `${cell}`.padStart(11) : `  ${cell}`)).join(''));
line('threads', 'registers', 'spilled B', 'stack B', 'shared B', 'warps', 'kernel, case');
async function worker() {
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const r = await reportOf(next, folder);
    line(r.threads, r.registers, r.spills, r.stack, r.shared, r.warps, `${r.id}, ${r.case}`);
  }
}
try {
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
} finally {
  if (!args.keep) rmSync(folder, { recursive: true });
}
