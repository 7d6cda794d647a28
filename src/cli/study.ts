/** `lanewise study`: the paper's experiments on this machine's GPU, as data and as a page. */
import type { Precision } from '../candidates/precision.js';
import { constants } from 'node:fs';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DeviceError, LanewiseError } from '../errors.js';
import { readBytes } from '../host/files.js';
import { nodePlatform } from '../host/platform.js';
import { studyReport } from '../report/html/index.js';
import { cleanText, formatJson, plural, studyFailures } from '../report/index.js';
import { SharedPlatform, openGpu, type GpuName } from '../session/index.js';
import {
  EXPERIMENTS,
  parsePeers,
  uniteResults,
  parseResults,
  runStudy,
  type ExperimentName,
  type PeerResults,
  type StudyProgress,
  type StudyResults,
} from '../study/index.js';
import { withClock } from './clock.js';
import { defineCommand } from './command.js';
import { EXIT_FAILED, EXIT_OK, UsageError } from './errors.js';
import { DEVICE_ARGS, ordinalOption } from './options.js';
import type { Terminal } from './terminal.js';
import { packageVersion } from './version.js';

const DEVICES = ['webgpu', 'webgpu:software', 'cuda'] as const satisfies readonly GpuName[];
type StudyDevice = (typeof DEVICES)[number];

/** Flags that say what is measured, which nothing is when results are rendered. */
const MEASURING = ['device', 'ordinal', 'dtype', 'experiment', 'quick'] as const;

const RESULTS = 'results.json';
const REPORT = 'report.html';

export const study = defineCommand({
  name: 'study',
  description:
    'Rerun the experiments of the paper on a GPU: layouts, transforms, pooling, softmax, networks.',
  args: {
    out: { type: 'string', valueHint: 'DIR', description: `Where to write ${RESULTS} and ${REPORT}` },
    device: {
      type: 'enum',
      options: [...DEVICES] as StudyDevice[],
      description: 'The GPU (default: webgpu)',
    },
    ordinal: DEVICE_ARGS.ordinal,
    dtype: DEVICE_ARGS.dtype,
    experiment: {
      type: 'string',
      valueHint: 'NAME',
      description: `Only this one of ${EXPERIMENTS.join(', ')} (default: all)`,
    },
    quick: { type: 'boolean', description: 'A part of the layers and sizes, to see that everything runs' },
    render: {
      type: 'string',
      valueHint: 'FILE',
      description: `Measure nothing, and make the report of a ${RESULTS}`,
    },
    peers: {
      type: 'string',
      valueHint: 'FILE',
      description:
        'What `npm run bench:peers -- --json FILE` wrote, one file or several: a section of the report',
    },
  },
  repeatable: ['experiment', 'peers'],
  notes: [
    'A full study takes up to 10 minutes on a large GPU. Where a CPU does the work (webgpu:software) sizes are small, and ' +
      'times mean nothing. Exit code 1 says that a kernel failed or computed something wrong; the files are written all the same.',
  ],
  examples: [
    'lanewise study --out study',
    'lanewise study --device cuda --dtype f16 --experiment convolution --experiment networks --out study',
    'lanewise study --render study/results.json --peers peers.json --out study',
  ],
  run: async ({ args, all, terminal }) => {
    const { out, render } = args;
    if (out === undefined) {
      throw new UsageError('--out is missing: give the folder to write to. See --help.');
    }
    const idle = render === undefined ? undefined : MEASURING.find((flag) => all(flag).length > 0);
    if (idle !== undefined) {
      throw new UsageError(`--render takes no --${idle}: it measures nothing. Leave it out.`);
    }
    const experiments = experimentsOf(all('experiment'));
    // Read and made before anything is measured, so that a wrong path is told at once.
    const peers = await readPeers(all('peers'));
    await makeFolder(out);
    const folder: Folder = { out, peers };
    const results =
      render === undefined
        ? await measure(folder, terminal, { ...args, experiments })
        : parseResults(await readText(render), render);
    await writeReport(folder, results);
    const failures = studyFailures(results);
    const files = [RESULTS, REPORT].slice(render === undefined ? 0 : 1).map((name) => join(out, name));
    if (args.json) {
      terminal.out(formatJson({ command: 'study', files, seconds: results.seconds, failures }));
    } else {
      for (const file of files) terminal.out(`written: ${cleanText(file)}`);
      for (const failure of failures) terminal.note(cleanText(failure));
      if (failures.length > 0) terminal.note(`${plural(failures.length, 'failure')}, also in the report`);
    }
    return failures.length > 0 ? EXIT_FAILED : EXIT_OK;
  },
});

/** Where files go, and what they hold besides the results. */
interface Folder {
  readonly out: string;
  readonly peers: PeerResults | undefined;
}

/** @throws UsageError for a name that is none */
function experimentsOf(given: readonly string[]): readonly ExperimentName[] {
  if (given.length === 0) return EXPERIMENTS;
  const names = given.flatMap((text) => text.split(',')).map((name) => name.trim());
  const wrong = names.find((name) => !EXPERIMENTS.some((one) => one === name));
  if (wrong !== undefined) {
    throw new UsageError(`--experiment is "${wrong}": the experiments are ${EXPERIMENTS.join(', ')}.`);
  }
  return EXPERIMENTS.filter((name) => names.includes(name));
}

interface MeasureArgs {
  readonly device?: StudyDevice | undefined;
  readonly ordinal?: string | undefined;
  readonly dtype?: Precision | undefined;
  readonly quick?: boolean | undefined;
  readonly experiments: readonly ExperimentName[];
}

/** Runs the experiments. What is there after each is written, so that little is lost if a later one fails. */
async function measure(folder: Folder, terminal: Terminal, args: MeasureArgs): Promise<StudyResults> {
  const { device = 'webgpu', ordinal, dtype = 'f32', quick = false, experiments } = args;
  if (ordinal !== undefined && device !== 'cuda') {
    throw new UsageError('--ordinal is of CUDA devices: give --device cuda too, or leave it out.');
  }
  const platform = new SharedPlatform(nodePlatform);
  try {
    const lack = device === 'webgpu' ? platform.lacksGpu() : undefined;
    if (lack !== undefined) {
      throw new DeviceError(`there is no GPU here: ${lack}`, {
        remedy: 'Give --device webgpu:software to see that everything runs.',
      });
    }
    const { gpu } = await openGpu(platform, device, ordinalOption(ordinal).ordinal);
    return await withClock(terminal, (say) =>
      runStudy(gpu, platform.costs, {
        experiments,
        dtype,
        quick,
        command: commandOf({ device, dtype, quick, experiments }),
        versions: versions(),
        onProgress: (progress) => {
          say(cleanText(progressText(progress)));
        },
        onPart: (results) => write(join(folder.out, RESULTS), `${JSON.stringify(results)}\n`),
      }),
    );
  } finally {
    await platform.close();
  }
}

function progressText({ experiment, what, share, secondsLeft }: StudyProgress): string {
  const left = secondsLeft < 90 ? `${Math.ceil(secondsLeft)} s` : `${Math.round(secondsLeft / 60)} min`;
  return `${Math.floor(100 * share)} %, about ${left} left  ${experiment}: ${what}`;
}

/** The command line that runs this again. */
function commandOf({
  device,
  dtype,
  quick,
  experiments,
}: Required<Pick<MeasureArgs, 'experiments'>> & {
  readonly device: string;
  readonly dtype: string;
  readonly quick: boolean;
}): string {
  const some = experiments.length === EXPERIMENTS.length ? [] : experiments;
  return [
    'lanewise study',
    `--device ${device}`,
    `--dtype ${dtype}`,
    ...some.map((name) => `--experiment ${name}`),
    ...(quick ? ['--quick'] : []),
    '--out DIR',
  ].join(' ');
}

function versions(): Record<string, string> {
  return { lanewise: packageVersion(), node: process.version, system: `${process.platform} ${process.arch}` };
}

async function readText(path: string): Promise<string> {
  return new TextDecoder().decode(await readBytes(path));
}

async function readPeers(paths: readonly string[]): Promise<PeerResults | undefined> {
  return uniteResults(await Promise.all(paths.map(async (path) => parsePeers(await readText(path), path))));
}

async function makeFolder(path: string): Promise<void> {
  await onDisk(path, async () => {
    await mkdir(path, { recursive: true });
    await access(path, constants.W_OK);
  });
}

async function writeReport({ out, peers }: Folder, results: StudyResults): Promise<void> {
  await write(join(out, REPORT), studyReport(results, peers));
}

async function write(path: string, text: string): Promise<void> {
  await onDisk(path, () => writeFile(path, text));
}

async function onDisk(path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    throw new LanewiseError(`${path} cannot be written (${(cause as Error).message})`, {
      remedy: 'Choose another folder for --out.',
      cause,
    });
  }
}
