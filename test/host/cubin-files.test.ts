/** Compiled kernels on disk. */
import {
  chmodSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CubinFiles } from '../../src/host/cubin-files.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lanewise-cubins-'));
});

afterEach(() => {
  chmodSync(folder, 0o755);
  rmSync(folder, { recursive: true });
});

const files = (): string[] => readdirSync(join(folder, 'cubins-v1')).sort();

describe('cubins on disk', () => {
  it('are as they were put, in another process too', async () => {
    const image = Uint8Array.from({ length: 1000 }, (_, i) => i);
    const store = new CubinFiles({ folder });
    expect(await store.get('a')).toBeUndefined();
    await Promise.all([store.put('a', image), store.put('a', image), store.put('b', new Uint8Array(0))]);
    expect(files()).toEqual(['a.cubin', 'b.cubin']);
    expect(await new CubinFiles({ folder }).get('a')).toEqual(image);
    expect(await store.get('b')).toEqual(new Uint8Array(0));
  });

  it('are made once, whoever asks meanwhile, and not kept where making fails', async () => {
    const store = new CubinFiles({ folder });
    let made = 0;
    const make = (): Promise<Uint8Array<ArrayBuffer>> => Promise.resolve(Uint8Array.of(++made));
    const images = await Promise.all(Array.from({ length: 5 }, () => store.obtain('a', make)));
    expect(images).toEqual(Array.from({ length: 5 }, () => Uint8Array.of(1)));
    expect(await new CubinFiles({ folder }).obtain('a', make)).toEqual(Uint8Array.of(1));
    await expect(store.obtain('b', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await store.obtain('b', make)).toEqual(Uint8Array.of(2));
    expect(files()).toEqual(['a.cubin', 'b.cubin']);
  });

  it('are forgotten where a byte is changed or the end is cut off', async () => {
    const image = Uint8Array.from({ length: 50 }, (_, i) => 3 * i);
    const store = new CubinFiles({ folder });
    await fc.assert(
      fc.asyncProperty(
        fc.nat(81),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (at, change, cut) => {
          await store.put('a', image);
          const path = join(folder, 'cubins-v1', 'a.cubin');
          const bytes = readFileSync(path);
          bytes[at] ^= change;
          writeFileSync(path, cut ? bytes.subarray(0, at) : bytes);
          expect(await store.get('a')).toBeUndefined();
          expect(files()).toEqual([]);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('are no error where the folder cannot be made', async () => {
    writeFileSync(join(folder, 'file'), '');
    const store = new CubinFiles({ folder: join(folder, 'file') });
    await store.put('a', new Uint8Array(4));
    expect(await store.get('a')).toBeUndefined();
  });

  it('go when there are too many, the longest unused first', async () => {
    const image = new Uint8Array(968);
    const store = new CubinFiles({ folder, maxBytes: 4000 });
    for (const [i, name] of ['a', 'b', 'c', 'd', 'e'].entries()) {
      await store.put(name, image);
      utimesSync(join(folder, 'cubins-v1', `${name}.cubin`), i, i);
    }
    // Reading is a use.
    expect(await store.get('a')).toEqual(image);
    await new CubinFiles({ folder, maxBytes: 4000 }).put('f', image);
    expect(files()).toEqual(['a.cubin', 'e.cubin', 'f.cubin']);
  });
});
