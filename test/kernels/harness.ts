/**
 * Runs every candidate of an op on a GPU device and compares it with the op's reference: inputs random, outputs
 * and scratch memory poisoned, guard zones around everything. Imports nothing of Node, so that a browser page runs
 * the same cases.
 */
import type { GpuBuffer, GpuDevice, GpuSlice, GpuType } from '../../src/devices/gpu.js';
import { GPU_TYPE_BYTES } from '../../src/devices/gpu.js';
import type { TensorView } from '../../src/kernels/view.js';
import type { Op } from '../../src/ops/op.js';
import {
  gpuTypeOf,
  isCandidate,
  type Candidate,
  type CandidateContext,
  type NodeTypes,
  type Operand,
} from '../../src/candidates/candidate.js';
import { candidatesFor } from '../../src/candidates/index.js';
import {
  Tensor,
  convertLayout,
  physicalSize,
  relativeError,
  sizeOf,
  type DType,
  type Layout,
} from '../../src/tensor/index.js';

/** An input of a case: a type, and where its numbers come from. */
export interface CaseInput {
  readonly dtype: DType;
  readonly dims: readonly number[];
  /** Range of uniform random numbers (whole numbers for integer types); [-1, 1] when left out. */
  readonly range?: readonly [number, number];
  /** Fixed values instead. */
  readonly values?: readonly number[];
}

/** One op on inputs of given shapes: all its candidates are run. */
export interface OpCase {
  readonly name: string;
  readonly op: Op;
  readonly inputs: readonly (CaseInput | undefined)[];
  /** Largest relative error, instead of 1e-5 (f32) or 2e-3 (f16): with a reason at the case. */
  readonly tolerance?: { readonly f32: number; readonly f16: number };
}

/** What came of one candidate. */
export interface CaseResult {
  readonly candidate: string;
  /** What is wrong, or undefined. */
  readonly failure: string | undefined;
}

const GUARD_BYTES = 256;
const POISON = 0xff; // reads as NaN in f32 and f16

/** A small deterministic generator (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The context that candidates are made for on a device. */
export function contextOf(device: GpuDevice, storage: 'f32' | 'f16'): CandidateContext {
  return { limits: device.limits, features: device.features, storage };
}

/**
 * Runs all candidates of a case. Refusals are no failures; no candidate at all is one.
 * @param wanted runs these only
 */
export async function runCase(
  device: GpuDevice,
  testCase: OpCase,
  storage: 'f32' | 'f16',
  wanted: (candidate: Candidate) => boolean = () => true,
): Promise<CaseResult[]> {
  const random = randomNumbers(1 + testCase.name.length);
  const inputs = testCase.inputs.map((input) => input && makeInput(input, storage, random));
  const types: NodeTypes = {
    inputs: inputs.map((tensor) => tensor && { dtype: tensor.dtype, dims: tensor.dims }),
    outputs: testCase.op.infer(inputs),
  };
  const expected = testCase.op.reference(inputs);
  const candidates = candidatesFor(testCase.op, types, contextOf(device, storage)).filter(isCandidate);
  if (candidates.length === 0) return [{ candidate: 'none', failure: 'every candidate refuses' }];
  const results: CaseResult[] = [];
  for (const candidate of candidates.filter(wanted)) {
    const failure = await runCandidate(device, candidate, types, inputs, expected, storage, testCase);
    results.push({ candidate: candidate.id, failure });
  }
  return results;
}

/** Numbers rounded to what the device stores, so that only the kernel's own error is measured. */
function makeInput(input: CaseInput, storage: 'f32' | 'f16', random: () => number): Tensor {
  const [low, high] = input.range ?? [-1, 1];
  const whole = !input.dtype.startsWith('f');
  const values =
    input.values ??
    Array.from({ length: sizeOf(input.dims) }, () => {
      const x = low + (high - low) * random();
      return whole ? Math.round(x) : x;
    });
  const exact =
    storage === 'f16' && input.dtype === 'f32' ? Tensor.from('f16', input.dims, values).toNumbers() : values;
  return Tensor.from(input.dtype, input.dims, exact);
}

async function runCandidate(
  device: GpuDevice,
  candidate: Candidate,
  types: NodeTypes,
  inputs: readonly (Tensor | undefined)[],
  expected: readonly Tensor[],
  storage: 'f32' | 'f16',
  testCase: OpCase,
): Promise<string | undefined> {
  const inputViews = types.inputs.map((type, i): TensorView | undefined => {
    const layout = candidate.inputs[i];
    return type && layout && { dims: type.dims, layout, type: gpuTypeOf(type.dtype, storage) };
  });
  const outputViews = types.outputs.map((type, i): TensorView => ({
    dims: type.dims,
    layout: candidate.outputs[i],
    type: gpuTypeOf(type.dtype, storage),
  }));
  const buffers: GpuBuffer[] = [];
  const place = async (label: string, bytes: number, data?: ArrayBufferView): Promise<GpuSlice> => {
    const body = Math.ceil(Math.max(bytes, 4) / 4) * 4;
    const buffer = await device.allocate(GUARD_BYTES + body + GUARD_BYTES, label);
    buffers.push(buffer);
    device.write(buffer, 0, new Uint8Array(buffer.bytes).fill(POISON));
    if (data && data.byteLength > 0) {
      const padded = new Uint8Array(body).fill(POISON);
      padded.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      device.write(buffer, GUARD_BYTES, padded);
    }
    return { buffer, offset: GUARD_BYTES, bytes };
  };
  try {
    const inputSlices: (GpuSlice | undefined)[] = [];
    for (const [i, tensor] of inputs.entries()) {
      const view = inputViews[i];
      const data = tensor && view && toDevice(tensor, view.layout, view.type);
      inputSlices.push(data && (await place(`input ${i}`, data.byteLength, data)));
    }
    const outputSlices: GpuSlice[] = [];
    for (const [i, view] of outputViews.entries()) {
      const shared = i === 0 && candidate.alias !== undefined ? inputSlices[candidate.alias] : undefined;
      if (shared) {
        outputSlices.push(shared);
        continue;
      }
      const bytes = physicalSize(view.layout, view.dims) * GPU_TYPE_BYTES[view.type];
      outputSlices.push(await place(`output ${i}`, bytes));
    }
    const workspace: GpuSlice[] = [];
    for (const [i, bytes] of candidate.workspace.entries())
      workspace.push(await place(`workspace ${i}`, bytes));
    const slice = ({ kind, index }: Operand): GpuSlice => {
      const list = { input: inputSlices, output: outputSlices, workspace }[kind];
      const found = list[index];
      if (!found) throw new Error(`operand ${kind} ${index} is missing`);
      return found;
    };
    const steps = candidate.build({ inputs: inputViews, outputs: outputViews });
    const kernels = await device.compile(steps.map(({ source }) => source));
    const dispatches = steps.map(({ operands }, i) => ({ kernel: kernels[i], slices: operands.map(slice) }));
    const whole = buffers.map((buffer) => ({ buffer, offset: 0, bytes: buffer.bytes }));
    const recording = await device.record(dispatches, whole);
    const contents = await device.submit(recording);
    device.release(recording);
    const slices = [...inputSlices, ...outputSlices, ...workspace].filter((part) => part !== undefined);
    for (const part of slices) {
      const bytes = contents[buffers.indexOf(part.buffer)];
      const wrong = brokenGuard(bytes, part);
      if (wrong !== undefined)
        return `wrote outside ${part.buffer.label}, at byte ${wrong} of its ${part.bytes}`;
    }
    for (const [i, view] of outputViews.entries()) {
      const { buffer, offset, bytes } = outputSlices[i];
      const raw = contents[buffers.indexOf(buffer)].slice(offset, offset + bytes);
      const failure = compareOutput(raw, view, expected[i], storage, testCase.tolerance);
      if (failure) return `output ${i} ${failure}`;
    }
    return undefined;
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  } finally {
    for (const buffer of buffers) buffer.destroy();
  }
}

function brokenGuard(bytes: Uint8Array, part: GpuSlice): number | undefined {
  for (let i = 0; i < bytes.length; i++) {
    const inside = i >= part.offset && i < part.offset + part.bytes;
    if (!inside && bytes[i] !== POISON) return i - part.offset;
  }
  return undefined;
}

/** A tensor's elements as the device stores them, in a layout; padding is zero. */
export function toDevice(tensor: Tensor, layout: Layout, type: GpuType): ArrayBufferView {
  const dtype: DType = type;
  const source = tensor.dtype === dtype ? tensor : Tensor.from(dtype, tensor.dims, tensor.toFloat64());
  const target = new Tensor(dtype, [physicalSize(layout, tensor.dims)]);
  convertLayout<{ [index: number]: number | bigint }>(
    source.data,
    target.data,
    tensor.dims,
    { name: 'row', order: tensor.dims.map((_, axis) => axis) },
    layout,
  );
  return target.data;
}

function compareOutput(
  raw: Uint8Array<ArrayBuffer>,
  view: TensorView,
  expected: Tensor,
  storage: 'f32' | 'f16',
  tolerance: OpCase['tolerance'],
): string | undefined {
  const size = physicalSize(view.layout, view.dims);
  const stored = storedTensor(view.type, size, raw).toFloat64();
  const row: Layout = { name: 'row', order: view.dims.map((_, axis) => axis) };
  const actual = new Float64Array(sizeOf(view.dims));
  convertLayout(stored, actual, view.dims, view.layout, row);
  const padding = new Float64Array(stored);
  convertLayout(new Float64Array(actual.length), padding, view.dims, row, view.layout);
  if (padding.some((value) => value !== 0)) return 'has padding that is not zero';
  const wanted = expected.toFloat64();
  if (view.type === 'i32' || view.type === 'u32') {
    const at = actual.findIndex((value, i) => value !== wanted[i]);
    return at < 0 ? undefined : `at ${at} is ${actual[at]} where ${wanted[at]} is expected`;
  }
  const allowed = tolerance?.[storage] ?? (storage === 'f16' || view.type === 'f16' ? 2e-3 : 1e-5);
  const error = relativeError(actual, wanted);
  if (error <= allowed) return undefined;
  const at = actual.findIndex(
    (value, i) => !(Math.abs(value - wanted[i]) <= allowed * Math.max(1, Math.abs(wanted[i]))),
  );
  return `has relative error ${error.toExponential(1)}; at ${at} is ${actual[at]} where ${wanted[at]} is expected`;
}

function storedTensor(type: GpuType, size: number, raw: Uint8Array<ArrayBuffer>): Tensor {
  switch (type) {
    case 'f32':
      return new Tensor('f32', [size], new Float32Array(raw.buffer, 0, size));
    case 'f16':
      return new Tensor('f16', [size], new Uint16Array(raw.buffer, 0, size));
    case 'i32':
      return new Tensor('i32', [size], new Int32Array(raw.buffer, 0, size));
    case 'u32':
      return new Tensor('u32', [size], new Uint32Array(raw.buffer, 0, size));
  }
}
