/**
 * Checks the package as users get it: packs it, installs the tarball into an empty project, and there
 * - resolves and type-checks the exports from plain TypeScript, for Node and for bundlers;
 * - runs the shipped model through the library and the command;
 * - makes sure that no native module came along and that the page's entry imports nothing of Node.
 *
 *     npm run build && node scripts/check-package.js
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const root = resolve(dirname(new URL(import.meta.url).pathname), '..');
const work = mkdtempSync(join(tmpdir(), 'lanewise-package-'));
const run = (command, args, cwd = work) =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
const failures = [];
const check = (what, ok) => {
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${what}`);
  if (!ok) failures.push(what);
};

try {
  const packed = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', work], root));
  // npm 11 prints a list, npm 12 an object by name.
  const { filename, size, files } = Array.isArray(packed) ? packed[0] : Object.values(packed)[0];
  check(`packed ${files.length} files, ${(size / 1024).toFixed(0)} KiB`, size < 3 * 2 ** 20);
  check(
    'the inspector page is in the tarball',
    files.some(({ path }) => path === 'dist/app/index.html'),
  );
  check(
    'no tests or sources in the tarball',
    !files.some(({ path }) => /^(test|src|bench|scripts)\//.test(path)),
  );

  const { messages } = await publint({ pkgDir: root, pack: 'npm' });
  const pkg = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const message of messages) console.log(`     publint: ${formatMessage(message, pkg)}`);
  check('publint finds no errors', !messages.some(({ type }) => type === 'error'));

  writeFileSync(
    join(work, 'package.json'),
    JSON.stringify({ name: 'consumer', private: true, type: 'module' }),
  );
  run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', join(work, filename)]);
  const installed = readdirSync(join(work, 'node_modules'), { recursive: true }).map(String);
  check('installing it pulls no native module', !installed.some((path) => path.endsWith('.node')));
  const optional = ['webgpu', 'koffi', 'sharp'];
  check(`${optional.join(', ')} are not pulled in`, !installed.some((path) => optional.includes(path)));

  checkTypes();
  checkPageEntry();
  checkRuns();
} finally {
  rmSync(work, { recursive: true, force: true });
}
if (failures.length > 0) {
  console.error(`${failures.length} checks failed`);
  process.exitCode = 1;
}

/** A plain TypeScript program against the public types, as a Node project and as a bundled page. */
function checkTypes() {
  writeFileSync(
    join(work, 'consumer.ts'),
    `import { loadModel, createSession, Tensor, LanewiseError, type Session } from 'lanewise';
const model = await loadModel(new Uint8Array());
const session: Session = await createSession(model, { device: 'cpu', dims: { N: 1 } });
const image = new Tensor('f32', [1, 1, 28, 28], new Float32Array(784));
const outputs = await session.run({ image });
const first: Tensor | undefined = outputs['probabilities'];
if (first?.is('f32')) { const data: Float32Array = first.data; console.log(data.length, LanewiseError.name); }
await session.dispose();
// @ts-expect-error an f32 tensor does not take integers' storage
new Tensor('f32', [1], new Int32Array(1));
`,
  );
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  for (const resolution of [
    ['--module', 'nodenext'],
    ['--module', 'esnext', '--moduleResolution', 'bundler'],
  ]) {
    const flags = [
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      'false',
      '--target',
      'es2022',
      '--lib',
      'es2022,dom',
      '--types',
      '',
    ];
    let ok = true;
    try {
      run(process.execPath, [tsc, ...flags, ...resolution, 'consumer.ts']);
    } catch (error) {
      ok = false;
      console.log(error.stdout);
    }
    check(`types resolve and fit (${resolution.join(' ')})`, ok);
  }
}

/** Follows the imports of the default entry: a page must be able to load every one. */
function checkPageEntry() {
  const home = join(work, 'node_modules', 'lanewise');
  const seen = new Set();
  const queue = [join(home, 'dist', 'index.js')];
  const foreign = new Set();
  for (let file = queue.pop(); file; file = queue.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const text = readFileSync(file, 'utf8');
    for (const [, from] of text.matchAll(/(?:\bfrom\s+|\bimport\s+|\bimport\s*\(\s*)['"]([^'"]+)['"]/g)) {
      if (from.startsWith('.')) queue.push(resolve(dirname(file), from));
      else foreign.add(from);
    }
  }
  const allowed = ['onnx-buf', '@bufbuild/protobuf', '@noble/hashes'];
  const unexpected = [...foreign].filter(
    (name) => !allowed.some((own) => name === own || name.startsWith(`${own}/`)),
  );
  check(`the page's entry (${seen.size} files) imports only ${allowed.join(', ')}`, unexpected.length === 0);
  for (const name of unexpected) console.log(`     it imports ${name}`);
}

/** The library and the command, run from the installed package. */
function checkRuns() {
  writeFileSync(
    join(work, 'run.js'),
    `import { loadModel, createSession, Tensor } from 'lanewise';
const session = await createSession(await loadModel('node_modules/lanewise/models/digits/model.onnx'), { device: 'cpu' });
const { probabilities } = await session.run({ image: new Tensor('f32', [1, 1, 28, 28]) });
console.log(probabilities.dims.join('x'));
await session.dispose();
`,
  );
  check('the library runs', run(process.execPath, ['run.js']).trim() === '1x10');
  const command = join(work, 'node_modules', '.bin', 'lanewise');
  check('the command runs', run(command, ['--version']).includes('0.1.0'));
  const info = JSON.parse(run(command, ['info', 'node_modules/lanewise/models/digits/model.onnx', '--json']));
  check('the command describes the model', info.command === 'info');
}
