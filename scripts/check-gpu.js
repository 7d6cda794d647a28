/**
 * Checks every kernel on this machine's GPU against the operators' references, in f32 and f16 storage.
 *
 *     npm run check:gpu [-- FAMILY] [--device webgpu|cuda] [--ordinal N]
 *     node scripts/check-gpu.js --bundle FILE.mjs     only writes the checks as one file, to be run elsewhere with node
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { dirname, basename, resolve } from 'node:path';
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
if (bundleAt < 0) {
  const { status } = spawnSync(process.execPath, [target, ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
}
