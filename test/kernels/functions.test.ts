/** Accuracy of the functions' WGSL, element by element, over the ranges in which they change. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GpuDevice } from '../../src/devices/gpu.js';
import { openSoftware } from '../../src/host/webgpu.js';
import { binaryWgsl } from '../../src/kernels/elementwise/binary-functions.js';
import { typedUnaryWgsl, unaryWgsl } from '../../src/kernels/elementwise/functions.js';
import { mapKernel } from '../../src/kernels/elementwise/map.js';
import type { Lane } from '../../src/kernels/elementwise/values.js';
import { mod, pow } from '../../src/ops/binary-functions.js';
import type { UnaryFunction } from '../../src/ops/unary.js';
import * as functions from '../../src/ops/unary-functions.js';
import { rowMajor } from '../../src/tensor/index.js';

let device: GpuDevice;
beforeAll(async () => {
  device = await openSoftware();
});
afterAll(() => {
  device.destroy();
});

/** f of lists of numbers of one length, on the device. */
async function evaluate(fn: string, inputs: readonly Float32Array[], lane: Lane = 'f32'): Promise<number[]> {
  const view = { dims: [inputs[0].length], layout: rowMajor(1), type: 'f32' } as const;
  const source = mapKernel({
    name: 'test',
    fn,
    inputs: inputs.map(() => ({ view, lane: 'f32' })),
    output: { ...view, type: lane },
    lane,
    flops: 0,
    maxGrid: device.limits.maxGrid,
  });
  const [kernel] = await device.compile([source]);
  const bytes = inputs[0].byteLength;
  const buffers = await Promise.all([...inputs, inputs[0]].map((_, i) => device.allocate(bytes, `x${i}`)));
  for (const [i, data] of inputs.entries()) device.write(buffers[i], 0, data);
  const slices = buffers.map((buffer) => ({ buffer, offset: 0, bytes }));
  const recording = await device.record([{ kernel, slices }], slices.slice(-1));
  const [raw] = await device.submit(recording);
  device.release(recording);
  for (const buffer of buffers) buffer.destroy();
  return Array.from(lane === 'f32' ? new Float32Array(raw.buffer) : new Uint32Array(raw.buffer));
}

/** Numbers spread evenly over a range, and around 0 by their exponents too. */
function spread([low, high]: readonly [number, number], count = 4096): Float32Array {
  const even = Array.from({ length: count }, (_, i) => low + ((high - low) * (i + 0.5)) / count);
  const tiny = Array.from({ length: count }, (_, i) => (i % 2 ? -1 : 1) * 2 ** ((-24 * i) / count));
  return Float32Array.from([...even, ...tiny.filter((x) => x >= low && x <= high)]);
}

/** The largest error, relative to numbers above `floor`, and where. */
function worst(actual: readonly number[], wanted: readonly number[], floor: number): [number, number] {
  let at = 0;
  let largest = 0;
  for (const [i, value] of wanted.entries()) {
    const error = actual[i] === value ? 0 : Math.abs(actual[i] - value) / Math.max(Math.abs(value), floor);
    if (!(error <= largest)) [at, largest] = [i, error];
  }
  return [largest, at];
}

type Row = readonly [UnaryFunction, readonly [number, number], number?];
const R: Row[] = [
  ...functions.UNARY_FUNCTIONS.filter((f) => f.dtypes.includes('f32') && !f.result).map((f): Row => {
    const ranges: Record<string, [number, number]> = {
      Sqrt: [0, 100], Log: [1e-6, 100], Asin: [-1, 1], Acos: [-1, 1], Acosh: [1, 50], Atanh: [-1, 1], Exp: [-80, 80], Sinh: [-88, 88], Cosh: [-88, 88],
    };
    return [f, ranges[f.name] ?? [-30, 30]];
  }),
];
describe('x', () => {
  it('prints', async () => {
    for (const [fn, range] of R) {
      const x = spread(range);
      const actual = await evaluate(unaryWgsl('f', fn), [x]);
      const wanted = Array.from(x, (v) => fn.apply(v));
      const [e, at] = worst(actual, wanted, 1e-30);
      const [e2, at2] = worst(actual, wanted, 1e-3);
      console.log(fn.name, e.toExponential(1), x[at], actual[at], wanted[at], '| floor', e2.toExponential(1), x[at2]);
    }
  });
});
