/** `lanewise run`: runs a model on files. */
import { CHANNELS } from '../host/pixels.js';
import {
  cleanText,
  formatJson,
  layerLegend,
  layerReports,
  layerTable,
  type RunDocument,
} from '../report/index.js';
import type { Progress } from '../devices/device.js';
import { createSession } from '../session/index.js';
import { nodePlatform } from '../host/platform.js';
import { defineCommand } from './command.js';
import { EXIT_OK } from './errors.js';
import { readLabels } from './labels.js';
import { MODEL_ARG, openModel, withBatch } from './model-source.js';
import {
  BATCH_ARG,
  DEVICE_ARGS,
  DIMS_ARG,
  PLAN_ARGS,
  batchNumber,
  bindingsFor,
  deviceOptions,
  numberList,
  parseDims,
  readPlan,
  realNumber,
  wholeNumber,
} from './options.js';
import { planRuns, randomRun } from './run-inputs.js';
import { OutputFolder } from './run-outputs.js';
import { Runner } from './runner.js';

export const run = defineCommand({
  name: 'run',
  description: 'Run a model on images, .npy arrays or .pb tensors, and print its answers.',
  args: {
    model: MODEL_ARG,
    input: {
      type: 'string',
      valueHint: '[NAME=]FILE|DIR',
      description:
        'PNG, JPEG or WebP image, .npy array or ONNX .pb tensor; a model with one input takes any number of files and ' +
        'folders, and runs once for each file',
    },
    ...DEVICE_ARGS,
    ...PLAN_ARGS,
    top: {
      type: 'string',
      valueHint: 'K',
      default: '5',
      description: 'Print the K best classes per image, when the last output looks like class scores',
    },
    labels: { type: 'string', valueHint: 'FILE', description: 'Names of the classes, one per line' },
    output: { type: 'string', valueHint: 'DIR', description: 'Write every output as .npy' },
    profile: { type: 'boolean', description: 'Print the per-layer table: bytes, FLOP, time' },
    batch: BATCH_ARG,
    dims: DIMS_ARG,
    channels: {
      type: 'enum',
      options: [...CHANNELS],
      description: "Images' channel order (default: by the model, grey for 1 channel and rgb for 3)",
    },
    scale: {
      type: 'string',
      valueHint: 'S',
      description: 'Images: element = (pixel * scale - mean) / std (default: 1/255; 1 for integer inputs)',
    },
    mean: {
      type: 'string',
      valueHint: 'M[,M,M]',
      description: 'Images: one for all or one per channel (default: 0)',
    },
    std: {
      type: 'string',
      valueHint: 'S[,S,S]',
      description: 'Images: one for all or one per channel (default: 1)',
    },
  },
  repeatable: ['input', 'dims'],
  notes: [
    "Images are for inputs NxCxHxW. They are stretched to the input's height and width, or keep their own where the " +
      'model leaves these open. Where N is more than 1, so many files form a batch. Other open dimensions come from the ' +
      'input file.',
    'A network by name has random weights, always the same, and without --input runs on random numbers.',
    'Answers are the elements of the last output: in percent where they are probabilities, else as they are.',
    'Element types that NumPy lacks are widened in .npy files without loss (bf16 to float32, int4 to int8).',
  ],
  examples: [
    'lanewise run models/digits/model.onnx --input models/digits/samples --top 3 --profile',
    'lanewise run resnet50.onnx --input cat.jpg --labels imagenet.txt \\',
    '  --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225',
    'lanewise run model.onnx --input image=x.npy --input mask=m.pb --output out --json',
    'lanewise run resnet50 --batch 32 --policy nhwc --profile',
  ],
  run: async ({ args, all, terminal }) => {
    const top = wholeNumber('top', args.top);
    const parsedDims = parseDims(all('dims'));
    const batch = batchNumber(args.batch);
    const images = {
      channels: args.channels,
      scale: args.scale === undefined ? undefined : realNumber('scale', args.scale),
      mean: numberList('mean', args.mean),
      std: numberList('std', args.std),
    };
    const labels = args.labels === undefined ? [] : await readLabels(args.labels);
    const saved = await readPlan(args.plan);
    terminal.status(`reading ${cleanText(args.model)}`);
    const { model, isNetwork } = await openModel(args.model);
    const dims = withBatch(model.inputs, bindingsFor(model.inputs, parsedDims), batch);
    const isRandom = isNetwork && all('input').length === 0;
    const plan = isRandom
      ? [randomRun(model.inputs, dims)]
      : await planRuns(model.inputs, all('input'), dims, images);
    if (isRandom && !args.json)
      terminal.out(`no --input: ${args.model} runs on random numbers, always the same`);
    const options = {
      ...deviceOptions(args),
      ...saved,
      dims,
      onProgress: ({ what, done, total }: Progress) =>
        terminal.status(cleanText(`${done} of ${total}: ${what}`)),
    };
    const session = await createSession(model, options, nodePlatform);
    try {
      const runner = new Runner(session, plan, terminal, {
        top,
        labels,
        profile: args.profile === true,
        folder: args.output === undefined ? undefined : new OutputFolder(args.output),
        quiet: args.json === true,
      });
      const { entries, steps } = await runner.runAll();
      for (const note of session.notes) terminal.note(cleanText(note));
      const layers = args.profile ? layerReports(steps) : null;
      if (args.json) {
        const { kind, description } = session.device;
        const document: RunDocument = {
          command: 'run',
          model: { path: args.model, name: model.name },
          device: { kind, description, reason: session.deviceReason },
          runs: entries,
          layers,
        };
        terminal.out(formatJson(document));
      } else if (layers) {
        terminal.out('');
        for (const line of [...layerTable(layers), layerLegend(steps.length)]) terminal.out(line);
        terminal.out(`device: ${session.device.description}; ${cleanText(session.deviceReason)}`);
      }
      return EXIT_OK;
    } finally {
      await session.dispose();
    }
  },
});
