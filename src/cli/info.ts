/** `lanewise info`: what a model is and needs, without running it. */
import { cleanText, formatJson, infoLines, modelInfo, planInfo } from '../report/index.js';
import { defineCommand } from './command.js';
import { EXIT_OK } from './errors.js';
import { MODEL_ARG, openModel, withBatch } from './model-source.js';
import { BATCH_ARG, DIMS_ARG, batchNumber, bindingsFor, parseDims } from './options.js';

export const info = defineCommand({
  name: 'info',
  description:
    'Describe a model: inputs, outputs, operators, parameters, FLOP, memory, what is not supported.',
  args: { model: MODEL_ARG, batch: BATCH_ARG, dims: DIMS_ARG },
  repeatable: ['dims'],
  notes: [
    'A first dimension that the model leaves open (the batch) is taken as 1; other open dimensions have to be given ' +
      'before FLOP and memory can be told. FLOP counts a multiply-add as two. Weights are described without being ' +
      'made, so that a large model takes no longer than a small one.',
  ],
  examples: [
    'lanewise info model.onnx',
    'lanewise info model.onnx --dims N=8 --dims H=224,W=224 --json',
    'lanewise info resnet50 --batch 32',
  ],
  run: async ({ args, all, terminal }) => {
    const dims = parseDims(all('dims'));
    const batch = batchNumber(args.batch);
    terminal.status(`reading ${cleanText(args.model)}`);
    const { model } = await openModel(args.model);
    const given = withBatch(model.inputs, bindingsFor(model.inputs, dims), batch);
    const described = modelInfo(model, given);
    terminal.status(`planning ${cleanText(args.model)}`);
    const plan = described.graph ? await planInfo(model, given) : null;
    terminal.done();
    if (args.json) terminal.out(formatJson({ command: 'info', path: args.model, ...described, plan }));
    else for (const line of infoLines(described, plan)) terminal.out(line);
    return EXIT_OK;
  },
});
