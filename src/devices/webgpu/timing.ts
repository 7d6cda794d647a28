/** Times of dispatches on WebGPU: timestamp queries where there are any, else the host's clock. */
import { BUFFER_USAGE, MAP_READ } from './constants.js';
import { encode, type BoundDispatch } from './dispatch.js';

/** Queries in one set: WebGPU's limit is 4096, two per dispatch. */
const MAX_DISPATCHES = 2048;

/** Nanoseconds per dispatch; each runs `repeats` times in a pass of its own. */
export async function timeDispatches(
  device: GPUDevice,
  dispatches: readonly BoundDispatch[],
  repeats: number,
): Promise<number[]> {
  if (!device.features.has('timestamp-query')) return timeOnHost(device, dispatches, repeats);
  const times: number[] = [];
  for (let start = 0; start < dispatches.length; start += MAX_DISPATCHES) {
    const chunk = dispatches.slice(start, start + MAX_DISPATCHES);
    times.push(...(await timeWithQueries(device, chunk, repeats)));
  }
  return times;
}

async function timeWithQueries(
  device: GPUDevice,
  dispatches: readonly BoundDispatch[],
  repeats: number,
): Promise<number[]> {
  const count = 2 * dispatches.length;
  const bytes = 8 * count;
  const querySet = device.createQuerySet({ type: 'timestamp', count });
  const resolved = device.createBuffer({
    size: bytes,
    usage: BUFFER_USAGE.QUERY_RESOLVE | BUFFER_USAGE.COPY_SRC,
  });
  const readable = device.createBuffer({
    size: bytes,
    usage: BUFFER_USAGE.MAP_READ | BUFFER_USAGE.COPY_DST,
  });
  try {
    const encoder = device.createCommandEncoder();
    for (const [i, dispatch] of dispatches.entries()) {
      const timestampWrites = { querySet, beginningOfPassWriteIndex: 2 * i, endOfPassWriteIndex: 2 * i + 1 };
      const pass = encoder.beginComputePass({ timestampWrites });
      for (let k = 0; k < repeats; k++) encode(pass, dispatch);
      pass.end();
    }
    encoder.resolveQuerySet(querySet, 0, count, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, readable, 0, bytes);
    device.queue.submit([encoder.finish()]);
    await readable.mapAsync(MAP_READ);
    const stamps = new BigUint64Array(readable.getMappedRange().slice(0));
    return dispatches.map((_, i) => Number(stamps[2 * i + 1] - stamps[2 * i]) / repeats);
  } finally {
    querySet.destroy();
    resolved.destroy();
    readable.destroy();
  }
}

async function timeOnHost(
  device: GPUDevice,
  dispatches: readonly BoundDispatch[],
  repeats: number,
): Promise<number[]> {
  const times: number[] = [];
  for (const dispatch of dispatches) {
    await device.queue.onSubmittedWorkDone();
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (let k = 0; k < repeats; k++) encode(pass, dispatch);
    pass.end();
    const start = performance.now();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    times.push(((performance.now() - start) * 1e6) / repeats);
  }
  return times;
}
