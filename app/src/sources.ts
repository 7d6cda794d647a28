/** Where the page gets what it opens: links, and files beside the page. */
import { NETWORK_NAMES } from 'lanewise';
import type { ViewData } from 'lanewise/views';
import type { Source } from './engine/protocol.js';
import type { LinkedSource } from './fragment.js';

/** Documents beyond this are none of ours. */
const MAX_DOCUMENT_BYTES = 64 * 2 ** 20;

/** How messages name what a link opens. */
export function nameOfLink(source: LinkedSource): string {
  return source.kind === 'demo' ? 'digits.onnx' : source.name;
}

/** The model of a link. */
export function sourceOfLink(source: LinkedSource): Source {
  const name = nameOfLink(source);
  if (source.kind === 'network') return { kind: 'network', name };
  const path = source.kind === 'demo' ? 'demo/digits.onnx' : source.path;
  return { kind: 'link', name, url: new URL(path, location.href).href };
}

/** Where the model of a document is to be had: beside the page, or as a network by name; else undefined. */
export function sourceOfDocument(document: ViewData, link: LinkedSource | undefined): Source | undefined {
  const { model: name } = document;
  const path = link?.kind === 'document' ? link.model : undefined;
  if (path !== undefined) return sourceOfLink({ kind: 'model', path, name });
  if (document.isPlanAlone || !NETWORK_NAMES.some((one) => one === name)) return undefined;
  return { kind: 'network', name };
}

/** A document's text. @throws Error where it is too large, or not there */
export async function textOfDocument(from: File | string, signal: AbortSignal): Promise<string> {
  if (typeof from !== 'string') {
    if (from.size > MAX_DOCUMENT_BYTES) throw new Error(`${from.name} is too large for a document`);
    return from.text();
  }
  const response = await fetch(`./${from}`, { signal });
  if (!response.ok) throw new Error(`${from} is not beside this page (${response.status})`);
  return response.text();
}
