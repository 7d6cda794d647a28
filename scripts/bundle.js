/** Programs of the test folder as one file each: they are TypeScript, and run on machines that have no development packages. */
import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Where a program's bundle goes: to the file behind `--bundle`, else to a cache.
 * @param name the bundle's name
 */
export function bundleTarget(name) {
  const at = process.argv.indexOf('--bundle');
  return {
    target: resolve(
      at > 0 ? process.argv[at + 1] : resolve(root, `node_modules/.cache/lanewise/${name}.mjs`),
    ),
    only: at > 0,
  };
}

/**
 * Bundles a program; npm packages stay outside.
 * @param entry below the package's root
 * @param target the file that is written
 */
export async function bundle(entry, target) {
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    build: {
      ssr: resolve(root, entry),
      outDir: dirname(target),
      emptyOutDir: false,
      minify: false,
      rolldownOptions: { output: { entryFileNames: basename(target), codeSplitting: false } },
    },
  });
}
