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
import { parseArgs } from 'node:util';
import { bundle, bundleTarget } from './bundle.js';

const { target, only } = bundleTarget('check-gpu');
await bundle('test/kernels/on-hardware.ts', target);

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

if (!only) {
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
