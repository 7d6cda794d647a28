/**
 * Softmax in one kernel with one invocation per row: the first of the paper's two steps (section V.B), kernels fused and
 * their parallelism left as it was. A baseline for the study, never a choice.
 */
import type { WgslKernel } from '../../devices/gpu.js';
import { idealBytes, type TensorView } from '../../kernels/view.js';
import {
  alias,
  bindings,
  constants,
  foldedGrid,
  kernelText,
  layoutTag,
  WORKGROUP,
} from '../../kernels/wgsl.js';
import { sizeOf } from '../../tensor/index.js';

const BODY = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (row >= ROWS) { return; }
  let start = row * CLASSES;
  var top = f32(x[start]);
  for (var i = 1u; i < CLASSES; i++) { top = max(top, f32(x[start + i])); }
  var sum = 0.0;
  for (var i = 0u; i < CLASSES; i++) { sum += exp(f32(x[start + i]) - top); }
  for (var i = 0u; i < CLASSES; i++) { y[start + i] = Out(exp(f32(x[start + i]) - top) / sum); }
}
`;

/** @param x rows by classes, row-major and whole; y is alike */
export function fusedSoftmax(x: TensorView, maxGrid: number): WgslKernel {
  const [rows, classes] = x.dims;
  const { grid, gridX } = foldedGrid(Math.ceil(rows / WORKGROUP), maxGrid);
  const list = [
    { name: 'x', access: 'read', element: x.type },
    { name: 'y', access: 'read_write', element: 'Out' },
  ] as const;
  const prelude = [
    constants({ WORKGROUP, GRID_X: gridX, ROWS: rows, CLASSES: classes }),
    alias('Out', x.type),
    bindings(list),
  ];
  return {
    id: `softmax_${layoutTag(x.layout)}_fused-row_x1_${x.type}`,
    wgsl: kernelText([x.type], prelude, BODY),
    bindings: list.map(({ name, access }) => ({ name, access })),
    workgroup: [WORKGROUP, 1, 1],
    grid,
    features: x.type === 'f16' ? ['f16'] : [],
    workgroupBytes: 0,
    flops: 5 * sizeOf(x.dims),
    bytes: 2 * idealBytes(x),
  };
}
