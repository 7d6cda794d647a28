/**
 * Sweeps patch and tile sizes of max pooling on the paper's layers: what the defaults are chosen from.
 *
 *     npm run build && node bench/pool-patches.js [--only PL5] [--rounds 5] [--top 6] [--json FILE]
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openHardware } from '../dist/host/webgpu.js';
import { isCandidate } from '../dist/candidates/candidate.js';
import { candidatesFor } from '../dist/candidates/index.js';
import { patchCandidate, tileCandidate } from '../dist/candidates/pool.js';
import { candidateSubject } from '../dist/tune/subject.js';
import { layoutOf } from '../dist/tensor/index.js';
import { measure } from '../dist/tune/measure.js';
import { bandwidth, copySubject } from '../dist/tune/roof.js';
import { cases } from './cases.js';

const { values: args } = parseArgs({
  options: {
    only: { type: 'string', default: 'PL' },
    layouts: { type: 'string', default: 'chwn,nhwc,nchw,nchw4c' },
    rounds: { type: 'string', default: '5' },
    top: { type: 'string', default: '6' },
    json: { type: 'string' },
  },
});
/** The candidate, or nothing where the size is not legal for the layer. */
const attempt = (make) => {
  try {
    return [make()];
  } catch {
    return [];
  }
};

const device = await openHardware();
const context = { limits: device.limits, features: device.features, storage: 'f32' };
const results = [];
for (const { name, op, inputs } of cases.filter(
  (c) => c.name.startsWith('pool') && c.name.includes(args.only),
)) {
  const types = { inputs: inputs.map((dims) => ({ dtype: 'f32', dims })), outputs: [] };
  types.outputs = op.infer(types.inputs);
  const node = { op, types, context };
  for (const kind of args.layouts.split(',')) {
    const layout = layoutOf(kind, 4);
    const [, , outH] = types.outputs[0].dims;
    const heights = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 18, 27, 54].filter((h) => h <= outH);
    const widths = kind === 'nchw' ? [1, 2] : [1, 2, 3, 4, 5, 6];
    const patches = heights.flatMap((height) =>
      widths.flatMap((width) => attempt(() => patchCandidate(node, layout, { height, width }))),
    );
    const tiles =
      kind === 'nchw'
        ? [1, 2, 4, 8].flatMap((planes) =>
            [outH, ...(planes === 1 ? [4, 7, 9, 14] : [])].flatMap((band) =>
              [1, 2, 3, 4, 7].flatMap((strip) =>
                attempt(() => tileCandidate(node, layout, { planes, band, strip })),
              ),
            ),
          )
        : [];
    const defaults = candidatesFor(op, types, context).filter(
      (candidate) =>
        isCandidate(candidate) && !candidate.baseline && candidate.inputs[0].name === layout.name,
    );
    const subjects = [];
    const seen = new Set();
    for (const candidate of [...defaults, ...patches, ...tiles].filter(isCandidate)) {
      if (seen.has(candidate.id)) continue;
      seen.add(candidate.id);
      try {
        subjects.push(candidateSubject(candidate, types, context));
      } catch {
        // Not a legal size for this layer.
      }
    }
    const copy = copySubject(device);
    const [roof, ...measured] = await measure(device, [copy, ...subjects], { rounds: Number(args.rounds) });
    const rate = bandwidth(copy.launches[0].source.bytes, roof);
    const rows = measured.map((m, i) => ({
      ...m,
      share: bandwidth(subjects[i].launches[0].source.bytes, m) / rate,
    }));
    const ids = new Set(defaults.map(({ id }) => id));
    rows.sort((a, b) => a.median - b.median);
    console.log(`${name} ${kind}: copy ${(rate / 1e9).toFixed(0)} GB/s`);
    for (const [i, row] of rows.entries()) {
      results.push({ case: name, kind, name: row.name, ns: row.median, share: row.share });
      if (i >= Number(args.top) && !ids.has(row.name)) continue;
      const mark = ids.has(row.name) ? ' (default)' : '';
      console.log(
        `  ${row.name} ${(row.median / 1e3).toFixed(1)} us ${(100 * row.share).toFixed(1)} %${mark}`,
      );
    }
  }
}
if (args.json) writeFileSync(args.json, JSON.stringify(results));
device.destroy();
