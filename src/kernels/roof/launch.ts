/** A launch that does next to nothing, and needs the one before it: what a launch itself costs. */
import type { WgslKernel } from '../../devices/gpu.js';
import { bindings, constants, kernelText } from '../wgsl.js';

/** Elements of y: one workgroup, no larger than any device's lanes in step. */
const LANES = 32;

/** Bytes of y. */
export const LAUNCH_BYTES = LANES * 4;

const BODY = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) lane: u32) {
  y[lane] = y[lane] * 0.5 + 1.0;
}
`;

export function launchKernel(): WgslKernel {
  const list = [{ name: 'y', access: 'read_write', element: 'f32' }] as const;
  return {
    id: 'launch_v1_f32',
    wgsl: kernelText(['f32'], [constants({ WORKGROUP: LANES }), bindings(list)], BODY),
    bindings: list.map(({ name, access }) => ({ name, access })),
    workgroup: [LANES, 1, 1],
    grid: [1, 1, 1],
    features: [],
    workgroupBytes: 0,
    flops: 2 * LANES,
    bytes: 2 * LAUNCH_BYTES,
  };
}
