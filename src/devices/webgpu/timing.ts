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

/**
 * Nanoseconds per pass; each runs `repeats` times in a row, and its time is divided by that.
 * @throws Error with WebGPU's message for whatever went wrong
 */
export async function timePasses(
  device: GPUDevice,
  passes: readonly Pass[],
  repeats: number,
): Promise<number[]> {
  if (!device.features.has('timestamp-query')) return timeOnHost(device, passes, repeats);
  const times: number[] = [];
  for (let start = 0; start < passes.length; start += MAX_PASSES) {
    times.push(...(await timeWithQueries(device, passes.slice(start, start + MAX_PASSES), repeats)));
  }
  return times;
}

async function timeWithQueries(
  device: GPUDevice,
  passes: readonly Pass[],
  repeats: number,
): Promise<number[]> {
  const count = 2 * passes.length;
  const size = 8 * count;
  const { value, error } = guarded(device, () => {
    const querySet = device.createQuerySet({ type: 'timestamp', count });
    const resolved = device.createBuffer({ size, usage: BUFFER_USAGE.QUERY_RESOLVE | BUFFER_USAGE.COPY_SRC });
    const readable = device.createBuffer({ size, usage: BUFFER_USAGE.MAP_READ | BUFFER_USAGE.COPY_DST });
    const encoder = device.createCommandEncoder();
    for (const [i, pass] of passes.entries()) {
      encodePass(encoder, pass, repeats, {
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
    return passes.map((_, i) => Number(stamps[2 * i + 1] - stamps[2 * i]) / repeats);
  } finally {
    querySet.destroy();
    resolved.destroy();
    readable.destroy();
  }
}

async function timeOnHost(device: GPUDevice, passes: readonly Pass[], repeats: number): Promise<number[]> {
  const times: number[] = [];
  for (const pass of passes) {
    await device.queue.onSubmittedWorkDone();
    const { value: start, error } = guarded(device, () => {
      const encoder = device.createCommandEncoder();
      encodePass(encoder, pass, repeats);
      const commands = encoder.finish();
      const now = performance.now();
      device.queue.submit([commands]);
      return now;
    });
    await device.queue.onSubmittedWorkDone();
    times.push(((performance.now() - start) * 1e6) / repeats);
    const problem = await error;
    if (problem) throw new Error(problem.message);
  }
  return times;
}

function encodePass(
  encoder: GPUCommandEncoder,
  dispatches: Pass,
  repeats: number,
  timestampWrites?: GPUComputePassTimestampWrites,
): void {
  const pass = encoder.beginComputePass(timestampWrites ? { timestampWrites } : {});
  for (let k = 0; k < repeats; k++) for (const dispatch of dispatches) encode(pass, dispatch);
  pass.end();
}
