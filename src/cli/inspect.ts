/** `lanewise inspect`: the inspector page on a local port, with a model or a document. */
import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { LanewiseError } from '../errors.js';
import { pathBeside, readBytes } from '../host/files.js';
import { serveFolder, type StaticServer, type StaticServerOptions } from '../host/static-server.js';
import { isNetworkName, NETWORK_NAMES } from '../networks/index.js';
import { externalFiles } from '../onnx/index.js';
import { cleanText, formatJson } from '../report/index.js';
import { defineCommand } from './command.js';
import { EXIT_OK, UsageError } from './errors.js';
import { EXPLAIN_ARGS, inspectedModel, type ExplainArgs } from './explained.js';
import { batchNumber, wholeNumber } from './options.js';
import type { Terminal } from './terminal.js';
import { packageFolder } from './version.js';

/** Flags that say how the command line is to plan; without them the page plans for its own GPU. */
const PLANNING = [
  'device',
  'ordinal',
  'profile',
  'policy',
  'dtype',
  'tuning',
  'effort',
  'plan',
  'measure',
  'dims',
] as const;

export const inspect = defineCommand({
  name: 'inspect',
  description:
    'Open the inspector, a page on this machine: where a network’s memory traffic goes, and what if.',
  args: {
    model: {
      type: 'positional',
      required: false,
      valueHint: 'MODEL',
      description: `A model file (.onnx), a plan, profile or document as JSON, or a network by name: ${NETWORK_NAMES.join(', ')}`,
    },
    open: { type: 'boolean', description: 'Open a browser (the default)' },
    'no-open': { type: 'boolean', description: 'Only print the address' },
    port: { type: 'string', valueHint: 'PORT', description: 'The port (default: a free one)' },
    app: { type: 'string', valueHint: 'FOLDER', description: 'Another build of the page' },
    ...EXPLAIN_ARGS,
  },
  repeatable: ['dims'],
  notes: [
    'The page plans and runs the model in the browser, on its WebGPU. With any flag that says how to plan (--device, --profile, ' +
      '--measure and so on) the command line plans, on its own devices; the page shows the result, and answers "what if" on the ' +
      'costs that were measured there.',
    'JSON is what `lanewise explain MODEL --json` prints, a plan that `--save` wrote (without its reasons), or a device’s profile: ' +
      'a file for --profile, or what `lanewise tune --export` writes.',
    'Only this machine can reach the address. The page loads nothing from elsewhere, and sends nothing.',
  ],
  examples: [
    'lanewise inspect',
    'lanewise inspect resnet50 --batch 8',
    'lanewise inspect model.onnx --no-open',
    'lanewise inspect resnet50 --batch 8 --device cuda --measure',
  ],
  run: async ({ args, all, terminal }) => {
    // As they were written: the parser takes --no-open for a denial of --open.
    const stays = all('no-open').length > 0;
    if (stays && all('open').length > 0) {
      throw new UsageError('--open does not go with --no-open: give one of them.');
    }
    const folder = appFolder(args.app);
    const port = args.port === undefined ? 0 : wholeNumber('port', args.port);
    if (port > 65_535) throw new UsageError(`--port is ${port}: give a number up to 65535.`);
    const { model } = args;
    const plans = PLANNING.some((flag) =>
      flag === 'dims' ? all('dims').length > 0 : args[flag] !== undefined,
    );
    const input = await inputOf(model, { ...args, model: model ?? '' }, all('dims'), plans, terminal);
    const server = await serveFolder({ folder, port, files: input.files });
    const url = server.url + input.fragment;
    if (args.json) terminal.out(formatJson({ command: 'inspect', url }));
    else terminal.out(`The inspector is at ${url} (Ctrl-C ends it).`);
    if (!stays) openBrowser(url, terminal);
    await untilStopped(server);
    return EXIT_OK;
  },
});

type StaticFiles = NonNullable<StaticServerOptions['files']>;

interface PageInput {
  readonly files: StaticFiles;
  /** Of the address: what the page opens. */
  readonly fragment: string;
}

/** What the page is to open, and the files for it. */
async function inputOf(
  model: string | undefined,
  args: ExplainArgs,
  dims: readonly string[],
  plans: boolean,
  terminal: Terminal,
): Promise<PageInput> {
  if (model === undefined) {
    if (plans || args.batch !== undefined)
      throw new UsageError('there is nothing to plan: give a model or a network.');
    return { files: {}, fragment: '' };
  }
  const isFile = statSync(model, { throwIfNoEntry: false })?.isFile() ?? false;
  const name = basename(model);
  if (isFile && /\.json$/i.test(model)) {
    const body = await readBytes(model);
    return {
      files: { '/input/document.json': { body } },
      fragment: fragment({ document: 'input/document.json', name }),
    };
  }
  if (plans) {
    const { document, basis } = await inspectedModel(args, dims, terminal);
    // With the basis the page answers "what if" for this machine's devices, given the model: networks by name it makes itself.
    const body = JSON.stringify({ ...document, basis });
    return {
      files: { '/input/document.json': { body }, ...(isFile && (await modelFiles(model))) },
      fragment: fragment({
        document: 'input/document.json',
        name,
        ...(isFile && { model: 'input/model.onnx' }),
      }),
    };
  }
  const batch = batchNumber(args.batch);
  const size = batch === undefined ? {} : { batch: String(batch) };
  if (!isFile && isNetworkName(model)) return { files: {}, fragment: fragment({ network: model, ...size }) };
  if (!isFile) {
    throw new UsageError(
      `there is no file and no network "${model}": give a model file, or one of ${NETWORK_NAMES.join(', ')}.`,
    );
  }
  const files = await modelFiles(model);
  return { files, fragment: fragment({ model: 'input/model.onnx', name, ...size }) };
}

/**
 * A model's file, and the files of its weights where these lie beside it.
 * @throws FormatError for what is no model; ExternalDataError for files that are not there
 */
async function modelFiles(model: string): Promise<StaticFiles> {
  const files: Record<string, StaticFiles[string]> = { '/input/model.onnx': { path: model } };
  const names = await readBytes(model)
    .then(externalFiles)
    .catch((error: unknown) => {
      throw error instanceof LanewiseError ? error.in(model) : error;
    });
  for (const name of names) {
    // As the page asks for it: without `./` and the like.
    const { pathname } = new URL(
      name.split('/').map(encodeURIComponent).join('/'),
      'http://page/input/data/',
    );
    files[decodeURIComponent(pathname)] = { path: await pathBeside(model, name) };
  }
  return files;
}

function fragment(values: Readonly<Record<string, string>>): string {
  return `#${new URLSearchParams(values).toString()}`;
}

/** The built page. @throws LanewiseError where it has not been built */
function appFolder(given: string | undefined): string {
  const folder = given ?? join(packageFolder(), 'dist/app');
  if (existsSync(join(folder, 'index.html'))) return folder;
  throw new LanewiseError(`the inspector page is not in ${folder}`, {
    remedy: given === undefined ? 'Build it: npm run build.' : 'Give the folder of its index.html.',
  });
}

/** A browser, where the system knows one. Failing to open it is no failure: the address stands above. */
function openBrowser(url: string, terminal: Terminal): void {
  const [command, ...args] =
    process.platform === 'darwin'
      ? ['open', url]
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler', url]
        : ['xdg-open', url];
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  child.on('error', () => {
    terminal.note(`No browser could be opened (${cleanText(command)} is not there): open the address above.`);
  });
  child.unref();
}

/** Serves until the program is asked to end. */
async function untilStopped(server: StaticServer): Promise<void> {
  const stop = (): void => {
    void server.close();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  await server.closed;
  process.off('SIGINT', stop);
  process.off('SIGTERM', stop);
}
