import { expect, test } from 'vitest';
import { LanewiseError, MissingPackageError } from '../../src/errors.js';
import { importOptional } from '../../src/host/optional.js';

test('a package that is not there is named with the way to get it', async () => {
  // By a variable, since TypeScript knows that there is no such module.
  const name: string = 'lanewise-has-no-such-package';
  const failure = importOptional(name, 'reading images', () => import(/* @vite-ignore */ name));
  await expect(failure).rejects.toThrow(MissingPackageError);
  await expect(failure).rejects.toThrow(`npm install ${name}`);
});

test('a package that is there and broken is not called missing', async () => {
  const failure = importOptional('sharp', 'reading images', () =>
    Promise.reject(new Error('Could not load the "sharp" module\nmore')),
  );
  await expect(failure).rejects.not.toThrow(MissingPackageError);
  await expect(failure).rejects.toThrow(LanewiseError);
  await expect(failure).rejects.toThrow('does not load (Could not load the "sharp" module)');
});

test('a package that is there is handed over', async () => {
  const path = await importOptional('node:path', 'nothing', () => import('node:path'));
  expect(path.basename('a/b')).toBe('b');
});
