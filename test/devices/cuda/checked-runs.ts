/** Runs of kernel cases on a device that checks every access: with the cases' own inputs, and with the worst there are. */
import type { CandidateContext, Operand } from '../../../src/candidates/candidate.js';
import { GPU_TYPE_BYTES, type GpuSlice, type GpuType } from '../../../src/devices/gpu.js';
import { viewSize, type TensorView } from '../../../src/kernels/view.js';
import { sourcesOf } from '../../kernels/families.js';
import { randomNumbers, runCase, type CaseRun, type OpCase } from '../../kernels/harness.js';
import { inParallel, type CheckedDevice } from './checked-device.js';

/** A case and some of its runs. */
export interface CheckedCase {
  readonly testCase: OpCase;
  readonly storage: CandidateContext['storage'];
  readonly runs: readonly CaseRun[];
}

/** Elements of inputs, as bits. */
export interface Pattern {
  readonly name: string;
  readonly bits: (type: GpuType, random: () => number) => number;
}

/** What no index should be made of: NaN of both signs, infinities, the largest, the smallest, zeros, and numbers near them. */
const FLOATS: Readonly<Record<'f32' | 'f16', readonly number[]>> = {
  f32: [
    0x7fc00000, 0xffc00000, 0x7f800001, 0xffffffff, 0x7f800000, 0xff800000, 0x7f7fffff, 0xff7fffff,
    0x4f000000, 0xcf000000, 0x4f800000, 0x00000001, 0x80000001, 0x00000000, 0x80000000, 0x3f800000,
    0xbf800000, 0x4b800001,
  ],
  f16: [
    0x7e00, 0xfe00, 0x7c01, 0xffff, 0x7c00, 0xfc00, 0x7bff, 0xfbff, 0x0001, 0x8001, 0, 0x8000, 0x3c00, 0xbc00,
  ],
};
const INTEGERS: readonly number[] = [
  0x80000000, 0x80000001, 0x7fffffff, 0xffffffff, 0xfffffffe, 0xffff8000, 0x40000000, 0xc0000000, 0x10000,
  1000, 1, 0,
];

const listOf = (type: GpuType): readonly number[] =>
  type === 'f32' || type === 'f16' ? FLOATS[type] : INTEGERS;

export const PATTERNS: readonly Pattern[] = [
  {
    name: 'the worst by chance',
    bits: (type, random) => listOf(type)[Math.floor(random() * listOf(type).length)],
  },
  { name: 'any bits', bits: (type, random) => Math.floor(random() * 2 ** (8 * GPU_TYPE_BYTES[type])) },
  { name: 'NaN, lowest', bits: (type) => listOf(type)[0] },
  { name: 'negative NaN', bits: (type) => listOf(type)[1] },
  { name: 'infinity, -1', bits: (type) => (listOf(type) === INTEGERS ? 0xffffffff : listOf(type)[4]) },
  { name: '-infinity, highest', bits: (type) => (listOf(type) === INTEGERS ? 0x7fffffff : listOf(type)[5]) },
];

/** Compiles all kernels of cases, which is cheaper than one by one. */
export async function prepare(device: CheckedDevice, cases: readonly CheckedCase[]): Promise<void> {
  await device.compile(cases.flatMap(({ runs }) => runs.flatMap(sourcesOf)));
}

/** @returns what is wrong with results, or was outside */
export async function checkResults(device: CheckedDevice, cases: readonly CheckedCase[]): Promise<string[]> {
  const wrong: string[] = [];
  await inParallel(cases, async ({ testCase, storage, runs }) => {
    for (const { candidate, failure } of await runCase(device, testCase, storage, runs)) {
      if (failure !== undefined) wrong.push(`${testCase.name}, ${candidate}: ${failure}`);
    }
  });
  return wrong;
}

/** @returns what was outside, or did not end, on inputs that are made of some patterns */
export async function checkHostile(
  device: CheckedDevice,
  cases: readonly CheckedCase[],
  patterns: readonly Pattern[],
): Promise<string[]> {
  const wrong: string[] = [];
  await inParallel(cases, async ({ testCase, runs }) => {
    for (const run of runs) {
      for (const pattern of patterns) {
        const failure = await hostileRun(device, run, pattern);
        if (failure !== undefined)
          wrong.push(`${testCase.name}, ${run.candidate.id}, ${pattern.name}: ${failure}`);
      }
    }
  });
  return wrong;
}

async function hostileRun(
  device: CheckedDevice,
  { candidate, views }: CaseRun,
  { bits }: Pattern,
): Promise<string | undefined> {
  const random = randomNumbers(candidate.id.length);
  const allocate = async (bytes: number, type: GpuType): Promise<GpuSlice> => {
    const buffer = await device.allocate(bytes, 'memory');
    const list = Array.from({ length: buffer.bytes / GPU_TYPE_BYTES[type] }, () => bits(type, random));
    device.write(buffer, 0, type === 'f16' ? new Uint16Array(list) : new Uint32Array(list));
    return { buffer, offset: 0, bytes };
  };
  const ofView = (view: TensorView): Promise<GpuSlice> =>
    allocate(viewSize(view) * GPU_TYPE_BYTES[view.type], view.type);
  const inputs: (GpuSlice | undefined)[] = [];
  for (const view of views.inputs) inputs.push(view && (await ofView(view)));
  const outputs: GpuSlice[] = [];
  for (const [i, view] of views.outputs.entries()) {
    outputs.push((i === 0 ? inputs[candidate.alias ?? -1] : undefined) ?? (await ofView(view)));
  }
  const workspace = await Promise.all(candidate.workspace.map((bytes) => allocate(bytes, 'f32')));
  const slice = ({ kind, index }: Operand): GpuSlice => {
    const found = { input: inputs, output: outputs, workspace }[kind][index];
    if (!found) throw new Error(`operand ${kind} ${index} is missing`);
    return found;
  };
  const steps = candidate.build(views);
  const kernels = await device.compile(steps.map(({ source }) => source));
  const dispatches = steps.map(({ operands }, i) => ({ kernel: kernels[i], slices: operands.map(slice) }));
  try {
    await device.submit(await device.record(dispatches));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
