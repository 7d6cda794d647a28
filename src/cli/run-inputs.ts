/** From `--input` flags to the runs they ask for. */
import { access } from 'node:fs/promises';
import { basename } from 'node:path';
import { InputError } from '../errors.js';
import { formatPort, type ModelPort } from '../graph/index.js';
import { inputFiles, joinBatch, nameInFile, readInput, type ImageOptions } from '../host/inputs.js';
import { assumeDims } from '../report/index.js';
import { bindDims, type DimBindings, type TensorMap } from '../session/index.js';
import { randomInputs } from '../session/random-inputs.js';

/** One run of the model. */
export interface PlannedRun {
  /** What the run is about, for people: the name of its file. */
  readonly label: string;
  /** The files behind each input, in the order of the batch. */
  readonly files: Readonly<Record<string, readonly string[]>>;
  /** Reads them. */
  load(): Promise<TensorMap>;
}

/**
 * The runs that `--input` values ask for. A model with one input runs once per file (or per batch of files, where
 * its first dimension is fixed beyond 1); one with several inputs runs once, with one file each.
 * @param specs `FILE`, `DIR` or `NAME=FILE`
 * @param bindings what `--dims` fixes
 * @throws InputError for inputs without a file, unknown names and files that fit no input
 */
export async function planRuns(
  ports: readonly ModelPort[],
  specs: readonly string[],
  bindings: DimBindings,
  images: ImageOptions,
): Promise<PlannedRun[]> {
  const bound = ports.map((port) => bindPort(port, bindings));
  if (bound.length === 1) return planBatches(bound[0], specs, images);
  const files = new Map<string, string>();
  for (const spec of specs) {
    const { port, path } = await assign(spec, bound);
    if (files.has(port.name)) {
      throw new InputError(`input "${port.name}" got two files`, {
        remedy: 'A model with several inputs takes one file for each.',
      });
    }
    files.set(port.name, path);
  }
  const missing = bound.filter(({ name }) => !files.has(name));
  if (missing.length > 0) throw withoutFile(missing);
  const label = basename(files.values().next().value ?? 'the model');
  return [
    {
      label,
      files: Object.fromEntries(Array.from(files, ([name, path]) => [name, [path]])),
      load: async () => {
        const tensors = bound.map(async (port): Promise<[string, TensorMap[string]]> => [
          port.name,
          await readInput(files.get(port.name) ?? '', port, images),
        ]);
        return Object.fromEntries(await Promise.all(tensors));
      },
    },
  ];
}

/**
 * A run on random numbers, always the same.
 * @throws InputError for dimensions that are open, the first apart, which is taken as 1
 */
export function randomRun(ports: readonly ModelPort[], bindings: DimBindings): PlannedRun {
  const { dims, missing } = assumeDims(ports, bindings);
  const shapes = bindDims(ports, dims);
  if (!shapes) {
    throw new InputError('random inputs need their shapes', {
      remedy: `Give --dims ${missing.join(' --dims ')}.`,
    });
  }
  const inputs = ports.map(({ name, dtype }) => ({ name, type: { dtype, dims: shapes.get(name) ?? [] } }));
  return {
    label: 'random numbers',
    files: Object.fromEntries(ports.map(({ name }) => [name, []])),
    load: () => Promise.resolve(randomInputs(inputs)),
  };
}

async function planBatches(
  port: ModelPort,
  specs: readonly string[],
  images: ImageOptions,
): Promise<PlannedRun[]> {
  const paths: string[] = [];
  for (const spec of specs) {
    const { path } = await assign(spec, [port]);
    paths.push(...(await inputFiles(path)));
  }
  if (paths.length === 0) throw withoutFile([port]);
  const batches = inBatches(paths, port);
  return batches.map((batch) => ({
    label:
      batch.length === 1 ? basename(batch[0]) : `${basename(batch[0])} ... ${basename(batch.at(-1) ?? '')}`,
    files: { [port.name]: batch },
    load: async () => {
      const tensors = await Promise.all(batch.map((path) => readInput(path, port, images)));
      return { [port.name]: joinBatch(tensors) };
    },
  }));
}

/** Groups of as many files as the first dimension asks for; a single file may hold a batch of its own. */
function inBatches(paths: readonly string[], port: ModelPort): string[][] {
  const first = port.dims?.[0];
  const size = typeof first === 'number' && first > 1 && paths.length > 1 ? first : 1;
  if (paths.length % size !== 0) {
    throw new InputError(`${paths.length} files do not fill batches of ${size} for ${formatPort(port)}`, {
      remedy: `Give a multiple of ${size} files.`,
    });
  }
  return Array.from({ length: paths.length / size }, (_, i) => paths.slice(i * size, (i + 1) * size));
}

/** The input that a flag's value is for, and its path. */
async function assign(spec: string, ports: readonly ModelPort[]): Promise<{ port: ModelPort; path: string }> {
  // Names and paths may both contain "=": an input's name in front of one wins, the longest first.
  const named = ports
    .filter(({ name }) => spec.startsWith(`${name}=`))
    .sort((a, b) => b.name.length - a.name.length)[0];
  if (named) return { port: named, path: spec.slice(named.name.length + 1) };
  if (spec.includes('=') && !(await exists(spec))) {
    throw new InputError(`the model has no input "${spec.slice(0, spec.indexOf('='))}"`, {
      remedy: `It has ${ports.map(formatPort).join('; ') || 'none'}.`,
    });
  }
  if (ports.length === 1) return { port: ports[0], path: spec };
  const inside = ports.length > 1 ? await nameInFile(spec) : undefined;
  const port = ports.find(({ name }) => name === inside);
  if (port) return { port, path: spec };
  throw new InputError(`it is not clear which input ${spec} is for`, {
    remedy:
      ports.length === 0
        ? 'The model has no inputs: leave --input out.'
        : `Write --input NAME=${spec}, with a name of: ${ports.map(formatPort).join('; ')}.`,
  });
}

function withoutFile(ports: readonly ModelPort[]): InputError {
  return new InputError(`no file is given for ${ports.map(formatPort).join('; ')}`, {
    remedy: `Add ${ports.map(({ name }) => (ports.length === 1 ? '--input FILE' : `--input ${name}=FILE`)).join(' ')}.`,
  });
}

/** A port with what the bindings say about its dims in their place. */
function bindPort(port: ModelPort, bindings: DimBindings): ModelPort {
  const given = new Map(Object.entries(bindings));
  const whole = given.get(port.name);
  if (typeof whole === 'object') return { ...port, dims: whole };
  const dims = port.dims?.map((dim) => {
    const value = typeof dim === 'string' ? given.get(dim) : undefined;
    return typeof value === 'number' ? value : dim;
  });
  return { ...port, dims };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
