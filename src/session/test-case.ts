/** ONNX test cases: a model, inputs, and the outputs that are expected of it. */
import { LanewiseError, UnsupportedError } from '../errors.js';
import type { ModelPort } from '../graph/index.js';
import { tensorFromPb } from '../onnx/index.js';
import { difference, type DType, type Tensor, type Tolerance } from '../tensor/index.js';
import { createSession, type CreateSessionOptions } from './create-session.js';
import type { Platform } from './open-device.js';
import { loadModel, type ModelSource } from './load-model.js';

/** The bytes of a data set's `input_*.pb` and `output_*.pb`, in order. */
export interface TestFiles {
  readonly inputs: readonly Uint8Array[];
  readonly outputs: readonly Uint8Array[];
}

/** One data set of a test directory. */
export interface TestDataSet {
  readonly name: string;
  /** Reads its files: late, since those of many cases together may not fit into memory. */
  readonly read: () => Promise<TestFiles>;
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
const TOLERANCES: Readonly<Partial<Record<DType, Tolerance>>> = {
  f16: { relative: 2e-3, absolute: 1e-5 },
  bf16: { relative: 1.6e-2, absolute: 1e-4 },
};
const DEFAULT_TOLERANCE: Tolerance = { relative: 1e-3, absolute: 1e-6 };

/**
 * Runs a case's data sets and compares every output. Never throws: whatever goes wrong is the case's outcome. A case
 * that has nothing to compare with has failed.
 */
export async function runTestCase(
  testCase: TestCase,
  options: CreateSessionOptions & { readonly load?: typeof loadModel; readonly platform?: Platform } = {},
): Promise<Outcome> {
  try {
    const model = await (options.load ?? loadModel)(testCase.model);
    if (testCase.dataSets.length === 0)
      return { status: 'failed', reason: 'it has no test_data_set_* folder' };
    const session = await createSession(model, options, options.platform);
    try {
      for (const { name, read } of testCase.dataSets) {
        const { inputs, outputs } = await read();
        const expected = byName(model.outputs, outputs);
        const actual = await session.run(byName(model.inputs, inputs));
        const failure = compareAll(actual, expected);
        if (failure) return { status: 'failed', reason: `${name}: ${failure}` };
      }
    } finally {
      await session.dispose();
    }
    return { status: 'passed' };
  } catch (error) {
    if (error instanceof UnsupportedError) return { status: 'unsupported', feature: error.feature };
    if (error instanceof LanewiseError)
      return { status: 'failed', reason: `${error.name}: ${error.message}` };
    const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { status: 'failed', reason: `${what} (a fault in Lanewise: please report it)` };
  }
}

function compareAll(actual: TensorsByName, expected: TensorsByName): string | undefined {
  const names = Object.keys(expected);
  if (names.length === 0) return 'there is no output_*.pb to compare with';
  for (const name of names) {
    if (!Object.hasOwn(actual, name)) return `the model has no output "${name}"`;
    const found = difference(
      actual[name],
      expected[name],
      TOLERANCES[expected[name].dtype] ?? DEFAULT_TOLERANCE,
    );
    if (found) return `output "${name}" ${found}`;
  }
  return undefined;
}

type TensorsByName = Readonly<Record<string, Tensor>>;

/** Tensors under their own names where these are the model's, else by position. */
function byName(ports: readonly ModelPort[], files: readonly Uint8Array[]): Record<string, Tensor> {
  const entries = files.map((bytes, i): [string, Tensor] => {
    const { name, tensor } = tensorFromPb(bytes);
    return [ports.some((port) => port.name === name) ? name : (ports[i]?.name ?? name), tensor];
  });
  return Object.fromEntries(entries);
}
