/** What the documents say is so: code type-checks and runs, commands print what is shown, excerpts and links are real. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { importers } from '../src/onnx/ops/index.js';
import { lanewise } from './support/cli.js';

const ROOT = resolve(import.meta.dirname, '..');
const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'docs/library.md',
  'docs/cli.md',
  'docs/architecture.md',
  'docs/kernels.md',
  'docs/adding-an-op.md',
  'docs/operators.md',
];

/** A fenced block. */
interface Block {
  readonly name: string;
  readonly language: string;
  /** What follows the language: `run`, `excerpt=FILE`. */
  readonly mark: string;
  readonly text: string;
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

function blocksOf(document: string): Block[] {
  const text = read(document);
  return Array.from(
    text.matchAll(/^( *)```(\w+) ?(.*)\n([\s\S]*?)^ *```$/gm),
    ([, indent, language, mark, body], i) => ({
      name: `${document}, block ${i + 1}`,
      language,
      mark,
      text: body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  );
}

/** Lines without what differs from run to run: times, and the columns that they widen. */
function steady(text: string): string[] {
  const lines = text.trimEnd().split('\n');
  return lines.map((line) => line.replaceAll(/ +/g, ' ').replaceAll(/[\d.]+ ms\b/g, 'T ms'));
}

/** Code without its indentation: an excerpt may stand at another depth. */
function plain(code: string): string {
  return code.trimEnd().replaceAll(/^ +/gm, '');
}

const blocks = DOCUMENTS.flatMap(blocksOf);
const programs = blocks.filter(({ language, mark }) => language === 'ts' && !mark.startsWith('excerpt='));

/** Beside the packages, so that programs find the types of Node. */
async function workFolder(): Promise<string> {
  const cache = join(ROOT, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'lanewise-docs-'));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

describe('programs in the documents', async () => {
  const folder = await workFolder();

  test('are there', () => {
    expect(programs.length).toBeGreaterThan(8);
    expect(programs.filter(({ mark }) => mark === 'run').length).toBeGreaterThan(2);
  });

  test('type-check', async () => {
    const files = programs.map((_, i) => `program-${i}.ts`);
    for (const [i, { text }] of programs.entries()) await writeFile(join(folder, files[i]), text);
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    const tsconfig = {
      extends: join(ROOT, 'tsconfig.json'),
      compilerOptions: {
        rootDir: ROOT,
        noUnusedLocals: false,
        moduleDetection: 'force',
        paths: { lanewise: [join(ROOT, 'src/node.ts')] },
      },
      include: [],
      files,
    };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig));
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const result = await promisify(execFile)(process.execPath, [tsc, '-p', folder]).catch(
      (error: unknown) => error as { stdout: string },
    );
    // What is wrong in the sources themselves is for `npm run typecheck` to say.
    const lines = result.stdout.split('\n').filter((line) => !/^(?:\S*\/)?src\/|^ /.test(line));
    const said = programs.reduce(
      (text, { name }, i) => text.replaceAll(`program-${i}.ts`, name),
      lines.join('\n').trim(),
    );
    expect(said).toBe('');
  });

  test.each(programs.filter(({ mark }) => mark === 'run'))('run: $name', async ({ name, text }) => {
    const entry = pathToFileURL(join(ROOT, 'src/node.ts')).pathname;
    const file = join(folder, `run-${name.replaceAll(/\W/g, '-')}.ts`);
    await writeFile(file, text.replaceAll(`'lanewise'`, `'${entry}'`));
    const log = vi.spyOn(console, 'log').mockReturnValue();
    try {
      await import(/* @vite-ignore */ file);
      expect(log).toHaveBeenCalled();
    } finally {
      log.mockRestore();
    }
  });
});

describe('commands in the documents', () => {
  const sessions = blocks.filter(({ language, mark }) => language === 'console' && mark === 'run');

  test('are there', () => {
    expect(sessions.length).toBeGreaterThan(2);
  });

  test.each(sessions)('print what is shown: $name', async ({ text }) => {
    const [command, ...shown] = text.trimEnd().split('\n');
    const [prompt, npx, program, ...args] = command.split(' ');
    expect([prompt, npx, program]).toEqual(['$', 'npx', 'lanewise']);
    const { code, stdout } = await lanewise(...args);
    expect(steady(stdout)).toEqual(steady(shown.join('\n')));
    expect(code).toBe(0);
  });
});

describe('excerpts', () => {
  const excerpts = blocks.filter(({ mark }) => mark.startsWith('excerpt='));

  test('are there', () => {
    expect(excerpts.length).toBeGreaterThan(4);
  });

  test.each(excerpts)('are as in the sources: $name, $mark', ({ mark, text }) => {
    const source = read(mark.slice('excerpt='.length));
    expect(plain(source)).toContain(plain(text));
  });
});

/** All documents of the repository, but for results. */
function everyDocument(folder = ''): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return /^(?:node_modules|dist|coverage|\..*)$/.test(entry.name) ? [] : everyDocument(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

/** What links call a document's headings. */
function anchorsOf(document: string): Set<string> {
  const headings =
    read(document)
      .replaceAll(/^```[\s\S]*?^```$/gm, '')
      .match(/^#+ .*$/gm) ?? [];
  return new Set(
    headings.map((heading) =>
      heading
        .replace(/^#+ /, '')
        .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\- ]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

describe('links', () => {
  const all = everyDocument();

  test('are looked for in every document', () => {
    for (const document of [...DOCUMENTS, 'docs/planning.md', 'src/plan/README.md'])
      expect(all).toContain(document);
  });

  test.each(all)('of %s lead to files, and to headings', (document) => {
    const targets = Array.from(read(document).matchAll(/\]\(([^)]+)\)/g), ([, target]) => target);
    const missing = targets
      .filter((target) => !/^https?:/.test(target))
      .filter((target) => {
        const [file, anchor] = target.split('#');
        const path = file === '' ? document : join(dirname(document), file);
        if (!existsSync(join(ROOT, path))) return true;
        return anchor !== undefined && path.endsWith('.md') && !anchorsOf(path).has(anchor);
      });
    expect(missing).toEqual([]);
  });
});

test('docs/operators.md lists the operators that have importers', () => {
  const listed = Array.from(read('docs/operators.md').matchAll(/^- \[(\w+)\]/gm), ([, name]) => name);
  expect(listed, 'run: npm run build && node scripts/list-operators.js > docs/operators.md').toEqual(
    [...importers.keys()].sort(),
  );
  expect(read('docs/operators.md')).toContain(`The ${importers.size} operators`);
});
