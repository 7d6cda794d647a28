/**
 * Names under which measured costs are kept. A name is a hash over all that a time depends on, so that a cost can be
 * missing and never stale: another kernel text, size, driver or way of measuring is another name.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { codeOf, type GpuIdentity, type KernelSource } from '../../devices/gpu.js';

/**
 * Raise it whenever `measure.ts`, or how a device compiles and times kernels, changes such that older times are not
 * comparable: no cost that was measured before is used any more.
 */
export const MEASURE_VERSION = 1;

/** Bytes of a hash that are kept: 128 bits, at which a million names collide with a probability of 1e-27. */
const HASH_BYTES = 16;
/** Kernel texts whose hashes are kept; texts are 2 to 15 KB. */
const MAX_TEXTS = 2048;

/** What `costKey` and `identityKey` give. */
export const KEY_PATTERN = /^[0-9a-f]{32}$/;

/** How a sequence was measured, as far as the time depends on it. */
export interface CostProtocol {
  /** Buffers that hold constants, by index. */
  readonly constants: readonly number[];
  /** Whether caches were cold. */
  readonly cold: boolean;
}

const textHashes = new Map<string, string>();

/**
 * The name of a launch sequence's cost on one device.
 * @param launches kernels, each with the indices of the buffers that it binds
 * @param bytes size of each buffer
 * @returns 32 hexadecimal digits
 */
export function costKey(
  launches: readonly { readonly source: KernelSource; readonly buffers: readonly number[] }[],
  bytes: readonly number[],
  { constants, cold }: CostProtocol,
): string {
  const sequence = launches.map(({ source, buffers }) => [
    textHash(codeOf(source)),
    source.workgroup,
    source.grid,
    buffers,
  ]);
  const rotating = [...new Set(constants)].sort((a, b) => a - b);
  return hash(JSON.stringify([MEASURE_VERSION, cold, rotating, bytes, sequence]));
}

/**
 * The name of a device: another driver or runtime is another device.
 * @returns 32 hexadecimal digits
 */
export function identityKey({ kind, vendor, architecture, name, driver, runtime }: GpuIdentity): string {
  return hash(JSON.stringify([kind, vendor, architecture, name, driver, runtime]));
}

/** A device's name for people and for files, of `a-z`, `0-9` and `-`: `nvidia-h200-webgpu`. Two devices may share it. */
export function deviceSlug({ kind, vendor, architecture, name }: GpuIdentity): string {
  const words = [vendor, name || architecture || 'gpu', kind]
    .join(' ')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word, i, all) => word !== '' && word !== all[i - 1]);
  return words.join('-').slice(0, 60).replace(/-$/, '');
}

/** Kernels recur in many sequences: each text is hashed once, as long as it is among the latest. */
function textHash(text: string): string {
  const known = textHashes.get(text);
  if (known !== undefined) return known;
  if (textHashes.size >= MAX_TEXTS) {
    // Maps iterate in the order of insertion: this drops the oldest half.
    for (const old of [...textHashes.keys()].slice(0, MAX_TEXTS / 2)) textHashes.delete(old);
  }
  const fresh = hash(text);
  textHashes.set(text, fresh);
  return fresh;
}

function hash(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)).subarray(0, HASH_BYTES));
}
