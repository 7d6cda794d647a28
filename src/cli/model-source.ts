/** Models as commands take them: a file, or a network by name. */
import { statSync } from 'node:fs';
import { InputError } from '../errors.js';
import { formatPort, type Model, type ModelPort } from '../graph/index.js';
import { NETWORK_NAMES, isNetworkName, network } from '../networks/index.js';
import { loadModel } from '../node.js';
import type { DimBindings } from '../session/index.js';
import { UsageError } from './errors.js';

/** The argument, as every command that takes a model has it. */
export const MODEL_ARG = {
  type: 'positional',
  required: true,
  valueHint: 'MODEL',
  description: `A model file (.onnx), or a network by name: ${NETWORK_NAMES.join(', ')}`,
} as const;

export interface OpenedModel {
  readonly model: Model;
  /** Whether it is one of the networks by name, whose weights are random. */
  readonly isNetwork: boolean;
}

/**
 * A model by its file's path, or a network by its name; where both are there, the file.
 * @throws UsageError for a name that is neither; errors of the file
 */
export async function openModel(source: string): Promise<OpenedModel> {
  const isFile = statSync(source, { throwIfNoEntry: false })?.isFile() ?? false;
  if (!isFile && isNetworkName(source)) return { model: network(source), isNetwork: true };
  if (!isFile && /^[\w-]+$/.test(source)) {
    throw new UsageError(
      `there is no file and no network "${source}": give a model file, or one of ${NETWORK_NAMES.join(', ')}.`,
    );
  }
  return { model: await loadModel(source), isNetwork: false };
}

/**
 * Bindings with the batch as the first dimension of every input that leaves it open.
 * @throws InputError where no input does
 */
export function withBatch(
  ports: readonly ModelPort[],
  given: DimBindings,
  batch: number | undefined,
): DimBindings {
  if (batch === undefined) return given;
  const bindings = new Map(Object.entries(given));
  const fits = ports.map(({ name, dims }) => {
    const [first, ...rest] = dims ?? [];
    const whole = given[name];
    if (typeof whole === 'object') return whole[0] === batch;
    if (typeof first === 'string') {
      if (bindings.get(first) === undefined) bindings.set(first, batch);
      return bindings.get(first) === batch;
    }
    if (first === null && rest.every((dim) => typeof dim === 'number')) {
      bindings.set(name, [batch, ...rest]);
      return true;
    }
    return first === batch;
  });
  if (fits.includes(true)) return Object.fromEntries(bindings);
  throw new InputError(`no input's first dimension can be ${batch}`, {
    remedy: `The model has ${ports.map(formatPort).join('; ') || 'no inputs'}: leave --batch out, or give whole shapes with --dims.`,
  });
}
