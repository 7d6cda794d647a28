/**
 * Checks every kernel on this machine's GPU against the operators' references, in f32 and f16 storage.
 *
 *     npm run check:gpu [-- FAMILY] [--device webgpu|cuda] [--ordinal N] [--jobs 1]
 *     node scripts/check-gpu.js --bundle FILE.mjs     only writes the checks as one file, to be run elsewhere with node,
 *                                                     each of N processes with --share K/N
 *
 * Most of the time goes into compiling, which a driver does on one core: with `--jobs` so many processes share the cases.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { dirname, basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const bundleAt = process.argv.indexOf('--bundle');
const target =
  bundleAt > 0
    ? resolve(process.argv[bundleAt + 1])
    : resolve(root, 'node_modules/.cache/lanewise/check-gpu.mjs');

await build({
  root,
  configFile: false,
  logLevel: 'warn',
  build: {
    ssr: resolve(root, 'test/kernels/on-hardware.ts'),
    outDir: dirname(target),
    emptyOutDir: false,
    minify: false,
    rolldownOptions: { output: { entryFileNames: basename(target), codeSplitting: false } },
  },
});
/** One process with its share of the cases. @returns its exit status, and what it counted */
async function check(share, jobs, given) {
  const child = spawn(process.execPath, [target, ...given, '--share', `${share}/${jobs}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    printed += text;
    process.stdout.write(text);
  });
  const [status] = await once(child, 'close');
  const [, passed = '0', failed = '0'] = /^(\d+) passed, (\d+) failed$/m.exec(printed) ?? [];
  return { status: status ?? 1, passed: Number(passed), failed: Number(failed) };
}

if (bundleAt < 0) {
  const { values, tokens } = parseArgs({
    strict: false,
    tokens: true,
    options: { jobs: { type: 'string', default: '1' } },
  });
  const jobs = Number(values.jobs);
  if (!Number.isInteger(jobs) || jobs < 1)
    throw new Error(`--jobs is "${values.jobs}": give a whole number from 1 on.`);
  const given = process.argv.slice(2);
  const at = tokens.find(({ kind, name }) => kind === 'option' && name === 'jobs');
  if (at) given.splice(at.index, at.inlineValue ? 1 : 2);
  const results = await Promise.all(Array.from({ length: jobs }, (_, share) => check(share, jobs, given)));
  const sum = (of) => results.reduce((total, one) => total + one[of], 0);
  if (jobs > 1) console.log(`${sum('passed')} passed, ${sum('failed')} failed in ${jobs} processes`);
  process.exitCode = Math.max(...results.map(({ status }) => status));
}
