/** A model planned and explained: what the commands that show a plan have in common. */
import { InputError } from '../errors.js';
import { nodePlatform } from '../host/platform.js';
import { assumeDims, cleanText, type ExplainDocument } from '../report/index.js';
import type { PlanBasis } from '../plan/basis.js';
import { DEVICE_NAMES, inspectModel, type DeviceName } from '../session/index.js';
import { UsageError } from './errors.js';
import { openModel, withBatch } from './model-source.js';
import {
  BATCH_ARG,
  DEVICE_ARGS,
  DIMS_ARG,
  PLAN_ARGS,
  batchNumber,
  bindingsFor,
  ordinalOption,
  parseDims,
  planningOptions,
  readPlan,
  type PlanningArgs,
} from './options.js';
import { openProfile } from './profile-source.js';
import type { Terminal } from './terminal.js';

/** Flags behind the model. */
export const EXPLAIN_ARGS = {
  batch: BATCH_ARG,
  dims: DIMS_ARG,
  policy: DEVICE_ARGS.policy,
  dtype: DEVICE_ARGS.dtype,
  device: {
    type: 'enum' as const,
    options: [...DEVICE_NAMES] as DeviceName[],
    description:
      'The GPU to plan for (default: a hardware GPU; where there is none, a device that ships as a profile)',
  },
  ordinal: DEVICE_ARGS.ordinal,
  profile: {
    type: 'string' as const,
    valueHint: 'NAME|FILE',
    description: 'Plan for a device that need not be here: a profile that ships, or a file',
  },
  ...PLAN_ARGS,
  measure: {
    type: 'boolean' as const,
    description: 'Run the network under every policy, and show the times',
  },
};

/** Their values. */
export interface ExplainArgs extends PlanningArgs {
  readonly model: string;
  readonly batch?: string | undefined;
  readonly device?: DeviceName | undefined;
  readonly ordinal?: string | undefined;
  readonly profile?: string | undefined;
  readonly plan?: string | undefined;
  readonly measure?: boolean | undefined;
}

/** A document, and what its plan rests on. */
export interface InspectedModel {
  readonly document: ExplainDocument;
  readonly basis: PlanBasis;
}

/** The document of the model that a command names: see `inspectedModel`. */
export async function explainedModel(
  args: ExplainArgs,
  dims: readonly string[],
  terminal: Terminal,
): Promise<ExplainDocument> {
  return (await inspectedModel(args, dims, terminal)).document;
}

/**
 * Plans the model that a command names.
 * @param dims values of `--dims`
 * @throws UsageError for flags that do not go together; what `inspectModel` throws
 */
export async function inspectedModel(
  args: ExplainArgs,
  dims: readonly string[],
  terminal: Terminal,
): Promise<InspectedModel> {
  const batch = batchNumber(args.batch);
  const parsed = parseDims(dims);
  if (args.profile !== undefined) checkAbsent(args);
  const profile = args.profile === undefined ? {} : await openProfile(args.profile);
  const saved = await readPlan(args.plan);
  terminal.status(`reading ${cleanText(args.model)}`);
  const { model } = await openModel(args.model);
  const given = withBatch(model.inputs, bindingsFor(model.inputs, parsed), batch);
  const { dims: bound, assumed, missing } = assumeDims(model.inputs, given);
  if (missing.length > 0) {
    throw new InputError('the model leaves dimensions open', {
      remedy: `Give --dims ${missing.join(' --dims ')}.`,
    });
  }
  terminal.status(`planning ${cleanText(args.model)}`);
  const { explanation, basis } = await inspectModel(
    model,
    {
      dims: bound,
      ...planningOptions(args),
      ...saved,
      ...profile,
      ...(args.device && { device: args.device }),
      ...ordinalOption(args.ordinal),
      measure: args.measure === true,
      onProgress: ({ what, done, total }) => terminal.status(cleanText(`${done} of ${total}: ${what}`)),
    },
    nodePlatform,
  );
  terminal.done();
  return { document: { command: 'explain', model: args.model, assumed, ...explanation }, basis };
}

/** @throws UsageError for what needs a device, when there is only a profile */
function checkAbsent({ device, measure, tuning }: ExplainArgs): void {
  const flag = device ? '--device' : measure ? '--measure' : undefined;
  const clash = flag ?? (tuning === 'measured' ? '--tuning measured' : undefined);
  if (!clash) return;
  throw new UsageError(
    `${clash} does not go with --profile, for which no device is opened: leave one of them out.`,
  );
}
