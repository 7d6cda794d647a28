/**
 * A device's costs on disk: a folder of segments. A segment is a file of JSON lines that appears whole, by a rename, is
 * never changed and is removed only when all that it says is in another segment. So any number of processes may read,
 * save and merge at once without a lock: there is nothing that one of them could overwrite, no lock file that outlives
 * a crash, and no time after which one is presumed stale.
 *
 *     001795432100123-6f1e0c9a2b7d4e58.jsonl      when it was written, and a random name
 *     ["0f3a1c…",{"format":"lanewise-costs","version":1,"identity":{…}}]
 *     ["9b771e…",{"profile":{…}}]
 *     ["c2d04f…",{"cost":{…}}]
 *
 * Each line starts with a checksum over its content, the device's key and the format's version: a torn line, one of
 * another version or one that was copied from another device's folder does not count.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GpuIdentity } from '../devices/gpu.js';
import { identityKey } from '../tune/store/cost-key.js';
import { costRecordOf, type CostRecord } from '../tune/store/cost-record.js';
import { requireSameDevice, type CostUpdate } from '../tune/store/cost-store.js';
import { JsonValue } from '../tune/store/json-value.js';
import { identityOf, profileOf } from '../tune/profile/parse-profile.js';
import type { DeviceProfile } from '../tune/profile/profile.js';

const FORMAT = 'lanewise-costs';
/** Raise it whenever the meaning of a line changes; the name of the folder above has it too. */
export const VERSION = 1;

/** A line is `["`, this many hexadecimal digits, `",`, the content and `]`. */
const SUM_DIGITS = 16;
const SEGMENT = /^(\d{15})-[0-9a-f]{16}\.jsonl$/;
const MAX_STAMP = 999_999_999_999_999;
const UNFINISHED = '.unfinished';
/** A file that nobody has renamed for so long was left by a crash. */
const UNFINISHED_MS = 10 * 60_000;
/** Larger files are not read: no store writes them. */
const MAX_SEGMENT_BYTES = 256e6;
/** How often something is tried that another process's merging or clearing may get in the way of. */
const ATTEMPTS = 20;

/** What a line says, and the line. */
export interface Kept<T> {
  readonly value: T;
  readonly line: string;
}

/** What a folder's segments say together. Later lines are in place of earlier ones. */
export interface DeviceContents {
  /** Names of files, the oldest first. */
  readonly segments: readonly string[];
  readonly profile: Kept<DeviceProfile> | undefined;
  /** By key, the oldest first. */
  readonly costs: ReadonlyMap<string, Kept<CostRecord>>;
  /** Good lines of profiles and costs, those included that later ones replace. */
  readonly lines: number;
  /** Lines that do not count. */
  readonly damaged: number;
}

/** The folder's segments, the oldest first; none where there is no folder. */
export async function listSegments(folder: string): Promise<string[]> {
  const names = await readdir(folder, { withFileTypes: true }).catch(orMissing([]));
  return names
    .filter((entry) => entry.isFile() && SEGMENT.test(entry.name))
    .map(({ name }) => name)
    .sort();
}

/**
 * All that the segments say.
 * @param only these segments; all when left out
 */
export async function readDevice(
  folder: string,
  device: GpuIdentity,
  only?: readonly string[],
): Promise<DeviceContents> {
  const texts = new Map<string, Buffer | undefined>();
  let names: readonly string[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    names = only ?? (await listSegments(folder));
    let missing = false;
    for (const name of names) {
      if (texts.has(name)) continue;
      const bytes = await readSegment(join(folder, name));
      if (bytes === 'missing') missing = true;
      else texts.set(name, bytes);
    }
    // Whoever removed one has first written another that says the same: look again.
    if (!missing || only) break;
  }
  return contentsOf(
    names.filter((name) => texts.has(name)).map((name) => [name, texts.get(name)]),
    device,
  );
}

/** The device that a segment says it is about, as far as its first line can be read. */
export async function identityIn(path: string): Promise<GpuIdentity | undefined> {
  const bytes = await readSegment(path);
  if (!(bytes instanceof Buffer)) return undefined;
  try {
    const first: unknown = JSON.parse(bytes.toString('utf8').split('\n', 1)[0]);
    return identityOf(new JsonValue(first, ORIGIN).items({ most: 2 })[1].field('identity'));
  } catch {
    return undefined;
  }
}

/** Adds a segment that is later than all that are there. */
export async function addSegment(folder: string, device: GpuIdentity, update: CostUpdate): Promise<void> {
  const key = identityKey(device);
  const contents: unknown[] = (update.costs ?? []).map((cost) => ({ cost }));
  if (update.profile) contents.unshift({ profile: update.profile });
  const lines = contents.map((content) => sealed(JSON.stringify(content), key));
  for (let attempt = 1; ; attempt++) {
    try {
      await mkdir(folder, { recursive: true });
      const newest = (await listSegments(folder)).at(-1);
      // Later than the newest, whatever the clock says.
      const stamp = Math.max(Date.now(), newest ? stampOf(newest) + 1 : 0);
      await writeSegment(folder, Math.min(stamp, MAX_STAMP), lines, device);
      return;
    } catch (error) {
      // Another process cleared the folder meanwhile: even making it may then say so.
      if (codeOf(error) !== 'ENOENT' || attempt === ATTEMPTS) throw error;
    }
  }
}

/**
 * The newest segments that are worth merging: each older one is taken along as long as it is not much larger than all
 * newer ones together. Each time that a line is written again its segment grows by half at least: some twenty times
 * until a folder is as large as it gets.
 * They are consecutive, as one of them in between that stayed would be older than what it replaced.
 */
export async function mergeable(folder: string, names: readonly string[]): Promise<string[]> {
  let total = 0;
  let start = names.length;
  while (start > 0) {
    const { size } = await stat(join(folder, names[start - 1]));
    if (start < names.length && size > 2 * total) break;
    total += size;
    start--;
  }
  return names.slice(start);
}

/**
 * Writes one segment in place of those that were read. It is as old as the newest of them, so that what was saved
 * since stays later. Where one of them is gone already, another process merges or clears: this then does nothing.
 * @param most how many costs are kept, the newest
 */
export async function mergeSegments(
  folder: string,
  device: GpuIdentity,
  { segments, profile, costs }: DeviceContents,
  most = Infinity,
): Promise<void> {
  const newest = segments.at(-1);
  if (!newest) return;
  const lines = [...costs.values()].slice(Math.max(0, costs.size - most)).map(({ line }) => line);
  if (profile) lines.unshift(profile.line);
  if (lines.length > 0) {
    const unchanged = async (): Promise<boolean> => {
      const present = new Set(await listSegments(folder));
      return segments.every((name) => present.has(name));
    };
    if (!(await writeSegment(folder, stampOf(newest), lines, device, unchanged))) return;
  }
  for (const name of segments) await rm(join(folder, name), { force: true });
  await removeUnfinished(folder);
}

/** Removes files that crashes left behind. */
export async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(orMissing([]))) {
    if (!name.endsWith(UNFINISHED)) continue;
    const path = join(folder, name);
    const { mtimeMs } = await stat(path).catch(orMissing({ mtimeMs: Infinity }));
    if (Date.now() - mtimeMs > UNFINISHED_MS) await rm(path, { force: true });
  }
}

/**
 * Writes beside and renames.
 * @param wanted asked when all is written; false ends it without a segment. What is written in place of others is on
 *   the disk by then, so that a power failure cannot take both
 * @returns whether there is now a segment
 */
async function writeSegment(
  folder: string,
  stamp: number,
  lines: readonly string[],
  device: GpuIdentity,
  wanted?: () => Promise<boolean>,
): Promise<boolean> {
  const header = sealed(
    JSON.stringify({ format: FORMAT, version: VERSION, identity: identityOf(new JsonValue(device, ORIGIN)) }),
    identityKey(device),
  );
  const name = `${String(stamp).padStart(15, '0')}-${randomBytes(8).toString('hex')}.jsonl`;
  const unfinished = join(folder, `${name}${UNFINISHED}`);
  try {
    const text = `${[header, ...lines].join('\n')}\n`;
    await writeFile(unfinished, text, { flag: 'wx', flush: wanted !== undefined });
    if (!wanted || (await wanted())) {
      await rename(unfinished, join(folder, name));
      return true;
    }
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  await rm(unfinished, { force: true });
  return false;
}

/** @returns undefined for what no store has written, in size or in kind */
async function readSegment(path: string): Promise<Buffer | undefined | 'missing'> {
  try {
    const { size } = await stat(path);
    return size > MAX_SEGMENT_BYTES ? undefined : await readFile(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 'missing';
    throw error;
  }
}

function contentsOf(
  files: readonly (readonly [string, Buffer | undefined])[],
  device: GpuIdentity,
): DeviceContents {
  const key = identityKey(device);
  const costs = new Map<string, Kept<CostRecord>>();
  let profile: Kept<DeviceProfile> | undefined;
  let lines = 0;
  let damaged = 0;
  for (const [, bytes] of files) {
    if (!bytes) damaged++;
    // A last line without its end fails its checksum, like every torn line.
    for (const line of bytes?.toString('utf8').split('\n') ?? []) {
      if (line === '') continue;
      const { cost, profile: found, good } = readLine(line, key, device);
      if (!good) damaged++;
      if (cost || found) lines++;
      if (found) profile = { value: found, line };
      if (!cost) continue;
      // Deleted first: maps iterate in the order of insertion, and the oldest are dropped first.
      costs.delete(cost.key);
      costs.set(cost.key, { value: cost, line });
    }
  }
  return { segments: files.map(([name]) => name), profile, costs, lines, damaged };
}

interface LineContent {
  /** Whether the line counts; a header does, and says nothing else. */
  readonly good: boolean;
  readonly profile?: DeviceProfile;
  readonly cost?: CostRecord;
}

function readLine(line: string, key: string, device: GpuIdentity): LineContent {
  const content = line.slice(SUM_DIGITS + 4, -1);
  if (sealed(content, key) !== line) return { good: false };
  try {
    const value = new JsonValue(JSON.parse(content), ORIGIN);
    const cost = value.field('cost');
    if (cost.raw !== undefined) return { good: true, cost: costRecordOf(cost) };
    const profile = value.field('profile');
    if (profile.raw === undefined) return { good: true };
    requireSameDevice(profile, device);
    return { good: true, profile: profileOf(profile) };
  } catch {
    return { good: false };
  }
}

/** For messages that nobody sees: lines that cannot be read are counted, not reported one by one. */
const ORIGIN = { source: 'costs', remedy: 'Measure again.' };

function sealed(content: string, key: string): string {
  const sum = createHash('sha256').update(`${FORMAT} ${VERSION} ${key}\n${content}`).digest('hex');
  return `["${sum.slice(0, SUM_DIGITS)}",${content}]`;
}

function stampOf(name: string): number {
  return Number(SEGMENT.exec(name)?.[1]);
}

/** For `catch`: a value where something is not there, and the error where anything else is wrong. */
function orMissing<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (codeOf(error) === 'ENOENT') return value;
    throw error;
  };
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
