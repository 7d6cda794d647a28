/**
 * Runs every candidate of an op on a GPU device and compares it with the op's reference: inputs random, outputs
 * and scratch memory poisoned, guard zones around everything; on request as a part of a larger tensor, whose other
 * elements must stay poisoned. Imports nothing of Node, so that a browser page runs the same cases.
 */
import type { GpuBuffer, GpuDevice, GpuSlice, GpuType } from '../../src/devices/gpu.js';
import { GPU_TYPE_BYTES } from '../../src/devices/gpu.js';
import { viewSize, type TensorView } from '../../src/kernels/view.js';
import type { Op } from '../../src/ops/op.js';
import {
  gpuTypeOf,
  isCandidate,
  type Candidate,
  type CandidateContext,
  type CandidateViews,
  type NodeTypes,
  type Operand,
  type Refusal,
} from '../../src/candidates/candidate.js';
import { candidatesFor } from '../../src/candidates/index.js';
import {
  Tensor,
  convertLayout,
  offsetOf,
  physicalSize,
  relativeError,
  sizeOf,
  type DType,
  type Layout,
  type TensorType,
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
  /** Where the candidates are from, if the op stands for several that one kernel computes. */
  readonly candidates?: (types: NodeTypes, context: CandidateContext) => readonly (Candidate | Refusal)[];
}

/** Where output 0 lies in a larger tensor: an axis along which that is longer, by elements before and behind. */
export interface PartPlace {
  readonly axis: number;
  readonly before: number;
  readonly behind: number;
}

/** One way to run a case. */
export interface CaseRun {
  readonly candidate: Candidate;
  /** Where its output lies, if that is a part of a larger tensor. */
  readonly place?: PartPlace;
  readonly views: CandidateViews;
}

/** What came of one candidate. */
export interface CaseResult {
  /** Its id, and where its output lay if that was a part of a larger tensor. */
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

/** All candidates of a case, each writing whole tensors. Refusals are left out. */
export function wholeRuns(testCase: OpCase, context: CandidateContext): CaseRun[] {
  const types = typesOf(testCase);
  return candidatesOf(testCase, types, context)
    .filter(isCandidate)
    .map((candidate) => ({ candidate, views: viewsOf(candidate, types, context.storage) }));
}

/** The same in all other sizes that their kernels can have, of which there may be thousands. */
export function sizeRuns(testCase: OpCase, context: CandidateContext): CaseRun[] {
  const types = typesOf(testCase);
  const candidates = candidatesOf(testCase, types, context).filter(isCandidate);
  const known = new Set(candidates);
  return [...new Set(candidates.flatMap(({ sizes }) => sizes?.grid ?? []))]
    .flatMap((grid) => grid.points().map((point) => grid.at(point)))
    .filter((candidate) => !known.has(candidate))
    .map((candidate) => ({ candidate, views: viewsOf(candidate, types, context.storage) }));
}

/** All candidates of a case that can write a part of a larger tensor, at every place that is tried. */
export function partRuns(testCase: OpCase, context: CandidateContext): CaseRun[] {
  const types = typesOf(testCase);
  return candidatesOf(testCase, types, context)
    .filter(isCandidate)
    .flatMap((candidate) =>
      partPlaces(candidate, types.outputs[0]).map((place) => ({
        candidate,
        place,
        views: viewsOf(candidate, types, context.storage, place),
      })),
    );
}

function candidatesOf(
  { op, candidates }: OpCase,
  types: NodeTypes,
  context: CandidateContext,
): readonly (Candidate | Refusal)[] {
  return candidates ? candidates(types, context) : candidatesFor(op, types, context);
}

function typesOf({ op, inputs: given }: OpCase): NodeTypes {
  const inputs = given.map((input) => input && { dtype: input.dtype, dims: input.dims });
  return { inputs, outputs: op.infer(inputs) };
}

/** Elements before and behind a part: for vectors of four it begins amiss, ends and begins right, or ends amiss. */
const SURROUNDINGS = [
  { before: 3, behind: 5 },
  { before: 4, behind: 8 },
  { before: 0, behind: 1 },
] as const;

/** Along channels, as Concat mostly goes, in all surroundings; along every other axis in one. */
function partPlaces({ partialOutput, outputs: [layout] }: Candidate, { dims }: TensorType): PartPlace[] {
  // The planner launches nothing for tensors without elements.
  if (!partialOutput || dims.length === 0 || sizeOf(dims) === 0) return [];
  const axes = [...new Set([1, dims.length - 1, ...dims.keys()])].filter((axis) => axis < dims.length);
  const tried = [
    ...axes.map((axis, i) => ({ axis, ...SURROUNDINGS[i % SURROUNDINGS.length] })),
    ...SURROUNDINGS.slice(1).map((surroundings) => ({ axis: axes[0], ...surroundings })),
  ];
  return tried.flatMap(({ axis, before, behind }) => {
    // Parts do not share blocks (src/plan/parts.ts); what is behind them may end within one.
    const unit = layout.block?.axis === axis ? layout.block.size : 1;
    return dims[axis] % unit === 0 ? [{ axis, before: before * unit, behind }] : [];
  });
}

function viewsOf(
  candidate: Candidate,
  types: NodeTypes,
  storage: 'f32' | 'f16',
  place?: PartPlace,
): CandidateViews {
  const inputs = types.inputs.map((type, i): TensorView | undefined => {
    const layout = candidate.inputs[i];
    return type && layout && { dims: type.dims, layout, type: gpuTypeOf(type.dtype, storage) };
  });
  const outputs = types.outputs.map(({ dims, dtype }, i): TensorView => ({
    dims,
    layout: candidate.outputs[i],
    type: gpuTypeOf(dtype, storage),
    ...(i === 0 && place && { within: wholeOf(dims, place) }),
  }));
  return { inputs, outputs };
}

function wholeOf(
  dims: readonly number[],
  { axis, before, behind }: PartPlace,
): NonNullable<TensorView['within']> {
  return {
    dims: dims.map((extent, i) => (i === axis ? before + extent + behind : extent)),
    origin: dims.map((_, i) => (i === axis ? before : 0)),
  };
}

/**
 * Runs a case and compares what comes out.
 * @param runs all candidates, writing whole tensors, when left out; that there is none is a failure then
 */
export async function runCase(
  device: GpuDevice,
  testCase: OpCase,
  storage: 'f32' | 'f16',
  runs?: readonly CaseRun[],
): Promise<CaseResult[]> {
  const chosen = runs ?? wholeRuns(testCase, contextOf(device, storage));
  if (chosen.length === 0) return runs ? [] : [{ candidate: 'none', failure: 'every candidate refuses' }];
  const random = randomNumbers(1 + testCase.name.length);
  const inputs = testCase.inputs.map((input) => input && makeInput(input, storage, random));
  const expected = testCase.op.reference(inputs);
  const results: CaseResult[] = [];
  for (const run of chosen) {
    const failure = await runCandidate(device, run, inputs, expected, storage, testCase);
    results.push({ candidate: titleOf(run), failure });
  }
  return results;
}

function titleOf({ candidate, place }: CaseRun): string {
  if (!place) return candidate.id;
  return `${candidate.id} (a part along axis ${place.axis}, ${place.before} before it, ${place.behind} behind)`;
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
  { candidate, views }: CaseRun,
  inputs: readonly (Tensor | undefined)[],
  expected: readonly Tensor[],
  storage: 'f32' | 'f16',
  { tolerance }: OpCase,
): Promise<string | undefined> {
  const buffers: GpuBuffer[] = [];
  const allocate = async (label: string, bytes: number, data?: ArrayBufferView): Promise<GpuSlice> => {
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
      const view = views.inputs[i];
      const data = tensor && view && toDevice(tensor, view.layout, view.type);
      inputSlices.push(data && (await allocate(`input ${i}`, data.byteLength, data)));
    }
    const outputSlices: GpuSlice[] = [];
    for (const [i, view] of views.outputs.entries()) {
      const shared = i === 0 && candidate.alias !== undefined ? inputSlices[candidate.alias] : undefined;
      if (shared) {
        outputSlices.push(shared);
        continue;
      }
      const bytes = viewSize(view) * GPU_TYPE_BYTES[view.type];
      outputSlices.push(await allocate(`output ${i}`, bytes));
    }
    const workspace: GpuSlice[] = [];
    for (const [i, bytes] of candidate.workspace.entries())
      workspace.push(await allocate(`workspace ${i}`, bytes));
    const slice = ({ kind, index }: Operand): GpuSlice => {
      const list = { input: inputSlices, output: outputSlices, workspace }[kind];
      const found = list[index];
      if (!found) throw new Error(`operand ${kind} ${index} is missing`);
      return found;
    };
    const steps = candidate.build(views);
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
    for (const [i, view] of views.outputs.entries()) {
      const { buffer, offset, bytes } = outputSlices[i];
      const raw = contents[buffers.indexOf(buffer)].slice(offset, offset + bytes);
      const failure = compareOutput(raw, view, expected[i], storage, tolerance);
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
  const places = placesOf(view);
  const stored = storedTensor(view.type, places.length, raw).toFloat64();
  const actual = new Float64Array(sizeOf(view.dims));
  const bytes = GPU_TYPE_BYTES[view.type];
  for (const [place, element] of places.entries()) {
    if (element === OUTSIDE) {
      const untouched = raw.subarray(place * bytes, (place + 1) * bytes).every((byte) => byte === POISON);
      if (!untouched) return `is written outside the part, at element ${place} of the larger tensor's memory`;
    } else if (element !== PADDING) actual[element] = stored[place];
    else if (stored[place] !== 0) return 'has padding that is not zero';
  }
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

const OUTSIDE = -1;
const PADDING = -2;

/** What lies where in the memory of a view's tensor: the number of an element in row-major order, or one of these. */
function placesOf(view: TensorView): Int32Array {
  const { dims, layout, within = { dims, origin: dims.map(() => 0) } } = view;
  const places = new Int32Array(viewSize(view)).fill(OUTSIDE);
  // What an index along each axis adds to an element's place; a last block counts whole.
  const offsets = dims.map((extent, axis) => {
    const size = layout.block?.axis === axis ? layout.block.size : 1;
    return Array.from({ length: Math.ceil(extent / size) * size }, (_, i) => {
      const alone = dims.map((_, other) => (other === axis ? within.origin[axis] + i : 0));
      return offsetOf(layout, within.dims, alone);
    });
  });
  let element = 0;
  const visit = (axis: number, place: number, isPadding: boolean): void => {
    if (axis < dims.length) {
      for (const [i, offset] of offsets[axis].entries())
        visit(axis + 1, place + offset, isPadding || i >= dims[axis]);
    } else places[place] = isPadding ? PADDING : element++;
  };
  visit(0, 0, false);
  return places;
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
