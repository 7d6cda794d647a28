/** Where the cache lies, by environment and system. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { cacheFolder } from '../../src/host/cache-folder.js';

describe('cacheFolder', () => {
  const home = homedir();

  it.each<[string, Record<string, string>, string]>([
    ['linux', {}, join(home, '.cache/lanewise')],
    ['linux', { XDG_CACHE_HOME: '/xdg' }, '/xdg/lanewise'],
    ['linux', { XDG_CACHE_HOME: '/xdg', LANEWISE_CACHE: '/own' }, '/own'],
    ['linux', { LANEWISE_CACHE: 'own' }, resolve('own')],
    ['linux', { XDG_CACHE_HOME: 'relative', LANEWISE_CACHE: '' }, join(home, '.cache/lanewise')],
    ['darwin', {}, join(home, 'Library/Caches/lanewise')],
    ['win32', { LOCALAPPDATA: '/appdata', XDG_CACHE_HOME: '/xdg' }, '/appdata/lanewise'],
    ['win32', {}, join(home, 'AppData/Local/lanewise')],
  ])('on %s with %j is %s', (platform, environment, folder) => {
    expect(cacheFolder(environment, platform)).toBe(folder);
  });

  it('says what to do for a user without a home', () => {
    vi.stubEnv('HOME', '');
    try {
      expect(() => cacheFolder({}, 'linux')).toThrow(
        'cache folder: this user has no home folder. Name a folder in the environment variable LANEWISE_CACHE.',
      );
    } finally {
      vi.unstubAllEnvs();
    }
  });
});
