/**
 * The demo: classifies handwritten digits with the trained network in models/digits, through the package's own
 * API. Run it with `npm run demo`, which builds first.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createSession, loadModel } from '../dist/node.js';
import { inputFiles, readInput } from '../dist/host/inputs.js';
import {
  answerLines,
  bestAnswers,
  layerLegend,
  layerReports,
  layerTable,
  modelInfo,
} from '../dist/report/index.js';
import { formatBytes, formatCount, formatFlops, formatMilliseconds } from '../dist/report/index.js';
import { basename } from 'node:path';

const folder = fileURLToPath(new URL('../models/digits', import.meta.url));
const labels = (await readFile(`${folder}/labels.txt`, 'utf8')).trim().split('\n');
const truth = JSON.parse(await readFile(`${folder}/samples/labels.json`, 'utf8'));

const model = await loadModel(`${folder}/model.onnx`);
const session = await createSession(model);
const { parameters, weightBytes, flops } = modelInfo(model).graph;
console.log(`Handwritten digits, read by a LeNet of ${formatCount(parameters)} parameters`);
console.log(
  `(${formatBytes(weightBytes)}, ${formatFlops(flops)}FLOP per image) on the ${session.device.description}.\n`,
);

const files = await inputFiles(`${folder}/samples`);
const steps = [];
let right = 0;
for (const file of files) {
  const image = await readInput(file, model.inputs[0], {});
  const start = performance.now();
  const profile = await session.profile({ image });
  const time = `${formatMilliseconds(performance.now() - start).padStart(6)} ms`;
  steps.push(profile.steps);
  const [answers] = bestAnswers(profile.outputs.probabilities, 3, labels);
  const isRight = answers.best[0].class === truth[basename(file)];
  if (isRight) right++;
  const [line] = answerLines(basename(file), time, answers);
  console.log(`${line}   ${isRight ? 'right' : `wrong: it shows a ${truth[basename(file)]}`}`);
}

console.log('\nWhere the time went, layer by layer:\n');
for (const line of layerTable(layerReports(steps))) console.log(line);
console.log(`${layerLegend(steps.length)}\n`);
console.log(`${right} of ${files.length} digits right. Next: npx lanewise run --help`);
await session.dispose();
