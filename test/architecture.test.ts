/** The house's one rule of traffic: imports only point down the list of folders in docs/architecture.md. */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const SRC = resolve(import.meta.dirname, '../src');

/** Top to bottom. */
const FOLDERS = [
  'cli',
  'node.ts',
  'index.ts',
  'host',
  'report',
  'study',
  'networks',
  'session',
  'plan',
  'tune',
  'candidates',
  'kernels',
  'devices',
  'onnx',
  'graph',
  'ops',
  'tensor',
  'errors.ts',
];

const files = readdirSync(SRC, { recursive: true })
  .map(String)
  .filter((path) => path.endsWith('.ts'));

function importsOf(path: string): string[] {
  const text = readFileSync(join(SRC, path), 'utf8');
  const found = text.matchAll(/^(?:import|export)\b[^'"]*?from '(\.[^']+)';/gm);
  return Array.from(found, ([, from]) => relative(SRC, resolve(SRC, dirname(path), from)));
}

const room = (path: string): string => path.split('/')[0].replace(/\.js$/, '.ts');

describe('architecture', () => {
  it('knows every folder of src', () => {
    const rooms = new Set(files.map(room));
    expect([...rooms].filter((name) => !FOLDERS.includes(name))).toEqual([]);
  });

  it('lets imports only point down', () => {
    const wrong = files.flatMap((path) =>
      importsOf(path)
        .filter((target) => FOLDERS.indexOf(room(target)) < FOLDERS.indexOf(room(path)))
        .map((target) => `${path} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('keeps files under about 400 lines', () => {
    const long = files.filter((path) => readFileSync(join(SRC, path), 'utf8').split('\n').length > 420);
    expect(long).toEqual([]);
  });

  it('is what docs/architecture.md lists', () => {
    const text = readFileSync(resolve(SRC, '../docs/architecture.md'), 'utf8');
    const listed = Array.from(text.matchAll(/^\| `([^`]+?)\/?`\s+\|/gm), ([, name]) => name);
    const present = new Set(files.map(room));
    expect(listed).toEqual(FOLDERS.filter((name) => present.has(name)));
  });
});
