/** Where Lanewise keeps what it can make again: measured costs, unpacked drivers. */
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { LanewiseError } from '../errors.js';

/**
 * The folder, which need not exist: `$LANEWISE_CACHE`, else `lanewise` in the system's folder for caches
 * (`$XDG_CACHE_HOME` or `~/.cache`; `~/Library/Caches` on macOS; `%LOCALAPPDATA%` on Windows).
 * @throws LanewiseError for a user without a home
 */
export function cacheFolder(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  platform: string = process.platform,
): string {
  const own = environment['LANEWISE_CACHE'];
  if (own) return resolve(own);
  return join(systemFolder(environment, platform), 'lanewise');
}

function systemFolder(environment: Readonly<Record<string, string | undefined>>, platform: string): string {
  const name = platform === 'win32' ? 'LOCALAPPDATA' : 'XDG_CACHE_HOME';
  const named = environment[name];
  // The XDG specification has relative paths ignored.
  if (named && isAbsolute(named)) return named;
  if (platform === 'win32') return join(home(), 'AppData', 'Local');
  if (platform === 'darwin') return join(home(), 'Library', 'Caches');
  return join(home(), '.cache');
}

function home(): string {
  let folder = '';
  try {
    folder = homedir();
  } catch {
    // A user that the system has no entry for, as in containers.
  }
  // A folder for temporary files would not do: others could put drivers there.
  if (!isAbsolute(folder)) {
    throw new LanewiseError('this user has no home folder', {
      part: 'cache folder',
      remedy: 'Name a folder in the environment variable LANEWISE_CACHE.',
    });
  }
  return folder;
}
