/** `lanewise tune`: measures a device, and the layers of networks on it; keeps, forgets and exchanges what was measured. */
import { checkPrecision, type Precision } from '../candidates/precision.js';
import { writeFile } from 'node:fs/promises';
import { DeviceError, InputError, LanewiseError, PlanError } from '../errors.js';
import type { Graph } from '../graph/index.js';
import { readBytes } from '../host/files.js';
import { nodePlatform } from '../host/platform.js';
import { EFFORTS, type Effort } from '../plan/costs/measure-costs.js';
import { targetOf } from '../plan/planner.js';
import {
  assumeDims,
  cleanText,
  formatJson,
  storeLine,
  tuneLines,
  type StoreReport,
  type TuneReport,
} from '../report/index.js';
import { graphOf } from '../session/explain.js';
import { SharedPlatform, openGpu, type GpuName, type Platform } from '../session/index.js';
import type { GpuDevice } from '../devices/gpu.js';
import {
  exportCosts,
  formatCostFile,
  importCosts,
  parseCostFile,
  type CostDocument,
} from '../tune/store/cost-file.js';
import { identityKey } from '../tune/store/cost-key.js';
import type { DeviceProfile } from '../tune/profile/profile.js';
import { tuneDevice } from '../tune/profile/tune-device.js';
import { withClock } from './clock.js';
import { defineCommand } from './command.js';
import { EXIT_OK, UsageError } from './errors.js';
import { openModel, withBatch } from './model-source.js';
import {
  BATCH_ARG,
  DEVICE_ARGS,
  DIMS_ARG,
  batchNumber,
  bindingsFor,
  ordinalOption,
  parseDims,
} from './options.js';
import type { Terminal } from './terminal.js';
import { tuneNetworks, type NetworkToTune } from './tune-networks.js';

const DEVICES = ['webgpu', 'webgpu:software', 'cuda'] as const satisfies readonly GpuName[];
type TunableDevice = (typeof DEVICES)[number];

export const tune = defineCommand({
  name: 'tune',
  description: 'Measure a GPU, and the layers of networks on it, so that plans rest on measured costs.',
  args: {
    model: {
      type: 'positional',
      required: false,
      valueHint: '[MODEL|NETWORK]',
      description: 'Model files, or networks by name, whose layers are measured too',
    },
    device: {
      type: 'enum',
      options: [...DEVICES] as TunableDevice[],
      description: 'The GPU: webgpu when left out; with --clear and --export all devices when left out',
    },
    ordinal: DEVICE_ARGS.ordinal,
    batch: BATCH_ARG,
    dims: DIMS_ARG,
    dtype: DEVICE_ARGS.dtype,
    effort: {
      type: 'enum',
      options: [...EFFORTS] as Effort[],
      default: 'normal',
      description: 'How much is measured: low takes fewest, high every kernel that could run a layer',
    },
    clear: { type: 'boolean', description: 'Measure nothing, and forget what was measured' },
    export: {
      type: 'string',
      valueHint: 'FILE',
      description: 'Measure nothing, and write all that is known',
    },
    import: {
      type: 'string',
      valueHint: 'FILE',
      description: 'Measure nothing, and take in what FILE knows',
    },
  },
  variadic: true,
  repeatable: ['dims'],
  notes: [
    'Roofs (bandwidth, arithmetic, launches) and the two thresholds of the heuristic policy are measured once, and ' +
      'again by `lanewise tune` without a model. Costs hold for one device, driver and kernel text: one that no ' +
      'longer fits is never used. All is kept in the folder for caches, or in $LANEWISE_CACHE.',
  ],
  examples: [
    'lanewise tune',
    'lanewise tune resnet50 model.onnx --batch 32',
    'lanewise tune --export costs.json',
    'lanewise tune --clear --device webgpu',
  ],
  run: async ({ args, all, positionals, terminal }) => {
    const action = actionOf(args, positionals.length > 0);
    refuseIdle(action, positionals.length > 0, all);
    const platform = new SharedPlatform(nodePlatform);
    try {
      if (action) {
        const report = await carryOut(action, args, platform);
        if (args.json) terminal.out(formatJson({ command: 'tune', ...report }));
        else terminal.out(storeLine(report));
        return EXIT_OK;
      }
      const shapes = { dims: parseDims(all('dims')), batch: batchNumber(args.batch) };
      // Read before anything is measured, so that a wrong path is told at once.
      const networks: NetworkToTune[] = [];
      for (const name of positionals) {
        terminal.status(`reading ${cleanText(name)}`);
        networks.push({ name, graph: await readGraph(name, shapes) });
      }
      const { device = 'webgpu', ordinal, dtype = 'f32', effort } = args;
      const report = await tuneAll(platform, { device, ordinal, networks, dtype, effort, terminal });
      if (args.json) terminal.out(formatJson({ command: 'tune', ...report }));
      else for (const line of tuneLines(report)) terminal.out(line);
      return EXIT_OK;
    } finally {
      await platform.close();
    }
  },
});

/** What is to be done with the store instead of measuring. */
type StoreAction =
  { readonly action: 'clear' } | { readonly action: 'export' | 'import'; readonly file: string };

/** @throws UsageError for several at once, or for one together with models */
function actionOf(
  args: {
    readonly clear?: boolean | undefined;
    readonly export?: string | undefined;
    readonly import?: string | undefined;
    readonly device?: string | undefined;
  },
  hasModels: boolean,
): StoreAction | undefined {
  const actions: StoreAction[] = [];
  if (args.clear) actions.push({ action: 'clear' });
  if (args.export !== undefined) actions.push({ action: 'export', file: args.export });
  if (args.import !== undefined) actions.push({ action: 'import', file: args.import });
  const [first, second] = actions;
  if (second) {
    throw new UsageError(
      `--${first.action} and --${second.action} do not go together: run one after the other.`,
    );
  }
  if (first && hasModels) {
    throw new UsageError(
      `--${first.action} takes no model: it measures nothing. Run \`lanewise tune MODEL\` apart.`,
    );
  }
  if (first?.action === 'import' && args.device !== undefined) {
    throw new UsageError('--import takes no --device: the file says which devices it is of.');
  }
  return first;
}

/** Flags that say how something is measured, those of models first. */
const HOW = ['batch', 'dims', 'dtype', 'effort'] as const;

/** @throws UsageError for flags that would be passed over: with the store's actions, or shapes without a model */
function refuseIdle(
  action: StoreAction | undefined,
  hasModels: boolean,
  all: (flag: (typeof HOW)[number]) => readonly string[],
): void {
  const idle = HOW.find((flag) => all(flag).length > 0);
  if (idle === undefined) return;
  if (action) {
    throw new UsageError(`--${action.action} takes no --${idle}: it measures nothing. Leave it out.`);
  }
  if (!hasModels && (idle === 'batch' || idle === 'dims')) {
    throw new UsageError(`--${idle} is of models, and none is given: \`lanewise tune MODEL --${idle} ...\`.`);
  }
}

/**
 * The graph of a model file, or of a network by name.
 * @throws InputError for dims that the model does not have, that contradict it, or that are missing; errors of the file
 */
async function readGraph(
  source: string,
  { dims, batch }: { readonly dims: ReturnType<typeof parseDims>; readonly batch: number | undefined },
): Promise<Graph> {
  const { model } = await openModel(source);
  const given = withBatch(model.inputs, bindingsFor(model.inputs, dims), batch);
  const { dims: bound, missing } = assumeDims(model.inputs, given);
  if (missing.length === 0) return graphOf(model, bound);
  throw new InputError('the model leaves dimensions open', {
    remedy: `Give --dims ${missing.join(' --dims ')}.`,
  }).in(source);
}

async function carryOut(
  action: StoreAction,
  { device, ordinal }: { readonly [K in keyof TuneDevice]?: TuneDevice[K] | undefined },
  platform: SharedPlatform,
): Promise<StoreReport> {
  const store = platform.costs;
  if (action.action === 'import') {
    const text = new TextDecoder().decode(await readBytes(action.file));
    const document = parseCostFile(text, action.file);
    await importCosts(store, document);
    return { ...action, ...sizeOfDocument(document) };
  }
  const identity = device && (await openHere(platform, { device, ordinal })).identity;
  if (action.action === 'clear') return { ...action, file: null, ...(await store.clear(identity)) };
  const wanted = identity && identityKey(identity);
  const document = await exportCosts(store, (other) => !wanted || identityKey(other) === wanted);
  if (document.devices.length === 0) {
    throw new PlanError(`nothing is known of ${device ? 'this device' : 'any device'}`, {
      remedy: 'Run `lanewise tune` first.',
    });
  }
  await write(action.file, formatCostFile(document));
  return { ...action, ...sizeOfDocument(document) };
}

function sizeOfDocument({ devices }: CostDocument): { devices: number; costs: number } {
  return { devices: devices.length, costs: devices.reduce((sum, { costs }) => sum + costs.length, 0) };
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (cause) {
    throw new LanewiseError(`${path} cannot be written (${(cause as Error).message})`, {
      remedy: 'Choose another file for --export.',
      cause,
    });
  }
}

/** Which device. */
interface TuneDevice {
  readonly device: TunableDevice;
  readonly ordinal?: string | undefined;
}

/** A device of the platform's. @throws DeviceError when there is no such device */
async function openHere(platform: Platform, { device, ordinal }: TuneDevice): Promise<GpuDevice> {
  const lack = device === 'webgpu' ? platform.lacksGpu?.() : undefined;
  if (lack !== undefined) {
    throw new DeviceError(`there is no GPU here: ${lack}`, {
      remedy: 'Tune on a machine with one, and bring its costs here with --export and --import.',
    });
  }
  return (await openGpu(platform, device, ordinalOption(ordinal).ordinal)).gpu;
}

interface TuneAllOptions extends TuneDevice {
  readonly networks: readonly NetworkToTune[];
  readonly dtype: Precision;
  readonly effort: Effort;
  readonly terminal: Terminal;
}

/** Measures the device, if that was asked for or was not done before, and then the networks. */
async function tuneAll(platform: SharedPlatform, options: TuneAllOptions): Promise<TuneReport> {
  const { networks, dtype, effort, terminal } = options;
  const store = platform.costs;
  const gpu = await openHere(platform, options);
  const { identity, kind, description, software } = gpu;
  checkPrecision(dtype, gpu.features, description, '--dtype f32');
  const known = (await store.load(identity)).profile;
  const kept = networks.length > 0 ? known : undefined;
  const profile = kept ?? (await tuneOnce(gpu, known, options));
  if (!kept) await store.save(identity, { profile });
  const failures = new Set<string>();
  const tuned = await withClock(terminal, (say) =>
    tuneNetworks({
      target: targetOf(gpu),
      store,
      profile,
      networks,
      dtype,
      effort,
      onProgress: (text) => say(cleanText(text)),
      onFailure: (id, { message }) => failures.add(`${id} was left out: ${message}`),
    }),
  );
  for (const failure of failures) terminal.note(cleanText(failure));
  const { costs } = await store.load(identity);
  return {
    device: { kind, description, software },
    profile: tuned.profile,
    fresh: kept === undefined,
    networks: tuned.networks,
    costs: costs.size,
  };
}

/** @param known the device's profile so far: what it knows of kernels that the sweep does not measure stays */
async function tuneOnce(
  gpu: GpuDevice,
  known: DeviceProfile | undefined,
  { effort, terminal }: TuneAllOptions,
): Promise<DeviceProfile> {
  const failures: string[] = [];
  const profile = await withClock(terminal, (say) =>
    tuneDevice(gpu, {
      quick: effort === 'low',
      onProgress: ({ what, done, total }) => say(cleanText(`${what}: ${done} of ${total}`)),
      onFailure: (id, { message }) => failures.push(`${id} was left out: ${message}`),
    }),
  );
  for (const failure of failures) terminal.note(cleanText(failure));
  return { ...profile, slowdowns: { ...known?.slowdowns, ...profile.slowdowns } };
}
