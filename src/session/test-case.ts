/** ONNX test cases: a model, inputs, and the outputs that are expected of it. */
import { LanewiseError, UnsupportedError } from '../errors.js';
import type { Model, ModelPort } from '../graph/index.js';
import { tensorFromPb } from '../onnx/index.js';
import { difference, type DType, type Tensor, type Tolerance } from '../tensor/index.js';
import { createSession, type CreateSessionOptions } from './create-session.js';
import { loadModel, type ModelSource } from './load-model.js';

/** One data set of a test directory: the bytes of `input_*.pb` and `output_*.pb`, in order. */
export interface TestDataSet {
  readonly name: string;
  readonly inputs: readonly Uint8Array[];
  readonly outputs: readonly Uint8Array[];
}

export interface TestCase {
  readonly name: string;
  readonly model: ModelSource;
  readonly dataSets: readonly TestDataSet[];
}

export type Outcome =
  | { readonly status: 'passed' }
  /** Wrong numbers, or an error that is none of "unsupported". */
  | { readonly status: 'failed'; readonly reason: string }
  /** Refused by name: an operator, type or attribute. */
  | { readonly status: 'unsupported'; readonly feature: string };

/** ONNX's own runner allows 1e-3 + 1e-7; types with fewer bits get about two units in the last place. */
function toleranceOf(dtype: DType): Tolerance {
  switch (dtype) {
    case 'f16':
      return { relative: 2e-3, absolute: 1e-5 };
    case 'bf16':
      return { relative: 1.6e-2, absolute: 1e-4 };
    default:
      return { relative: 1e-3, absolute: 1e-6 };
  }
}

/** Runs a case's data sets and compares every output. Never throws for a fault of the model. */
export async function runTestCase(
  testCase: TestCase,
  options: CreateSessionOptions & { readonly load?: typeof loadModel } = {},
): Promise<Outcome> {
  try {
    const model = await (options.load ?? loadModel)(testCase.model);
    const session = await createSession(model, options);
    try {
      for (const dataSet of testCase.dataSets) {
        const inputs = byName(model.inputs, dataSet.inputs);
        const failure = compareAll(model, await session.run(inputs), dataSet);
        if (failure) return { status: 'failed', reason: `${dataSet.name}: ${failure}` };
      }
    } finally {
      await session.dispose();
    }
    return { status: 'passed' };
  } catch (error) {
    if (error instanceof UnsupportedError) return { status: 'unsupported', feature: error.feature };
    if (error instanceof LanewiseError) return { status: 'failed', reason: `${error.name}: ${error.message}` };
    throw error;
  }
}

function compareAll(model: Model, actual: Readonly<Record<string, Tensor>>, dataSet: TestDataSet): string | undefined {
  for (const [name, expected] of Object.entries(byName(model.outputs, dataSet.outputs))) {
    const found = difference(actual[name], expected, toleranceOf(expected.dtype));
    if (found) return `output "${name}" ${found}`;
  }
  return undefined;
}

/** Tensors under their own names where these are the model's, else by position. */
function byName(ports: readonly ModelPort[], files: readonly Uint8Array[]): Record<string, Tensor> {
  const entries = files.map((bytes, i): [string, Tensor] => {
    const { name, tensor } = tensorFromPb(bytes);
    return [ports.some((port) => port.name === name) ? name : (ports[i]?.name ?? name), tensor];
  });
  return Object.fromEntries(entries);
}
