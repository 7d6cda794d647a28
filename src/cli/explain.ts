/** `lanewise explain`: how a network would run on a GPU, and why so. */
import { explainLines, formatJson } from '../report/index.js';
import { defineCommand } from './command.js';
import { EXIT_OK } from './errors.js';
import { EXPLAIN_ARGS, explainedModel } from './explained.js';
import { MODEL_ARG } from './model-source.js';
import { writeText } from './output-file.js';

/** For files and other programs: kernels' names stand whole. */
const WIDTH = 160;

export const explain = defineCommand({
  name: 'explain',
  description: 'Show how a model is planned for a GPU: steps, costs, alternatives, findings.',
  args: {
    model: MODEL_ARG,
    ...EXPLAIN_ARGS,
    save: { type: 'string', valueHint: 'FILE', description: 'Write the plan, as JSON, for --plan' },
  },
  repeatable: ['dims'],
  notes: [
    'A first dimension that the model leaves open (the batch) is taken as 1. Expected times come from kernels that ' +
      'were measured on the device, in this or an earlier run, and else from a model over its profile (~).',
  ],
  examples: [
    'lanewise explain models/digits/model.onnx',
    'lanewise explain resnet50 --batch 32 --measure',
    'lanewise explain vgg16 --policy heuristic --profile costs.json --json',
    'lanewise explain model.onnx --tuning measured --save plan.json',
  ],
  run: async ({ args, all, terminal }) => {
    const document = await explainedModel(args, all('dims'), terminal);
    if (args.save !== undefined) await writeText(args.save, `${JSON.stringify(document.plan)}\n`, '--save');
    if (args.json) terminal.out(formatJson(document));
    else for (const line of explainLines(document, terminal.width ?? WIDTH)) terminal.out(line);
    return EXIT_OK;
  },
});
