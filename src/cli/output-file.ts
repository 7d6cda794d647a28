/** Files that commands write where a flag says. */
import { writeFile } from 'node:fs/promises';
import { LanewiseError } from '../errors.js';

/** @throws LanewiseError for a file that cannot be written, naming the flag */
export async function writeText(path: string, text: string, flag: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (cause) {
    throw new LanewiseError(`${path} cannot be written (${(cause as Error).message})`, {
      remedy: `Choose another file for ${flag}.`,
      cause,
    });
  }
}
