/** `lanewise explain`: how a network would run on a GPU, and why so. */
import { writeFile } from 'node:fs/promises';
import { InputError, LanewiseError } from '../errors.js';
import { nodePlatform } from '../host/platform.js';
import type { PlanDocument } from '../plan/document.js';
import { assumeDims, cleanText, explainLines, formatJson, type ExplainDocument } from '../report/index.js';
import { explainModel } from '../session/explain.js';
import { DEVICE_NAMES } from '../session/index.js';
import { defineCommand } from './command.js';
import { EXIT_OK, UsageError } from './errors.js';
import { MODEL_ARG, openModel, withBatch } from './model-source.js';
import {
  BATCH_ARG,
  DEVICE_ARGS,
  DIMS_ARG,
  PLAN_ARGS,
  batchNumber,
  bindingsFor,
  parseDims,
  planningOptions,
  readPlan,
} from './options.js';
import { openProfile } from './profile-source.js';

/** For files and other programs: kernels' names stand whole. */
const WIDTH = 160;

export const explain = defineCommand({
  name: 'explain',
  description: 'Show how a model is planned for a GPU: steps, costs, alternatives, findings.',
  args: {
    model: MODEL_ARG,
    batch: BATCH_ARG,
    dims: DIMS_ARG,
    policy: DEVICE_ARGS.policy,
    dtype: DEVICE_ARGS.dtype,
    device: {
      type: 'enum' as const,
      options: [...DEVICE_NAMES],
      description:
        'The GPU to plan for (default: a hardware GPU; where there is none, a device that ships as a profile)',
    },
    profile: {
      type: 'string',
      valueHint: 'NAME|FILE',
      description: 'Plan for a device that need not be here: a profile that ships, or a file',
    },
    ...PLAN_ARGS,
    measure: { type: 'boolean', description: 'Run the network under every policy, and show the times' },
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
    const batch = batchNumber(args.batch);
    const parsed = parseDims(all('dims'));
    if (args.profile !== undefined) checkAbsent(args);
    const profile = args.profile === undefined ? {} : await openProfile(args.profile);
    const saved = await readPlan(args.plan);
    terminal.status(`reading ${cleanText(args.model)}`);
    const { model } = await openModel(args.model);
    const given = withBatch(model.inputs, bindingsFor(model.inputs, parsed), batch);
    const { dims, assumed, missing } = assumeDims(model.inputs, given);
    if (missing.length > 0) {
      throw new InputError('the model leaves dimensions open', {
        remedy: `Give --dims ${missing.join(' --dims ')}.`,
      });
    }
    terminal.status(`planning ${cleanText(args.model)}`);
    const explanation = await explainModel(
      model,
      {
        dims,
        ...planningOptions(args),
        ...saved,
        ...profile,
        ...(args.device && { device: args.device }),
        measure: args.measure === true,
        onProgress: ({ what, done, total }) => terminal.status(cleanText(`${done} of ${total}: ${what}`)),
      },
      nodePlatform,
    );
    terminal.done();
    const document: ExplainDocument = { command: 'explain', model: args.model, assumed, ...explanation };
    if (args.save !== undefined) await save(args.save, document.plan);
    if (args.json) terminal.out(formatJson(document));
    else for (const line of explainLines(document, terminal.width ?? WIDTH)) terminal.out(line);
    return EXIT_OK;
  },
});

/** @throws UsageError for what needs a device, when there is only a profile */
function checkAbsent(args: {
  readonly device?: string | undefined;
  readonly measure?: boolean | undefined;
  readonly tuning?: string | undefined;
}): void {
  const flag = args.device ? '--device' : args.measure ? '--measure' : undefined;
  const clash = flag ?? (args.tuning === 'measured' ? '--tuning measured' : undefined);
  if (!clash) return;
  throw new UsageError(
    `${clash} does not go with --profile, for which no device is opened: leave one of them out.`,
  );
}

async function save(path: string, plan: PlanDocument): Promise<void> {
  try {
    await writeFile(path, `${JSON.stringify(plan)}\n`);
  } catch (cause) {
    throw new LanewiseError(`${path} cannot be written (${(cause as Error).message})`, {
      remedy: 'Choose another file for --save.',
      cause,
    });
  }
}
