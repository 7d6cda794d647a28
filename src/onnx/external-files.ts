/** Which files a model needs beside its own. */
import { parseModelProto } from './proto.js';
import { externalLocation } from './tensor-proto.js';

/**
 * Names of the files that hold a model's weights outside of it, as the model gives them (relative to its folder), in the order of
 * their first use; none for a model that is whole.
 * @throws FormatError when the bytes are no model; ExternalDataError for a tensor that names no file
 */
export function externalFiles(bytes: Uint8Array): string[] {
  const tensors = parseModelProto(bytes).graph?.initializer ?? [];
  return [...new Set(tensors.flatMap((tensor) => externalLocation(tensor)?.location ?? []))];
}
