/** Small kernels for tests of the device itself. */
import type { GpuBuffer, GpuDevice, GpuRecording, WgslKernel } from '../../../src/devices/gpu.js';

/** A kernel on one read-write array of 64 floats. */
export function kernel(id: string, statement: string, rest: Partial<WgslKernel> = {}): WgslKernel {
  return {
    id,
    wgsl: `@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) { ${statement} }
`,
    bindings: [{ name: 'x', access: 'read_write' }],
    workgroup: [64, 1, 1],
    grid: [1, 1, 1],
    features: [],
    workgroupBytes: 0,
    flops: 0,
    bytes: 0,
    ...rest,
  };
}

export const increment = kernel('increment_f32', 'x[id.x] += 1;');

/** Bytes of the array. */
export const BYTES = 256;

export interface Counter {
  readonly buffer: GpuBuffer;
  readonly recording: GpuRecording;
  /** Adds one to every element and returns the first, checking that all are alike. */
  readonly step: () => Promise<number>;
}

/** An array of zeros on a device, and a recording that counts in it. */
export async function counter(device: GpuDevice, source = increment): Promise<Counter> {
  const [compiled] = await device.compile([source]);
  const buffer = await device.allocate(BYTES, 'counter');
  const slice = { buffer, offset: 0, bytes: BYTES };
  const recording = await device.record([{ kernel: compiled, slices: [slice] }], [slice]);
  const step = async (): Promise<number> => {
    const [bytes] = await device.submit(recording);
    const values = new Set(new Float32Array(bytes.buffer));
    if (values.size !== 1) throw new Error(`the elements differ: ${[...values].join(', ')}`);
    return [...values][0];
  };
  return { buffer, recording, step };
}
