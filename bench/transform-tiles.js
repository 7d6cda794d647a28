/**
 * Sweeps tile sizes of the layout transform: what the default is chosen from.
 *
 *     npm run build && node bench/transform-tiles.js [--only "64x96 nchw nhwc"] [--rounds 5] [--top 4]
 */
import { parseArgs } from 'node:util';
import { openHardware } from '../dist/host/webgpu.js';
import { identityMovement, moveKernel, transformKernel } from '../dist/kernels/transform/index.js';
import { layoutOf, physicalSize } from '../dist/tensor/index.js';
import { measure } from '../dist/tune/measure.js';
import { bandwidth, copySubject } from '../dist/tune/roof.js';

const { values: args } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '3' },
    top: { type: 'string', default: '4' },
  },
});
const KINDS = ['nchw', 'nhwc', 'chwn', 'nchw4c'];
const SIZES = [
  [128, 96, 55, 55],
  [64, 96, 110, 110],
  [32, 64, 224, 224],
];
const device = await openHardware();
for (const dims of SIZES) {
  for (const [from, to] of KINDS.flatMap((a) => KINDS.filter((b) => a !== b).map((b) => [a, b]))) {
    const name = `${dims.join('x')} ${from} ${to}`;
    if (!name.includes(args.only)) continue;
    const x = { dims, layout: layoutOf(from, 4), type: 'f32' };
    const y = { dims, layout: layoutOf(to, 4), type: 'f32' };
    const bytes = [x, y].map((view) => physicalSize(view.layout, dims) * 4);
    const found = new Map();
    const chosen = transformKernel(x, y, device.limits);
    found.set(chosen.id, chosen);
    for (const tx of [8, 16, 24, 32, 48, 64, 96, 128, 256]) {
      for (const ty of [8, 16, 24, 32, 48, 64, 96, 128, 256]) {
        try {
          const tile = { x: tx, y: ty };
          const source = moveKernel({
            op: 'transform',
            movement: identityMovement(dims),
            x,
            y,
            limits: device.limits,
            tile,
          });
          if (!found.has(source.id)) found.set(source.id, source);
        } catch {
          // Over the budget of workgroup memory.
        }
      }
    }
    const copy = copySubject(device);
    const subjects = [...found.values()].map((source) => ({
      name: source.id,
      buffers: bytes,
      launches: [{ source, buffers: [0, 1] }],
    }));
    const [roof, ...measured] = await measure(device, [copy, ...subjects], {
      rounds: Number(args.rounds),
      warmUpMs: 300,
    });
    const rate = bandwidth(copy.launches[0].source.bytes, roof);
    console.log(`${name}: copy ${(rate / 1e9).toFixed(0)} GB/s`);
    const rows = measured.map((m, i) => ({
      name: m.name,
      share: bandwidth(subjects[i].launches[0].source.bytes, m) / rate,
    }));
    rows.sort((a, b) => b.share - a.share);
    for (const [i, row] of rows.entries()) {
      if (i >= Number(args.top) && row.name !== chosen.id) continue;
      console.log(
        `  ${row.name} ${(100 * row.share).toFixed(1)} %${row.name === chosen.id ? ' (default)' : ''}`,
      );
    }
  }
}
device.destroy();
