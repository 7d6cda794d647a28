/**
 * Convolution of 8-bit integers, exact in i32: one output per invocation, in any layout. Invocations walk y in the
 * order of its memory, so that stores coalesce, and so do loads along the innermost axis of x where it is y's too;
 * weights are the same for many invocations and come from cache. A plain kernel: quantised models run on it, but it
 * is not tuned.
 */
import type { KernelSource } from '../../devices/gpu.js';
import type { ConvInteger } from '../../ops/conv-integer.js';
import { physicalDims, sizeOf } from '../../tensor/index.js';
import { idealBytes, type TensorView } from '../view.js';
import {
  atFunction,
  bindings,
  constants,
  coordsFunction,
  foldedGrid,
  indexFunction,
  kernelText,
  layoutTag,
  WORKGROUP,
} from '../wgsl.js';

export interface ConvIntegerConfig {
  readonly op: ConvInteger;
  readonly x: TensorView;
  /** Any order of axes. */
  readonly w: TensorView;
  readonly xZeroPoint: TensorView | undefined;
  /** One element or one per output channel. */
  readonly wZeroPoint: TensorView | undefined;
  readonly bias: TensorView | undefined;
  readonly y: TensorView;
  readonly flops: number;
  readonly maxGrid: number;
}

/** Spatial axes that the body loops over; tensors with fewer get axes of one position in front of theirs. */
const SPATIAL = 3;

const BODY = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i >= COUNT) { return; }
  let p = y_coords(i);
  let m = p[1];
  if (m >= CHANNELS) {
    y[y_at(p)] = 0;
    return;
  }
  let x_zero = x_zero_point();
  let w_zero = w_zero_point(m);
  let first = m / GROUP_OUT * GROUP_IN;
  var sum = bias_at(m);
  for (var a = 0u; a < KERNEL_D; a++) {
    let d = i32(p[2] * STRIDE_D + a * DILATION_D) - PAD_D;
    if (d < 0 || d >= IN_D) { continue; }
    for (var b = 0u; b < KERNEL_H; b++) {
      let h = i32(p[3] * STRIDE_H + b * DILATION_H) - PAD_H;
      if (h < 0 || h >= IN_H) { continue; }
      for (var c = 0u; c < KERNEL_W; c++) {
        let v = i32(p[4] * STRIDE_W + c * DILATION_W) - PAD_W;
        if (v < 0 || v >= IN_W) { continue; }
        for (var k = 0u; k < GROUP_IN; k++) {
          let x_value = i32(x[x_index(p[0], first + k, u32(d), u32(h), u32(v))]) - x_zero;
          sum += x_value * (i32(w[w_index(m, k, a, b, c)]) - w_zero);
        }
      }
    }
  }
  y[y_at(p)] = sum;
}
`;

export function convIntegerKernel(config: ConvIntegerConfig): KernelSource {
  const { op, xZeroPoint, wZeroPoint, bias, flops, maxGrid } = config;
  const [x, w, y] = [config.x, config.w, config.y].map((view) => withSpatial(view));
  const count = sizeOf(physicalDims(y.layout, y.dims));
  const { grid, gridX } = foldedGrid(Math.ceil(count / WORKGROUP), maxGrid);
  const inputs = [
    { name: 'x', view: x },
    { name: 'w', view: w },
    ...(xZeroPoint ? [{ name: 'x_zero', view: xZeroPoint }] : []),
    ...(wZeroPoint ? [{ name: 'w_zero', view: wZeroPoint }] : []),
    ...(bias ? [{ name: 'bias', view: bias }] : []),
  ];
  const list = [
    ...inputs.map(({ name, view }) => ({ name, access: 'read' as const, element: view.type })),
    { name: 'y', access: 'read_write' as const, element: y.type },
  ];
  const perChannel = wZeroPoint && sizeOf(wZeroPoint.dims) > 1 ? 'm' : '0';
  return {
    id: `convinteger_${layoutTag(config.y.layout)}_direct_i32`,
    wgsl: kernelText(
      [],
      [
        constants({
          WORKGROUP,
          GRID_X: gridX,
          COUNT: count,
          CHANNELS: y.dims[1],
          GROUP_IN: w.dims[1],
          GROUP_OUT: w.dims[0] / op.group,
        }),
        ...['D', 'H', 'W'].map((axis, i) => axisConstants(axis, i + 2, op, x, w)),
        bindings(list),
        indexFunction('x', x),
        indexFunction('w', w),
        coordsFunction('y', y),
        atFunction('y', y),
        `fn x_zero_point() -> i32 { return ${xZeroPoint ? 'i32(x_zero[0])' : '0'}; }\n`,
        `fn w_zero_point(m: u32) -> i32 { return ${wZeroPoint ? `i32(w_zero[${perChannel}])` : '0'}; }\n`,
        `fn bias_at(m: u32) -> i32 { return ${bias ? 'bias[m]' : '0'}; }\n`,
      ],
      BODY,
    ),
    bindings: list.map(({ name, access }) => ({ name, access })),
    workgroup: [WORKGROUP, 1, 1],
    grid,
    features: [],
    workgroupBytes: 0,
    flops,
    bytes: [...inputs.map(({ view }) => view), y].reduce((sum, view) => sum + idealBytes(view), 0),
  };
}

/** The constants of one spatial axis: `axis` of the five, which the op has if it is among its last. */
function axisConstants(name: string, axis: number, op: ConvInteger, x: TensorView, w: TensorView): string {
  const own = axis - 2 - (SPATIAL - op.strides.length);
  return constants({
    [`KERNEL_${name}`]: w.dims[axis],
    [`STRIDE_${name}`]: op.strides[own] ?? 1,
    [`DILATION_${name}`]: op.dilations[own] ?? 1,
    [`PAD_${name}`]: { i32: op.padsBegin[own] ?? 0 },
    [`IN_${name}`]: { i32: x.dims[axis] },
  });
}

/** The same memory as [N, C, D, H, W]. */
function withSpatial(view: TensorView): TensorView {
  const missing = SPATIAL + 2 - view.dims.length;
  const insert = (list: readonly number[], value: number): number[] => [
    ...list.slice(0, 2),
    ...new Array<number>(missing).fill(value),
    ...list.slice(2),
  ];
  const { layout, within } = view;
  const added = Array.from({ length: missing }, (_, i) => 2 + i);
  const order = [...added, ...layout.order.map((axis) => (axis < 2 ? axis : axis + missing))];
  return {
    ...view,
    dims: insert(view.dims, 1),
    layout: { ...layout, order },
    ...(within ? { within: { dims: insert(within.dims, 1), origin: insert(within.origin, 0) } } : {}),
  };
}
