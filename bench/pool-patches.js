/**
 * Patch sizes of max pooling on the paper's layers: the best of all legal ones, what hill climbing from the default finds,
 * and in how many measurements; and tile sizes in NCHW. What the defaults are chosen from.
 *
 *     npm run build && node bench/pool-patches.js [--only PL5] [--layouts chwn,nchw] [--rounds 5] [--top 6]
 *       [--device webgpu|webgpu:software] [--json FILE]
 *
 * The sizes of a layer and layout are timed side by side in interleaved rounds, with a cold cache, and the climb walks over
 * these times: so both searches see the same numbers, and a climb is not lucky or unlucky with its own noise.
 */
import { writeFileSync } from 'node:fs';
import { isCandidate } from '../dist/candidates/candidate.js';
import { candidatesFor } from '../dist/candidates/index.js';
import { tileCandidate } from '../dist/candidates/pool.js';
import { legalTiles } from '../dist/kernels/pool/index.js';
import { table } from '../dist/report/index.js';
import { layoutOf } from '../dist/tensor/index.js';
import { climb, exhaustive } from '../dist/tune/climb.js';
import { measure } from '../dist/tune/timing/measure.js';
import { bandwidth, copySubject } from '../dist/tune/profile/roofs.js';
import { candidateSubject } from '../dist/tune/timing/subject.js';
import { cases } from './cases.js';
import { choices, commandLine, count, deviceName, openDevice, text } from './command-line.js';

const args = commandLine({
  only: text('PL'),
  layouts: choices(['chwn', 'nhwc', 'nchw', 'nchw4c']),
  rounds: count(5),
  top: count(3),
  device: deviceName(),
  json: text(),
});

const device = await openDevice(args.device);
const context = { limits: device.limits, features: device.features, storage: 'f32' };

/** The candidates of one layout. */
function candidatesIn(node, layout) {
  const all = candidatesFor(node.op, node.types, context).filter(isCandidate);
  return all.filter(({ baseline, inputs: [x] }) => !baseline && x.name === layout.name);
}

/** The same with patches of all sizes, and in NCHW all tiles. */
function waysOf(node, layout) {
  const defaults = candidatesIn(node, layout);
  const patches = defaults.flatMap(({ sizes }) =>
    sizes ? sizes.grid.points().map((point) => sizes.grid.at(point)) : [],
  );
  const ours = [...new Set([...defaults, ...patches])];
  if (layout.name !== 'NCHW') return ours;
  const [x, y] = [node.types.inputs[0], node.types.outputs[0]].map(({ dims }) => ({
    dims,
    layout,
    type: 'f32',
  }));
  const { op } = node;
  const tiles = legalTiles({
    window: op,
    reduction: { kind: 'max', lowest: -Infinity },
    x,
    y,
    limits: device.limits,
  })
    .map((tile) => tileCandidate(node, layout, tile))
    .filter((tile) => isCandidate(tile) && !ours.some(({ id }) => id === tile.id));
  return [...ours, ...tiles];
}

/** Both searches over the patches' times. @param times microseconds by id */
async function searches({ sizes: { grid, at } }, times) {
  const idOf = (point) => grid.at(point).id;
  const costs = async (asked) => asked.map((point) => times.get(idOf(point)));
  const all = await exhaustive(grid.points(), costs);
  const found = await climb([at], (point) => grid.neighbours(point), costs);
  return {
    exhaustive: { id: idOf(all.best.point), us: all.best.cost, measured: all.measured },
    climbed: {
      id: idOf(found.best.point),
      us: found.best.cost,
      measured: found.measured,
      path: found.path.map(({ point }) => idOf(point)),
    },
  };
}

/** Kernels that are timed side by side: each has buffers of its own, of 400 MB and more. */
const MOST = 50;

/** Times of kernels, in rounds of at most `MOST`, each beside the copy. */
async function timesOf(subjects) {
  const copy = copySubject(device);
  const rows = [];
  for (let start = 0; start < subjects.length; start += MOST) {
    const some = subjects.slice(start, start + MOST);
    const [roof, ...measured] = await measure(device, [copy, ...some], { rounds: args.rounds });
    const rate = bandwidth(copy.launches[0].source.bytes, roof);
    for (const [i, m] of measured.entries()) {
      const share = bandwidth(some[i].launches[0].source.bytes, m) / rate;
      rows.push({ name: m.name, us: m.median / 1e3, low: m.low / 1e3, high: m.high / 1e3, share });
    }
  }
  return rows;
}

const patchOf = (id) => /patch(\d+x\d+)/.exec(id)?.[1] ?? id;
const us = (time) => time.toFixed(2);
const results = [];
const summary = [];
for (const { name, op, inputs: dims } of cases.filter(
  (c) => c.name.startsWith('pool') && c.name.includes(args.only),
)) {
  const inputs = dims.map((list) => ({ dtype: 'f32', dims: list }));
  const node = { op, types: { inputs, outputs: op.infer(inputs) }, context };
  for (const kind of args.layouts) {
    const layout = layoutOf(kind, 4);
    const ways = waysOf(node, layout);
    const subjects = ways.map((way) => candidateSubject(way, node.types, context));
    const rows = await timesOf(subjects);
    const times = new Map(rows.map((row) => [row.name, row.us]));
    const defaults = new Set(candidatesIn(node, layout).map(({ id }) => id));
    console.log(`${name} ${kind}: ${rows.length} kernels`);
    for (const [i, row] of rows.toSorted((a, b) => a.us - b.us).entries()) {
      if (i >= args.top) break;
      const mark = defaults.has(row.name) ? ' (default)' : '';
      console.log(`  ${row.name} ${us(row.us)} us ${(100 * row.share).toFixed(1)} %${mark}`);
    }
    const base = candidatesIn(node, layout).find(({ sizes }) => sizes);
    const found = base ? await searches(base, times) : null;
    results.push({ case: name, kind, rows, ...found });
    if (!found) continue;
    const start = times.get(base.id);
    const { exhaustive: best, climbed } = found;
    summary.push([
      name.replace('pool ', ''),
      kind,
      `${patchOf(base.id)} ${us(start)}`,
      `${patchOf(best.id)} ${us(best.us)}`,
      String(best.measured),
      `${patchOf(climbed.id)} ${us(climbed.us)}`,
      String(climbed.measured),
      `${(100 * (climbed.us / best.us - 1)).toFixed(1)} %`,
      `${(100 * (start / best.us - 1)).toFixed(1)} %`,
    ]);
  }
}
const columns = [
  { title: 'layer' },
  { title: 'layout' },
  { title: 'default us', align: 'right' },
  { title: 'best of all us', align: 'right' },
  { title: 'measured', align: 'right' },
  { title: 'climbed us', align: 'right' },
  { title: 'measured', align: 'right' },
  { title: 'climb loses', align: 'right' },
  { title: 'default loses', align: 'right' },
];
for (const line of table(columns, summary, { width: 160 })) console.log(line);
if (args.json) writeFileSync(args.json, JSON.stringify(results));
device.destroy();
