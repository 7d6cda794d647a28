/** Models out of files, with weights that lie in other files: read in pieces, beside the page. */
import {
  ExternalDataError,
  externalFiles,
  loadModel,
  network,
  type ExternalDataReader,
  type Model,
  type Progress,
} from 'lanewise';
import type { Source } from './protocol.js';

/** Read at a time: enough for a disk, and told often enough for who waits. */
const PIECE_BYTES = 8 * 2 ** 20;

/** A file beside a model by its path; undefined where it is not there. */
type FindFile = (path: string) => Promise<Blob | undefined> | Blob | undefined;

/** @throws errors of the model; ExternalDataError naming all files that are missing */
export async function readModel(source: Source, told: (progress: Progress) => void): Promise<Model> {
  if (source.kind === 'network') return network(source.name);
  const { name } = source;
  const isLinked = source.kind === 'link';
  const file = isLinked ? await fetchedFile(source.url) : source.model;
  if (!file) throw new Error(`${name} is not beside this page: start \`lanewise inspect\` again.`);
  const bytes = await bytesOf(file, `reading ${name}`, told);
  told({ what: `parsing ${name}`, done: 0, total: 1 });
  const find = isLinked ? besideLink(source.url) : amongDropped(source.data);
  return loadModel(bytes, { readExternalData: externalReader(bytes, find) });
}

/** The bytes of a file, a piece at a time. */
async function bytesOf(file: Blob, what: string, told: (progress: Progress) => void): Promise<Uint8Array> {
  const bytes = new Uint8Array(file.size);
  for (let done = 0; done < file.size; done += PIECE_BYTES) {
    told({ what, done, total: file.size });
    bytes.set(new Uint8Array(await file.slice(done, done + PIECE_BYTES).arrayBuffer()), done);
  }
  return bytes;
}

/** A file of this page's server. */
async function fetchedFile(url: string): Promise<Blob | undefined> {
  const response = await fetch(url);
  return response.ok ? response.blob() : undefined;
}

/** What `lanewise inspect` serves of a model's folder. */
function besideLink(url: string): FindFile {
  const folder = new URL('data/', url);
  return (path) => {
    const address = new URL(path.split('/').map(encodeURIComponent).join('/'), folder);
    return address.href.startsWith(folder.href) ? fetchedFile(address.href) : undefined;
  };
}

/** Among files that were dropped together: by the path, else by the name alone, as one drops files out of folders. */
function amongDropped(files: readonly { readonly path: string; readonly file: Blob }[]): FindFile {
  const byPath = new Map(files.map(({ path, file }) => [path, file]));
  return (path) => {
    const plain = path.replace(/^(?:\.\/)+/, '');
    return byPath.get(plain) ?? byPath.get(plain.split('/').at(-1) ?? plain);
  };
}

/** Reads weights out of other files, all of which are looked for first. */
function externalReader(model: Uint8Array, find: FindFile): ExternalDataReader {
  let found: Promise<ReadonlyMap<string, Blob>> | undefined;
  return async ({ location, offset, length }) => {
    const file = (await (found ??= findAll(externalFiles(model), find))).get(location);
    const end = length === undefined ? file?.size : offset + length;
    if (!file || end === undefined || end > file.size) {
      throw new ExternalDataError(`"${location}" has ${file?.size ?? 0} bytes where ${end ?? 0} are wanted`, {
        remedy: 'The file is truncated, or another model’s: copy it again.',
      });
    }
    return new Uint8Array(await file.slice(offset, end).arrayBuffer());
  };
}

/** @throws ExternalDataError naming those that are not there */
async function findAll(names: readonly string[], find: FindFile): Promise<ReadonlyMap<string, Blob>> {
  const found = new Map<string, Blob>();
  for (const name of names) {
    const file = await find(name);
    if (file) found.set(name, file);
  }
  const missing = names.filter((name) => !found.has(name));
  if (missing.length === 0) return found;
  const list = missing.map((name) => `"${name}"`).join(', ');
  const files = missing.length === 1 ? 'a file that is' : `${missing.length} files that are`;
  throw new ExternalDataError(`the model keeps weights in ${files} not here: ${list}`, {
    remedy: 'Drop the model together with these files, or the folder that holds them all.',
  });
}
