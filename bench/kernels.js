/**
 * Times every candidate of chosen ops on a GPU against the device's copy roof.
 *
 *     npm run build && node bench/kernels.js [--only "TEXT|TEXT"] [--dtype f32|tf32|f16|bf16] [--rounds 7] [--top 99] [--baselines]
 *       [--device webgpu|webgpu:software|cuda] [--json FILE]
 *
 * Cases are those whose names contain one of the texts.
 * Inputs are random, caches cold (buffers rotate over 400 MB), rounds interleaved; medians with quartiles.
 */
import { writeFileSync } from 'node:fs';
import { candidatesFor } from '../dist/candidates/index.js';
import { isCandidate } from '../dist/candidates/candidate.js';
import { PRECISIONS, numbersOf } from '../dist/candidates/precision.js';
import { candidateSubject } from '../dist/tune/timing/subject.js';
import { transformKernel } from '../dist/kernels/transform/index.js';
import { layoutOf, sizeOf } from '../dist/tensor/index.js';
import { measure } from '../dist/tune/timing/measure.js';
import { copySubject, bandwidth } from '../dist/tune/profile/roofs.js';
import { cases } from './cases.js';
import { choice, commandLine, count, deviceName, flag, openDevice, text } from './command-line.js';

const args = commandLine({
  only: text(''),
  dtype: choice(...PRECISIONS),
  rounds: count(7),
  device: deviceName(),
  baselines: flag(),
  json: text(),
  top: count(99),
});
const numbers = numbersOf(args.dtype);
const { storage } = numbers;
const elementBytes = storage === 'f16' ? 2 : 4;
const device = await openDevice(args.device);
const context = { limits: device.limits, features: device.features, ...numbers };
console.log(`${device.description}, ${args.dtype}`);

/** Inputs that are constants in networks: what is prepared of them once is not timed. */
const WEIGHTS = new Set([1, 2]);

/** The subjects of a case: transforms between two layouts, or the candidates of an op. */
function subjectsOf(testCase) {
  if (testCase.transform) {
    const [from, to] = testCase.transform;
    const { dims } = testCase;
    const view = (kind) => ({ dims, layout: layoutOf(kind, dims.length), type: storage });
    const source = transformKernel(view(from), view(to), device.limits);
    const bytes = sizeOf(dims) * elementBytes;
    const subject = { name: source.id, buffers: [bytes, bytes], launches: [{ source, buffers: [0, 1] }] };
    return [{ ...subject, bytes: source.bytes, flops: source.flops }];
  }
  const inputs = testCase.inputs.map((dims) => ({ dtype: 'f32', dims }));
  const types = { inputs, outputs: testCase.op.infer(inputs) };
  // The operator's, whatever the kernels do: one method may make fewer operations of it, another read its input twice.
  const ideals = {
    flops: testCase.op.flops(inputs, types.outputs),
    bytes: [...inputs, ...types.outputs].reduce((sum, { dims }) => sum + sizeOf(dims) * elementBytes, 0),
  };
  return candidatesFor(testCase.op, types, context)
    .filter(isCandidate)
    .filter(({ baseline }) => args.baselines || !baseline)
    .filter(({ alias }) => alias === undefined)
    .map((candidate) => ({ ...candidateSubject(candidate, types, context, WEIGHTS), ...ideals }));
}

const results = [];
const wanted = args.only.split('|');
for (const testCase of cases.filter(({ name }) => wanted.some((part) => name.includes(part)))) {
  try {
    const subjects = subjectsOf(testCase);
    const copy = copySubject(device);
    const [roof, ...measured] = await measure(device, [copy, ...subjects], { rounds: args.rounds });
    const copyRate = bandwidth(copy.launches[0].source.bytes, roof);
    console.log(`\n${testCase.name}: copy ${(copyRate / 1e9).toFixed(0)} GB/s`);
    const rows = measured.map((m, i) => ({ ...m, bytes: subjects[i].bytes, flops: subjects[i].flops }));
    for (const row of rows.sort((a, b) => a.median - b.median).slice(0, args.top)) {
      const rate = bandwidth(row.bytes, row);
      console.log(
        `  ${row.name.padEnd(58)} ${(row.median / 1e3).toFixed(2).padStart(9)} us [${(row.low / 1e3).toFixed(2)}, ${(row.high / 1e3).toFixed(2)}]` +
          ` ${(rate / 1e9).toFixed(0).padStart(5)} GB/s ${((100 * rate) / copyRate).toFixed(1).padStart(6)} % of copy` +
          ` ${(row.flops / row.median / 1e3).toFixed(2).padStart(7)} TFLOP/s`,
      );
      results.push({ case: testCase.name, copyRate, ...row });
    }
  } catch (error) {
    console.log(`\n${testCase.name}: FAILED ${error.stack}`);
  }
}
if (args.json)
  writeFileSync(
    args.json,
    JSON.stringify({ device: device.description, dtype: args.dtype, results }, null, 1),
  );
device.destroy();
