/** What was dropped or chosen: files, folders of them, and what is to be opened of it. */
import type { DataFile, Source } from './engine/protocol.js';

/** What files are: a model with the files of its weights, or a document. */
export type Dropped =
  { readonly kind: 'model'; readonly source: Source } | { readonly kind: 'document'; readonly file: File };

/** Files beyond this many are not a model's. */
const MOST_FILES = 10_000;

/**
 * The files of a drop, those in folders with their paths below these. To be called in the event itself: its items are gone later.
 * @throws Error for a folder of too many files
 */
export async function filesOf({ items, files }: DataTransfer): Promise<DataFile[]> {
  const entries = Array.from(items, (item) => item.webkitGetAsEntry());
  const plain = Array.from(files, (file): DataFile => ({ path: file.name, file }));
  if (!entries.some((entry) => entry?.isDirectory)) return plain;
  const found: DataFile[] = [];
  for (const entry of entries) if (entry) await addEntry(entry, entry.isDirectory ? entry.name : '', found);
  return found;
}

/** @param root the folder that was dropped: paths are below it */
async function addEntry(entry: FileSystemEntry, root: string, found: DataFile[]): Promise<void> {
  if (found.length >= MOST_FILES) {
    throw new Error(`The folder holds more than ${MOST_FILES} files: drop the model’s own.`);
  }
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => {
      entry.file(resolve, reject);
    });
    found.push({ path: entry.fullPath.slice(root === '' ? 1 : root.length + 2), file });
  } else if (isFolder(entry)) {
    const reader = entry.createReader();
    // It gives a hundred at a time, and none at the end.
    for (;;) {
      const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => {
        reader.readEntries(resolve, reject);
      });
      if (batch.length === 0) break;
      for (const child of batch) await addEntry(child, root, found);
    }
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

/**
 * What to open of files that came together.
 * @throws Error that says what is missing or too much
 */
export function sortDropped(files: readonly DataFile[]): Dropped {
  const named = (pattern: RegExp): DataFile[] => files.filter(({ path }) => pattern.test(path));
  const models = named(/\.onnx$/i);
  const documents = named(/\.json$/i);
  if (models.length > 1) throw new Error(`Drop one model at a time: here are ${namesOf(models)}.`);
  if (files.length === 1 && documents.length === 1) return { kind: 'document', file: documents[0].file };
  // A file of another name alone may well be a model; beside one, a document is its configuration.
  const model = models[0] ?? (files.length === 1 ? files[0] : undefined);
  if (model) {
    const name = model.path.split('/').at(-1) ?? model.path;
    const data = files.filter((file) => file !== model);
    return { kind: 'model', source: { kind: 'files', name, model: model.file, data } };
  }
  if (files.length === 0) throw new Error('Nothing was dropped that is a file.');
  throw new Error(
    documents.length > 1
      ? `Drop one document at a time: here are ${namesOf(documents)}.`
      : `There is no model among these files: drop the .onnx file together with ${namesOf(files)}.`,
  );
}

/** Names that are shown of many. */
const FEW = 5;

function namesOf(files: readonly DataFile[]): string {
  const names = files.slice(0, FEW).map(({ path }) => path);
  if (files.length > FEW) names.push(`${files.length - FEW} more`);
  return [names.slice(0, -1).join(', '), ...names.slice(-1)].filter(Boolean).join(' and ');
}
