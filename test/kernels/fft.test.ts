/** Convolutions through Fourier transforms, and the transform of a line itself. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCandidate } from '../../src/candidates/candidate.js';
import { candidatesFor } from '../../src/candidates/index.js';
import type { GpuDevice, KernelSource } from '../../src/devices/gpu.js';
import { fftFunction, type FftSize } from '../../src/kernels/fft/line.js';
import { Conv, type ConvOptions } from '../../src/ops/conv.js';
import { fftCases, thoroughFftCases } from './cases/fft.js';
import { contextOf } from './harness.js';
import { describeCases, useSoftwareDevice } from './run-cases.js';

// LANEWISE_THOROUGH=1 runs the cases in every layout and tile size.
const thorough = process.env['LANEWISE_THOROUGH'] ? thoroughFftCases : [];

describeCases('convolutions through Fourier transforms', [...fftCases, ...thorough]);

describe('convolutions that are not transformed', () => {
  const device = useSoftwareDevice();
  const refusals = (
    x: readonly number[],
    w: readonly number[],
    options: Partial<ConvOptions> = {},
  ): string[] => {
    const op = new Conv({ strides: [1, 1], ...options });
    const inputs = [x, w].map((dims) => ({ dtype: 'f32', dims }) as const);
    const entries = candidatesFor(op, { inputs, outputs: op.infer(inputs) }, contextOf(device(), 'f32'));
    const own = entries.filter(({ id }) => /_fft/.test(id));
    return own.map((entry) => (isCandidate(entry) ? entry.id : entry.refused));
  };

  it.each([
    ['a small window', 'the window has a side below 5 points', [2, 8, 20, 20], [8, 8, 3, 7], {}],
    [
      'strides',
      'strides, dilations, groups or a transposed convolution',
      [2, 8, 20, 20],
      [8, 8, 5, 5],
      { strides: [2, 1] },
    ],
    ['a large window', 'the window is larger than a tile of 32x32', [1, 2, 40, 40], [2, 2, 33, 33], {}],
    ['a small plane', 'the transforms take longer than what they save', [4, 8, 7, 7], [8, 8, 5, 5], {}],
  ] as const)('%s', (_, reason, x, w, options) => {
    const found = refusals(x, w, options);
    expect(found).toHaveLength(4);
    for (const refused of found) expect(refused).toMatch(new RegExp(`${reason}|channels in blocks`));
    expect(found[0]).toContain(reason);
  });
});

/** A line per invocation. */
function lineKernel(size: FftSize, lines: number): KernelSource {
  return {
    id: `fft${size}`,
    wgsl: `${fftFunction(size)}
@group(0) @binding(0) var<storage, read> x: array<Line>;
@group(0) @binding(1) var<storage, read_write> y: array<Line>;
@compute @workgroup_size(1)
fn main(@builtin(workgroup_id) wid: vec3<u32>) { y[wid.x] = fft(x[wid.x]); }
`,
    bindings: [
      { name: 'x', access: 'read' },
      { name: 'y', access: 'read_write' },
    ],
    workgroup: [1, 1, 1],
    grid: [lines, 1, 1],
    features: [],
    workgroupBytes: 0,
    flops: 0,
    bytes: 0,
  };
}

/** Transforms lines of complex numbers, one after another, real and imaginary parts alternating. */
async function transformed(device: GpuDevice, size: FftSize, data: Float32Array): Promise<Float32Array> {
  const [kernel] = await device.compile([lineKernel(size, data.length / (2 * size))]);
  const buffers = await Promise.all(['x', 'y'].map((label) => device.allocate(data.byteLength, label)));
  device.write(buffers[0], 0, data);
  const slices = buffers.map((buffer) => ({ buffer, offset: 0, bytes: data.byteLength }));
  const recording = await device.record([{ kernel, slices }], slices.slice(1));
  const [raw] = await device.submit(recording);
  device.release(recording);
  for (const buffer of buffers) buffer.destroy();
  return new Float32Array(raw.buffer);
}

/** The definition, in f64. */
function directTransform(line: ArrayLike<number>): Float64Array {
  const size = line.length / 2;
  const result = new Float64Array(line.length);
  for (let k = 0; k < size; k++) {
    for (let j = 0; j < size; j++) {
      const angle = (-2 * Math.PI * ((j * k) % size)) / size;
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      result[2 * k] += line[2 * j] * cos - line[2 * j + 1] * sin;
      result[2 * k + 1] += line[2 * j] * sin + line[2 * j + 1] * cos;
    }
  }
  return result;
}

const norm = (line: ArrayLike<number>): number => Math.hypot(...Array.from(line));

describe('the transform of a line', () => {
  const device = useSoftwareDevice();

  it.each([16, 32] as const)('of %i is the discrete Fourier transform', async (size) => {
    const line = fc.array(fc.float({ min: -1e3, max: 1e3, noNaN: true }), {
      minLength: 2 * size,
      maxLength: 2 * size,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 20 }), async (lines) => {
        const data = Float32Array.from(lines.flat());
        const actual = await transformed(device(), size, data);
        for (const [i, given] of lines.entries()) {
          const wanted = directTransform(Float32Array.from(given));
          const error = wanted.map((value, j) => actual[2 * size * i + j] - value);
          expect(norm(error)).toBeLessThanOrEqual(3e-7 * norm(wanted));
        }
      }),
      { numRuns: 40 },
    );
  });
});
