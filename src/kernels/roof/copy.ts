/** The copy that measures a device's memory bandwidth: every byte read once and written once, 16 at a time. */
import type { WgslKernel } from '../../devices/gpu.js';
import { bindings, constants, foldedGrid, kernelText, WORKGROUP } from '../wgsl.js';

/** vec4s per invocation, a workgroup apart from each other: independent loads that hide memory latency. */
const PER_INVOCATION = 4;

const BODY = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let start = (wid.x + wid.y * GRID_X) * WORKGROUP * PER_INVOCATION + lane;
  var held: array<vec4<f32>, PER_INVOCATION>;
  for (var k = 0u; k < PER_INVOCATION; k++) { held[k] = x[min(start + k * WORKGROUP, COUNT - 1u)]; }
  for (var k = 0u; k < PER_INVOCATION; k++) {
    let i = start + k * WORKGROUP;
    if (i < COUNT) { y[i] = held[k]; }
  }
}
`;

/** @param bytes size of x and of y, a multiple of 16 */
export function copyKernel(bytes: number, maxGrid: number): WgslKernel {
  const count = bytes / 16;
  const { grid, gridX } = foldedGrid(Math.ceil(count / (WORKGROUP * PER_INVOCATION)), maxGrid);
  const list = [
    { name: 'x', access: 'read', element: 'vec4<f32>' },
    { name: 'y', access: 'read_write', element: 'vec4<f32>' },
  ] as const;
  return {
    id: 'copy_v4_f32',
    wgsl: kernelText(
      ['f32'],
      [constants({ WORKGROUP, PER_INVOCATION, COUNT: count, GRID_X: gridX }), bindings(list)],
      BODY,
    ),
    bindings: list.map(({ name, access }) => ({ name, access })),
    workgroup: [WORKGROUP, 1, 1],
    grid,
    features: [],
    workgroupBytes: 0,
    flops: 0,
    bytes: 2 * bytes,
  };
}
