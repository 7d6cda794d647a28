/** Flag values that are numbers, lists and shapes. */
import { PRECISIONS, type Precision } from '../candidates/precision.js';
import type { ModelPort } from '../graph/index.js';
import { readBytes } from '../host/files.js';
import { TUNINGS, type PlanDocument, type Tuning } from '../plan/document.js';
import { EFFORTS, type Effort } from '../plan/costs/measure-costs.js';
import { POLICY_NAMES, type PolicyName } from '../plan/policies/index.js';
import { DEVICE_NAMES, type DeviceName, type DeviceOptions, type DimBindings } from '../session/index.js';
import { parseJson } from '../tune/store/json-value.js';
import { UsageError } from './errors.js';

/** `--device` and what goes with a GPU, as every command that runs models has them. */
export const DEVICE_ARGS = {
  device: {
    type: 'enum' as const,
    options: [...DEVICE_NAMES],
    default: 'auto' as const,
    description: 'Where to run; auto takes a hardware GPU where there is one, else the CPU',
  },
  ordinal: {
    type: 'string' as const,
    valueHint: 'N',
    description: 'With --device cuda: which of the devices that `lanewise devices` lists (default: 0)',
  },
  policy: {
    type: 'enum' as const,
    options: [...POLICY_NAMES],
    description:
      'On a GPU: how layouts are chosen; optimal takes what costs the whole network least (default: optimal)',
  },
  dtype: {
    type: 'enum' as const,
    options: [...PRECISIONS],
    description:
      'On a GPU: how floats are stored and multiplied; tf32 and bf16 are for CUDA, sums are f32 in all (default: f32)',
  },
};

/** How a network is planned for a GPU, for commands that show or run its plan. */
export const PLAN_ARGS = {
  tuning: {
    type: 'enum' as const,
    options: [...TUNINGS],
    description:
      'On a GPU: measured first measures what the plan depends on, and keeps it (default: modelled)',
  },
  effort: {
    type: 'enum' as const,
    options: [...EFFORTS],
    description: 'With --tuning measured: how much is measured (default: normal)',
  },
  plan: {
    type: 'string' as const,
    valueHint: 'FILE',
    description: 'Take the plan that `lanewise explain --save` wrote, instead of making one',
  },
};

/** Values of `DEVICE_ARGS` and `PLAN_ARGS`; the plan apart, which has to be read. */
export interface PlanningArgs {
  readonly policy: PolicyName | undefined;
  readonly dtype: Precision | undefined;
  readonly tuning?: Tuning | undefined;
  readonly effort?: Effort | undefined;
}

/** Which device. */
export interface DeviceArgs {
  readonly device: DeviceName;
  readonly ordinal?: string | undefined;
}

/** How a session is to plan. */
export function planningOptions(args: PlanningArgs): Omit<DeviceOptions, 'device' | 'gpuDevice' | 'plan'> {
  const { policy, dtype, tuning, effort } = args;
  return {
    ...(policy && { policy }),
    ...(dtype && { dtype }),
    ...(tuning && { tuning }),
    ...(effort && { effort }),
  };
}

/** Values of `DEVICE_ARGS`, as a session takes them. */
export function deviceOptions(args: PlanningArgs & DeviceArgs): DeviceOptions {
  const { device, ordinal } = args;
  return { device, ...ordinalOption(ordinal), ...planningOptions(args) };
}

/** `--ordinal`, as a session takes it. @throws UsageError for what is no whole number */
export function ordinalOption(text: string | undefined): { readonly ordinal?: number } {
  return text === undefined ? {} : { ordinal: wholeNumber('ordinal', text) };
}

/** The plan in a file; the planner checks what is in it. @throws FormatError, PlanError for what is no JSON */
export async function readPlan(path: string | undefined): Promise<{ readonly plan?: PlanDocument }> {
  if (path === undefined) return {};
  const text = new TextDecoder().decode(await readBytes(path));
  const remedy = 'Write it again with `lanewise explain --save`.';
  return { plan: parseJson(text, { source: path, remedy }).raw as PlanDocument };
}

/** `--dims`, repeatable. */
export const DIMS_ARG = {
  type: 'string',
  valueHint: 'NAME=N',
  description: 'Fix a symbolic dimension (N=8) or the whole shape of an input (image=8x3x224x224)',
} as const;

/** `--batch`. */
export const BATCH_ARG = {
  type: 'string',
  valueHint: 'N',
  description: 'The first dimension of every input, where the model leaves it open',
} as const;

/** The value of `--batch`. */
export function batchNumber(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const batch = wholeNumber('batch', text);
  if (batch > 0) return batch;
  throw new UsageError('--batch is 0: give a whole number from 1 on.');
}

/** A whole number of at least 0. */
export function wholeNumber(flag: string, text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new UsageError(`--${flag} is "${text}": give a whole number, such as 5.`);
  }
  return value;
}

/** A finite number, which may be a fraction: `0.5`, `1/255`. */
export function realNumber(flag: string, text: string): number {
  const parts = text.split('/').map((part) => (part.trim() === '' ? NaN : Number(part)));
  const value = parts.length === 2 ? parts[0] / parts[1] : parts[0];
  if (parts.length > 2 || !Number.isFinite(value)) {
    throw new UsageError(`--${flag} is "${text}": give a number or a fraction, such as 0.5 or 1/255.`);
  }
  return value;
}

/** Numbers separated by commas: one for all channels, or one per channel. */
export function numberList(flag: string, text: string | undefined): number[] | undefined {
  return text?.split(',').map((part) => realNumber(flag, part));
}

/** Values of `--dims`: `N=8`, `N=8,H=224` or `image=1x3x224x224`, each a list of dims by name. */
export function parseDims(values: readonly string[]): Map<string, readonly number[]> {
  const dims = new Map<string, readonly number[]>();
  for (const part of values.flatMap((value) => value.split(','))) {
    const [, name, list] = /^(.+)=(\d+(?:x\d+)*)$/.exec(part.trim()) ?? [];
    const numbers = list?.split('x').map(Number) ?? [];
    if (name === undefined || !numbers.every(Number.isSafeInteger)) {
      throw new UsageError(
        `--dims is "${part}": write NAME=8 for a dimension or NAME=1x3x224x224 for an input.`,
      );
    }
    dims.set(name, numbers);
  }
  return dims;
}

/** Parsed dims as a session takes them: a single number is a dimension where the model has one of that name. */
export function bindingsFor(
  ports: readonly ModelPort[],
  dims: ReadonlyMap<string, readonly number[]>,
): DimBindings {
  const symbols = new Set(ports.flatMap((port) => port.dims ?? []).filter((dim) => typeof dim === 'string'));
  const isInput = (name: string): boolean => ports.some((port) => port.name === name);
  return Object.fromEntries(
    Array.from(dims, ([name, list]) => {
      const single = list.length === 1 && (symbols.has(name) || !isInput(name));
      return [name, single ? list[0] : list];
    }),
  );
}
