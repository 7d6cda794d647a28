/**
 * Tile sizes of convolutions and matrix products: the default by estimate, what hill climbing finds from the candidates,
 * and the best of all legal ones; each with its time, and in how many measurements. What the estimate was fitted to.
 *
 *     npm run build && node bench/conv-tiles.js [--only "conv CV10"] [--layouts nhwc,chwn] [--dtype f32|f16]
 *       [--seconds 30] [--most 64] [--quick] [--json FILE]
 *
 * A layer has thousands of legal tiles, most of which are hopeless. They are looked at in the order of a random number times
 * their distance from the candidates, so that after `--seconds` (of each layer and layout) what lies near those is known,
 * and a sample of all others. Both searches share one table of times: a climb is not lucky or unlucky with its own noise.
 * `--quick` measures a few tiles of two small layers on software WebGPU: it shows that all of this runs.
 */
import { writeFileSync } from 'node:fs';
import { isCandidate } from '../dist/candidates/candidate.js';
import { candidatesFor } from '../dist/candidates/index.js';
import { Conv } from '../dist/ops/conv.js';
import { Gemm } from '../dist/ops/gemm.js';
import { layoutOf } from '../dist/tensor/index.js';
import { climb } from '../dist/tune/climb.js';
import { spreadOf } from '../dist/tune/timing/measure.js';
import { race } from '../dist/tune/timing/race.js';
import { candidateSubject } from '../dist/tune/timing/subject.js';
import { cases } from './cases.js';
import { amount, choice, choices, commandLine, count, flag, openDevice, text } from './command-line.js';

const args = commandLine({
  only: text(''),
  layouts: choices(['nchw', 'nhwc', 'chwn', 'nchw4c'], 'nhwc,chwn'),
  dtype: choice('f32', 'f16'),
  seconds: amount(30),
  most: count(64),
  quick: flag(),
  json: text(),
});
const { quick } = args;
const device = await openDevice(quick ? 'webgpu:software' : 'webgpu');
const context = { limits: device.limits, features: device.features, storage: args.dtype };
console.log(`${device.description}, ${args.dtype}`);

const QUICK = [
  {
    name: 'conv CV0',
    op: new Conv({ strides: [1, 1] }),
    inputs: [
      [2, 8, 9, 9],
      [40, 8, 3, 3],
    ],
  },
  {
    name: 'gemm 70',
    op: new Gemm(),
    inputs: [
      [70, 36],
      [36, 70],
    ],
  },
];

/** Kernels that race side by side: enough for the slow ones to be told from the first sample. */
const CHUNK = quick ? 4 : 48;
const MOST = quick ? 6 : args.most;
const SECONDS = quick ? 0.1 : args.seconds;

/** Numbers from 0 to 1, the same in every run (mulberry32). */
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

let isWarm = false;

/** Microseconds of kernels by id. Those that are much slower than the best of the same call are measured once. */
async function timesOf(subjects) {
  const failed = [];
  const contenders = subjects.map((subject) => ({ subject, group: 'tiles', bound: 0 }));
  const samples = await race(device, contenders, {
    rounds: quick ? 1 : 4,
    ...(isWarm && { warmUpMs: quick ? 0 : 50 }),
    onFailure: ({ subject }, error) => failed.push(`${subject.name}: ${error.message.split('\n')[0]}`),
  });
  isWarm = true;
  for (const line of failed) console.log(`  FAILED ${line}`);
  return new Map(
    subjects.map(({ name }, i) => [name, samples[i] ? spreadOf(samples[i]).median / 1e3 : undefined]),
  );
}

function view({ dims }, layout) {
  return { dims, layout, type: args.dtype };
}

/** One layer in one layout: its kernel's sizes, and their times as far as they are known. */
class Field {
  #types;
  #times = new Map();

  constructor(testCase, types, candidates) {
    this.name = testCase.name;
    this.#types = types;
    this.candidates = candidates;
    this.grid = candidates[0].sizes.grid;
    this.flops = candidates[0].build(this.#views(candidates[0]))[0].source.flops;
  }

  /** Whole tensors as a candidate wants them. */
  #views({ inputs, outputs }) {
    return {
      inputs: this.#types.inputs.map((type, i) => inputs[i] && view(type, inputs[i])),
      outputs: this.#types.outputs.map((type, i) => view(type, outputs[i])),
    };
  }

  timeOf(point) {
    return this.#times.get(this.grid.at(point).id);
  }

  /** Measures points that are not known yet. */
  async measure(points) {
    const fresh = points.map((point) => this.grid.at(point)).filter(({ id }) => !this.#times.has(id));
    if (fresh.length === 0) return;
    const weights = new Set([1, 2]);
    const subjects = fresh.map((candidate) => candidateSubject(candidate, this.#types, context, weights));
    for (const [id, us] of await timesOf(subjects)) this.#times.set(id, us);
  }

  async climb() {
    const { grid } = this;
    const costs = async (points) => {
      await this.measure(points);
      return points.map((point) => this.timeOf(point));
    };
    const starts = this.candidates.map(({ sizes }) => sizes.at);
    return climb(starts, (point) => grid.neighbours(point), costs, { most: MOST });
  }

  /** Measures as many as there is time for; what the candidates' estimate thinks best comes early. */
  async lookAround(seconds) {
    const random = randomNumbers(7);
    const points = this.grid.points();
    const order = points.map((point) => ({ point, key: random() * distance(point, this.candidates) }));
    order.sort((a, b) => a.key - b.key);
    const end = performance.now() + 1e3 * seconds;
    for (let i = 0; i < order.length && performance.now() < end; i += CHUNK) {
      await this.measure(order.slice(i, i + CHUNK).map(({ point }) => point));
    }
    const known = points.filter((point) => this.timeOf(point) !== undefined);
    const best = known.reduce((a, b) => (this.timeOf(b) < this.timeOf(a) ? b : a));
    return { best, measured: known.length, all: points.length };
  }

  get rows() {
    return [...this.#times].map(([id, us]) => ({ id, us }));
  }
}

/** Steps on the grid from the nearest candidate, and one. */
function distance(point, candidates) {
  const steps = candidates.map(({ sizes: { at } }) =>
    at.reduce((sum, place, axis) => sum + Math.abs(place - point[axis]), 1),
  );
  return Math.min(...steps);
}

function fieldsOf(testCase) {
  const inputs = testCase.inputs.map((dims) => ({ dtype: 'f32', dims }));
  const types = { inputs, outputs: testCase.op.infer(inputs) };
  const layouts = testCase.name.startsWith('conv')
    ? args.layouts.map((kind) => layoutOf(kind, 4).name)
    : ['NC'];
  const tiled = candidatesFor(testCase.op, types, context).filter((one) => isCandidate(one) && one.sizes);
  return layouts.flatMap((layout) => {
    const own = tiled.filter(({ inputs: [x], outputs: [y] }) => x.name === layout && y.name === layout);
    return own.length > 0 ? [{ layout, field: new Field(testCase, types, own) }] : [];
  });
}

const WIDTHS = [19, 5, 32, 8, 32, 8, 5, 32, 8];
const row = (cells) => cells.map((cell, i) => cell.padEnd(WIDTHS[i] ?? 0)).join(' ');
console.log(
  row(['layer', 'in', 'default, us', 'loses', 'climbed, us', 'loses', 'of', 'best, us', 'TFLOP/s', 'of']),
);

const sizesOf = (id) => /_(t\d.*)_f\d+$/.exec(id)?.[1] ?? id;
const results = [];
const wanted = (quick ? QUICK : cases).filter(
  ({ name }) => /^(?:conv|gemm)/.test(name) && args.only.split(',').some((text) => name.includes(text)),
);
for (const testCase of wanted) {
  for (const { layout, field } of fieldsOf(testCase)) {
    const [first] = field.candidates;
    const climbed = await field.climb();
    const { best, measured, all } = await field.lookAround(SECONDS);
    const start = field.timeOf(first.sizes.at);
    const fastest = field.timeOf(best);
    const over = (time) => `${(100 * (time / fastest - 1)).toFixed(1)} %`;
    const cell = (point) => `${sizesOf(field.grid.at(point).id)} ${field.timeOf(point)?.toFixed(1)}`;
    console.log(
      row([
        testCase.name.replace('conv ', ''),
        layout.toLowerCase(),
        cell(first.sizes.at),
        over(start),
        cell(climbed.best.point),
        over(climbed.best.cost),
        String(climbed.measured),
        cell(best),
        (field.flops / fastest / 1e6).toFixed(1),
        `${measured}/${all}`,
      ]),
    );
    const { flops, rows } = field;
    results.push({ case: testCase.name, layout, inputs: testCase.inputs, flops, rows });
    if (args.json) writeFileSync(args.json, JSON.stringify(results));
  }
}
device.destroy();
