/**
 * Sweeps tile sizes of the layout transform, boxes at lines of memory or not: what the defaults are chosen from.
 *
 *     npm run build && node bench/transform-tiles.js [--only "128x96x55x55 chwn nchw4c"] [--rounds 3] [--top 4]
 *         [--tiles 32x16,16x32] [--dims 8x8x5x5] [--dtype f32|f16] [--device webgpu|webgpu:software]
 *
 * `--only` is a part of a case's name. Tiles are wishes, cells together in x by cells together in y; an id tells what
 * came of one (`32x16a8`: boxes begin at multiples of 8 units of y). Every line is a share of the copy that was measured
 * in the same rounds; `(default)` is what the library takes, measured again in every batch.
 */
import { identityMovement, moveKernel, transformKernel } from '../dist/kernels/transform/index.js';
import { layoutOf, physicalSize } from '../dist/tensor/index.js';
import { measure } from '../dist/tune/timing/measure.js';
import { bandwidth, copySubject } from '../dist/tune/profile/roofs.js';
import { choice, commandLine, count, deviceName, openDevice, sizes, text } from './command-line.js';

const RUNS = [8, 16, 24, 32, 48, 64, 96, 128, 256];
const args = commandLine({
  only: text(''),
  rounds: count(3),
  top: count(4),
  tiles: sizes(2, RUNS.flatMap((x) => RUNS.map((y) => `${x}x${y}`)).join()),
  dims: sizes(4, '128x96x55x55,64x96x110x110,32x64x224x224'),
  dtype: choice('f32', 'f16'),
  device: deviceName(),
});
const KINDS = ['nchw', 'nhwc', 'chwn', 'nchw4c'];
/** Kernels whose buffers are held at once: 400 to 820 MB each. */
const BATCH = 40;

const tiles = args.tiles.map(([x, y]) => ({ x, y }));
const device = await openDevice(args.device);
const elementBytes = args.dtype === 'f16' ? 2 : 4;

/** Every kernel that a tile leads to, by id. */
function kernelsOf(dims, x, y) {
  const found = new Map();
  const config = { op: 'transform', movement: identityMovement(dims), x, y, limits: device.limits };
  for (const tile of tiles) {
    for (const aligned of [false, true]) {
      try {
        const source = moveKernel({ ...config, tile, aligned });
        if (!found.has(source.id)) found.set(source.id, source);
      } catch (error) {
        // Over the budget of workgroup memory.
        if (!(error instanceof RangeError)) throw error;
      }
    }
  }
  return found;
}

/** Times kernels with the copy and the default one; their shares of the copy. */
async function timeBatch(sources, chosen, bytes) {
  const copy = copySubject(device);
  const all = [chosen, ...sources];
  const subjects = all.map((source) => ({
    name: source.id,
    buffers: bytes,
    launches: [{ source, buffers: [0, 1] }],
  }));
  const [roof, ...measured] = await measure(device, [copy, ...subjects], {
    rounds: args.rounds,
    ...(device.software ? {} : { warmUpMs: 300 }),
  });
  const rate = bandwidth(copy.launches[0].source.bytes, roof);
  const rows = measured.map((m, i) => ({ ...m, share: bandwidth(all[i].bytes, m) / rate }));
  return { rate, rows };
}

const micro = (nanoseconds) => (nanoseconds / 1e3).toFixed(2);

function lineOf({ name, median, low, high, share }, isDefault) {
  const time = `${micro(median).padStart(9)} us [${micro(low)}, ${micro(high)}]`;
  return `  ${name.padEnd(58)} ${time} ${(100 * share).toFixed(1).padStart(6)} %${isDefault ? ' (default)' : ''}`;
}

for (const dims of args.dims) {
  for (const [from, to] of KINDS.flatMap((a) => KINDS.filter((b) => a !== b).map((b) => [a, b]))) {
    const title = `${dims.join('x')} ${from} ${to}`;
    if (!title.includes(args.only)) continue;
    const view = (kind) => ({ dims, layout: layoutOf(kind, 4), type: args.dtype });
    const [x, y] = [view(from), view(to)];
    const bytes = [x, y].map(({ layout }) => physicalSize(layout, dims) * elementBytes);
    const chosen = transformKernel(x, y, device.limits);
    const found = kernelsOf(dims, x, y);
    found.delete(chosen.id);
    const sources = [...found.values()];
    const rows = [];
    for (let at = 0; at === 0 || at < sources.length; at += BATCH) {
      const batch = await timeBatch(sources.slice(at, at + BATCH), chosen, bytes);
      const [reference] = batch.rows;
      console.log(
        `${title}: copy ${(batch.rate / 1e9).toFixed(0)} GB/s, ` +
          `${Math.min(at + BATCH, sources.length)} of ${sources.length} kernels timed\n${lineOf(reference, true)}`,
      );
      rows.push(...batch.rows.slice(1));
    }
    rows.sort((a, b) => b.share - a.share);
    console.log(`best of ${rows.length}:`);
    for (const row of rows.slice(0, args.top)) console.log(lineOf(row, false));
  }
}
device.destroy();
