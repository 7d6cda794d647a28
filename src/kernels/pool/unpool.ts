/**
 * Max unpooling: fills y with zeros, then stores each element of x where its index says.
 *
 * Memory access: the fill and the loads of x and indices are coalesced; the scattered stores go where the maxima were,
 * at most a window apart. Of elements with equal indices any one is stored. Indices outside the unpooled tensor are
 * left out.
 */
import type { WgslKernel } from '../../devices/gpu.js';
import { physicalSize, rowMajor, sizeOf, type Dims } from '../../tensor/index.js';
import { idealBytes, isDense, type TensorView } from '../view.js';
import {
  WORKGROUP,
  alias,
  atFunction,
  bindings,
  constants,
  coordsFunction,
  foldedGrid,
  kernelText,
  layoutTag,
} from '../wgsl.js';

export interface UnpoolConfig {
  readonly x: TensorView;
  /** i32, of x's dims: row-major positions in a tensor of dims `unpooled`. */
  readonly indices: TensorView;
  /** Its first corner is the tensor that the indices count in. */
  readonly y: TensorView;
  readonly unpooled: Dims;
  readonly maxGrid: number;
}

const FILL_DENSE = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i < COUNT) { y[i] = Out(0); }
}
`;

const FILL_PART = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i < COUNT) { y[y_at(y_coords(i))] = Out(0); }
}
`;

const SCATTER = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i >= COUNT) { return; }
  let p = x_coords(i);
  if (p[1] >= CHANNELS) { return; }
  let index = u32(indices[indices_at(p)]);
  if (index >= UNPOOLED) { return; }
  y[y_at(unpooled_coords(index))] = Out(x[x_at(p)]);
}
`;

/** The kernels, in order: bindings [y], then [x, indices, y]. */
export function unpoolKernels(config: UnpoolConfig): WgslKernel[] {
  return [fillKernel(config), scatterKernel(config)];
}

function fillKernel({ y, maxGrid }: UnpoolConfig): WgslKernel {
  const size = physicalSize(y.layout, y.dims);
  const dense = isDense(y);
  const width = dense && size % 4 === 0 ? 4 : 1;
  const { grid, gridX } = foldedGrid(Math.ceil(size / width / WORKGROUP), maxGrid);
  const list = [{ name: 'y', access: 'read_write', element: 'Out' }] as const;
  return {
    id: `maxunpool_${layoutTag(y.layout)}_fill_v${width}_${y.type}`,
    wgsl: kernelText(
      [y.type],
      [
        constants({ WORKGROUP, COUNT: size / width, GRID_X: gridX }),
        alias('Out', width === 4 ? `vec4<${y.type}>` : y.type),
        bindings(list),
        ...(dense ? [] : [coordsFunction('y', y), atFunction('y', y)]),
      ],
      dense ? FILL_DENSE : FILL_PART,
    ),
    bindings: list.map(({ name, access }) => ({ name, access })),
    workgroup: [WORKGROUP, 1, 1],
    grid,
    features: y.type === 'f16' ? ['f16'] : [],
    workgroupBytes: 0,
    flops: 0,
    bytes: idealBytes(y),
  };
}

function scatterKernel({ x, indices, y, unpooled, maxGrid }: UnpoolConfig): WgslKernel {
  const count = physicalSize(x.layout, x.dims);
  const { grid, gridX } = foldedGrid(Math.ceil(count / WORKGROUP), maxGrid);
  const list = [
    { name: 'x', access: 'read', element: x.type },
    { name: 'indices', access: 'read', element: indices.type },
    { name: 'y', access: 'read_write', element: 'Out' },
  ] as const;
  const counted: TensorView = { dims: unpooled, layout: rowMajor(unpooled.length), type: y.type };
  return {
    id: `maxunpool_${layoutTag(x.layout)}_scatter_${y.type}`,
    wgsl: kernelText(
      [x.type, y.type],
      [
        constants({
          WORKGROUP,
          COUNT: count,
          GRID_X: gridX,
          CHANNELS: x.dims[1],
          UNPOOLED: sizeOf(unpooled),
        }),
        alias('Out', y.type),
        bindings(list),
        coordsFunction('x', x),
        atFunction('x', x),
        atFunction('indices', indices),
        coordsFunction('unpooled', counted),
        atFunction('y', y),
      ],
      SCATTER,
    ),
    bindings: list.map(({ name, access }) => ({ name, access })),
    workgroup: [WORKGROUP, 1, 1],
    grid,
    features: x.type === 'f16' ? ['f16'] : [],
    workgroupBytes: 0,
    flops: 0,
    bytes: idealBytes(x) + idealBytes(indices),
  };
}
