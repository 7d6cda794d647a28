/** Times of compute passes on WebGPU: timestamp queries where there are any, else the host's clock. */
import { BUFFER_USAGE, MAP_READ } from './constants.js';
import { encode, type BoundDispatch } from './dispatch.js';
import { guarded } from './scopes.js';

/** Dispatches that are timed together. */
type Pass = readonly BoundDispatch[];

/** Passes in one query set: WebGPU's limit is 4096 queries, two per pass. */
const MAX_PASSES = 2048;

/** Cuts a list of dispatches into passes of the given lengths. */
export function splitPasses(dispatches: Pass, lengths: readonly number[]): Pass[] {
  let start = 0;
  return lengths.map((length) => dispatches.slice(start, (start += length)));
}

/** Where the timing may be ended, so much is submitted at a time: who ends it waits no longer. */
const PIECE_MS = 200;

export interface TimingOptions {
  /** How often each pass runs in a row; its time is divided by that. */
  readonly repeats: number;
  /** Ends the timing between two submissions. */
  readonly signal?: AbortSignal | undefined;
}

/** A pass, and how often it runs in a row. */
interface Lap {
  readonly pass: Pass;
  readonly repeats: number;
}

/**
 * Nanoseconds per pass.
 * @throws Error with WebGPU's message for whatever went wrong; the signal's reason
 */
export async function timePasses(
  device: GPUDevice,
  passes: readonly Pass[],
  { repeats, signal }: TimingOptions,
): Promise<number[]> {
  const time = device.features.has('timestamp-query') ? timeWithQueries : timeOnHost;
  if (!signal) return inPieces(passes, MAX_PASSES, (piece) => time(device, lapsOf(piece, repeats)));
  const once = await timeOnce(device, passes, time, signal);
  if (repeats === 1) return once;
  // What takes long alone is known by now; the rest is repeated, as often as that does not take long.
  const laps = passes.map((pass, i): Lap => {
    const fitting = Math.ceil((PIECE_MS * 1e6) / Math.max(once[i], 1));
    return { pass, repeats: Math.min(repeats, fitting) };
  });
  const times = [...once];
  let piece: number[] = [];
  let expected = 0;
  const flush = async (): Promise<void> => {
    signal.throwIfAborted();
    if (piece.length === 0) return;
    const results = await time(
      device,
      piece.map((i) => laps[i]),
    );
    for (const [k, i] of piece.entries()) times[i] = results[k];
    piece = [];
    expected = 0;
  };
  for (const [i, { repeats: count }] of laps.entries()) {
    if (count === 1) continue;
    expected += (once[i] * count) / 1e6;
    piece.push(i);
    if (expected >= PIECE_MS || piece.length === MAX_PASSES) await flush();
  }
  await flush();
  return times;
}

/** Times passes without repetition, more at a time the shorter they are. */
async function timeOnce(
  device: GPUDevice,
  passes: readonly Pass[],
  time: typeof timeOnHost,
  signal: AbortSignal,
): Promise<number[]> {
  const times: number[] = [];
  // Nothing is known of the first.
  let count = 1;
  while (times.length < passes.length) {
    signal.throwIfAborted();
    const start = performance.now();
    const piece = passes.slice(times.length, times.length + count);
    times.push(...(await time(device, lapsOf(piece, 1))));
    const each = (performance.now() - start) / piece.length;
    count = Math.min(MAX_PASSES, 2 * count, Math.max(1, Math.floor(PIECE_MS / each)));
  }
  return times;
}

function lapsOf(passes: readonly Pass[], repeats: number): Lap[] {
  return passes.map((pass) => ({ pass, repeats }));
}

async function inPieces(
  passes: readonly Pass[],
  size: number,
  time: (piece: readonly Pass[]) => Promise<number[]>,
): Promise<number[]> {
  const times: number[] = [];
  for (let start = 0; start < passes.length; start += size) {
    times.push(...(await time(passes.slice(start, start + size))));
  }
  return times;
}

async function timeWithQueries(device: GPUDevice, laps: readonly Lap[]): Promise<number[]> {
  const count = 2 * laps.length;
  const size = 8 * count;
  const { value, error } = guarded(device, () => {
    const querySet = device.createQuerySet({ type: 'timestamp', count });
    const resolved = device.createBuffer({ size, usage: BUFFER_USAGE.QUERY_RESOLVE | BUFFER_USAGE.COPY_SRC });
    const readable = device.createBuffer({ size, usage: BUFFER_USAGE.MAP_READ | BUFFER_USAGE.COPY_DST });
    const encoder = device.createCommandEncoder();
    for (const [i, lap] of laps.entries()) {
      encodePass(encoder, lap, {
        querySet,
        beginningOfPassWriteIndex: 2 * i,
        endOfPassWriteIndex: 2 * i + 1,
      });
    }
    encoder.resolveQuerySet(querySet, 0, count, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, readable, 0, size);
    device.queue.submit([encoder.finish()]);
    return { querySet, resolved, readable, mapped: readable.mapAsync(MAP_READ) };
  });
  const { querySet, resolved, readable, mapped } = value;
  try {
    const [problem] = await Promise.all([error, mapped]);
    if (problem) throw new Error(problem.message);
    const stamps = new BigUint64Array(readable.getMappedRange().slice(0));
    return laps.map(({ repeats }, i) => Number(stamps[2 * i + 1] - stamps[2 * i]) / repeats);
  } finally {
    querySet.destroy();
    resolved.destroy();
    readable.destroy();
  }
}

async function timeOnHost(device: GPUDevice, laps: readonly Lap[]): Promise<number[]> {
  const times: number[] = [];
  for (const lap of laps) {
    await device.queue.onSubmittedWorkDone();
    const { value: start, error } = guarded(device, () => {
      const encoder = device.createCommandEncoder();
      encodePass(encoder, lap);
      const commands = encoder.finish();
      const now = performance.now();
      device.queue.submit([commands]);
      return now;
    });
    await device.queue.onSubmittedWorkDone();
    times.push(((performance.now() - start) * 1e6) / lap.repeats);
    const problem = await error;
    if (problem) throw new Error(problem.message);
  }
  return times;
}

function encodePass(
  encoder: GPUCommandEncoder,
  { pass: dispatches, repeats }: Lap,
  timestampWrites?: GPUComputePassTimestampWrites,
): void {
  const pass = encoder.beginComputePass(timestampWrites ? { timestampWrites } : {});
  for (let k = 0; k < repeats; k++) for (const dispatch of dispatches) encode(pass, dispatch);
  pass.end();
}
