/** Reading files in Node: models by path, and their external data without leaving the model's folder. */
import { constants } from 'node:fs';
import { open, readFile, realpath, type FileHandle } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { ExternalDataError, FormatError } from '../errors.js';
import type { ExternalDataReader } from '../onnx/index.js';

/** A file's bytes. @throws FormatError naming the path */
export async function readBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const buffer = await readFile(path);
    // Node may hand out a slice of a shared pool; typed views need an aligned start.
    return buffer.byteOffset % 8 === 0
      ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
      : new Uint8Array(buffer);
  } catch (cause) {
    throw new FormatError(`${path} cannot be read (${reason(cause)})`, { remedy: 'Check the path.', cause });
  }
}

/**
 * Reads external tensor data from files in or below the model's folder. Absolute paths, `..` and symbolic
 * links that lead outside are refused: a model file must not be able to read the rest of the disk.
 */
export function externalDataBeside(modelPath: string): ExternalDataReader {
  return async ({ location, offset, length }) =>
    readRange(await pathBeside(modelPath, location), location, offset, length);
}

/** The path of a file in or below a model's folder. @throws ExternalDataError for what is elsewhere, or not there */
export async function pathBeside(modelPath: string, location: string): Promise<string> {
  const folder = dirname(resolve(modelPath));
  const path = resolve(folder, location);
  // The text is judged before the disk is asked, so that an error never tells what exists elsewhere.
  if (isAbsolute(location) || !isBelow(folder, path)) throw outside(location);
  const [root, real] = await Promise.all([realpath(folder), realpath(path)]).catch((cause: unknown) => {
    throw unreadable(location, cause);
  });
  if (!isBelow(root, real)) throw outside(location);
  return real;
}

function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

async function readRange(
  path: string,
  location: string,
  offset: number,
  length: number | undefined,
): Promise<Uint8Array> {
  // Without O_NONBLOCK, opening a named pipe would wait for a writer for ever.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((cause: unknown) => {
    throw unreadable(location, cause);
  });
  try {
    const info = await file.stat();
    if (!info.isFile()) throw unreadable(location, 'it is not a plain file');
    const wanted = length ?? info.size - offset;
    if (wanted < 0 || offset + wanted > info.size) throw truncated(location, info.size, offset, wanted);
    return await readExactly(file, location, offset, wanted);
  } finally {
    await file.close();
  }
}

async function readExactly(
  file: FileHandle,
  location: string,
  offset: number,
  wanted: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(wanted);
  for (let done = 0; done < wanted;) {
    const { bytesRead } = await file
      .read(bytes, done, wanted - done, offset + done)
      .catch((cause: unknown) => {
        throw unreadable(location, cause);
      });
    // The file shrank while it was being read.
    if (bytesRead === 0) throw truncated(location, offset + done, offset, wanted);
    done += bytesRead;
  }
  return bytes;
}

function outside(location: string): ExternalDataError {
  return new ExternalDataError(`the model asks for data outside its folder ("${location}")`, {
    part: 'external data',
    remedy: 'Do not trust this model; data must lie beside it.',
  });
}

function unreadable(location: string, cause: unknown): ExternalDataError {
  return new ExternalDataError(`the file "${location}" beside the model cannot be read (${reason(cause)})`, {
    part: 'external data',
    remedy: 'Copy the model together with its data files.',
    cause,
  });
}

function truncated(location: string, size: number, offset: number, wanted: number): ExternalDataError {
  return new ExternalDataError(
    `"${location}" has ${size} bytes where ${wanted} are wanted from byte ${offset}`,
    { part: 'external data', remedy: 'The data file is truncated: copy it again.' },
  );
}

function reason(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
}
