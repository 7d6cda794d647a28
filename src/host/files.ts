/** Reading files in Node: models by path, and their external data without leaving the model's folder. */
import { open, readFile, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, resolve, sep } from 'node:path';
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
  const folder = dirname(resolve(modelPath));
  return async ({ location, offset, length }) => {
    const path = resolve(folder, location);
    const root = await realpath(folder);
    const real = await realpath(path).catch((cause: unknown) => {
      throw new ExternalDataError(`the file "${location}" beside the model cannot be read (${reason(cause)})`, {
        part: 'external data',
        remedy: 'Copy the model together with its data files.',
        cause,
      });
    });
    if (isAbsolute(location) || !real.startsWith(root.endsWith(sep) ? root : root + sep)) {
      throw new ExternalDataError(`the model asks for data outside its folder ("${location}")`, {
        part: 'external data',
        remedy: 'Do not trust this model; data must lie beside it.',
      });
    }
    return readRange(real, location, offset, length);
  };
}

async function readRange(
  path: string,
  location: string,
  offset: number,
  length: number | undefined,
): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const wanted = length ?? size - offset;
    if (wanted < 0 || offset + wanted > size) {
      throw new ExternalDataError(
        `"${location}" has ${size} bytes where ${wanted} are wanted from byte ${offset}`,
        { part: 'external data', remedy: 'The data file is truncated: copy it again.' },
      );
    }
    const bytes = new Uint8Array(wanted);
    for (let done = 0; done < wanted;) {
      const { bytesRead } = await file.read(bytes, done, wanted - done, offset + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}

function reason(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
}
