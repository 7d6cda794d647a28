/** The package, found by its own name, so that the sources and the build find the same. */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';

const require = createRequire(import.meta.url);

export function packageVersion(): string {
  const manifest = require('lanewise/package.json') as { version: string };
  return manifest.version;
}

/** Its folder. */
export function packageFolder(): string {
  return dirname(require.resolve('lanewise/package.json'));
}
