/** Results of rows without elements: the same number everywhere. */
import type { WgslKernel } from '../../devices/gpu.js';
import { idealBytes, viewSize, type TensorView } from '../view.js';
import { alias, bindings, constants, foldedGrid, kernelText, layoutTag, WORKGROUP } from '../wgsl.js';

export interface FillConfig {
  readonly name: string;
  /** Not blocked. */
  readonly y: TensorView;
  /** May be infinite or NaN. */
  readonly value: number;
  readonly maxGrid: number;
}

/** The bits go through a function: a constant expression must be finite. */
const BODY = /* wgsl */ `
fn value_of(bits: u32) -> Value { return bitcast<Value>(bits); }

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i >= COUNT) { return; }
  y[i] = Out(value_of(BITS));
}
`;

export function fillKernel({ name, y, value, maxGrid }: FillConfig): WgslKernel {
  const count = viewSize(y);
  const { grid, gridX } = foldedGrid(Math.ceil(count / WORKGROUP), maxGrid);
  const list = [{ name: 'y', access: 'read_write', element: 'Out' }] as const;
  const isFloat = y.type === 'f32' || y.type === 'f16';
  const bits = isFloat ? new Uint32Array(Float32Array.of(value).buffer)[0] : value >>> 0;
  return {
    id: `${name}_${layoutTag(y.layout)}_empty_x1_${y.type}`,
    wgsl: kernelText(
      [y.type],
      [
        constants({ WORKGROUP, GRID_X: gridX, COUNT: count, BITS: bits }),
        alias('Out', y.type),
        alias('Value', isFloat ? 'f32' : y.type),
        bindings(list),
      ],
      BODY,
    ),
    bindings: list.map(({ name: bound, access }) => ({ name: bound, access })),
    workgroup: [WORKGROUP, 1, 1],
    grid,
    features: y.type === 'f16' ? ['f16'] : [],
    workgroupBytes: 0,
    flops: 0,
    bytes: idealBytes(y),
  };
}
