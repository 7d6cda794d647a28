/**
 * Makes the profiles in files that `lanewise tune --export` wrote part of the package: a module for each in
 * src/tune/profile/shipped/, and the list of all in its index.ts. A profile of the same name is replaced.
 *
 *     npm run build && node scripts/ship-profiles.js costs.json [...]
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { parseCostFile } from '../dist/tune/store/cost-file.js';

const FOLDER = resolve(import.meta.dirname, '../src/tune/profile/shipped');
const options = { ...(await resolveConfig(FOLDER)), parser: 'typescript' };
const write = async (file, text) => writeFileSync(join(FOLDER, file), await format(text, options));

/** `nvidia-h200-webgpu` as `nvidiaH200Webgpu`. */
const constantOf = (name) => name.replaceAll(/[^A-Za-z0-9]+(.)/g, (_, letter) => letter.toUpperCase());

/** More digits than were measured only make lines long. */
const rounded = (_key, value) =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;

for (const path of process.argv.slice(2)) {
  const { devices } = parseCostFile(readFileSync(path, 'utf8'), path);
  for (const { profile } of devices) {
    if (!profile) continue;
    const text = `/** ${profile.device.name || profile.name}, measured on ${profile.measured} by \`lanewise tune\`. */
/* oxlint-disable oxc/approx-constant -- a measured number may be close to a constant of mathematics */
import type { DeviceProfile } from '../profile.js';

export const ${constantOf(profile.name)}: DeviceProfile = ${JSON.stringify(profile, rounded)};
`;
    await write(`${profile.name}.ts`, text);
    console.log(profile.name);
  }
}

const names = readdirSync(FOLDER)
  .filter((file) => file !== 'index.ts')
  .map((file) => file.replace(/\.ts$/, ''))
  .sort();
const imports = names.map((name) => `import { ${constantOf(name)} } from './${name}.js';\n`).join('');
await write(
  'index.ts',
  `/** Profiles that ship: measured with \`lanewise tune\`, one file per device; made by scripts/ship-profiles.js. */
import type { DeviceProfile } from '../profile.js';
${imports}
export const SHIPPED_PROFILES: readonly DeviceProfile[] = [${names.map(constantOf).join(', ')}];
`,
);
