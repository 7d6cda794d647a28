/**
 * Pooling with one output (four along N or C where they divide) per invocation, over windows of any size and dilation
 * in any number of dimensions: always valid.
 *
 * Memory access: invocations follow y's layout, so that loads and stores are neighbours along its innermost axis;
 * overlapping windows are read again, from the caches. In NCHW this is Caffe's kernel, the paper's baseline.
 */
import type { WgslKernel } from '../../devices/gpu.js';
import { physicalSize, sizeOf, stridesOf } from '../../tensor/index.js';
import { viewStrides } from '../view.js';
import { WORKGROUP, atFunction, constants, coordsFunction, foldedGrid, indexFunction } from '../wgsl.js';
import {
  TAPS,
  axisConstants,
  poolSource,
  vectorWidth,
  withSpatialAxes,
  type PoolConfig,
} from './pool-config.js';

/** Up to three spatial axes: taps outside the input are left out by the loops' bounds. */
const BODY = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + local;
  if (i >= COUNT) { return; }
  let p = y_coords(i * VECTOR);
  let n = p[0];
  let c = p[1];
  let channel = Lanes(c) + ELEMENTS * VECTOR_C;
  let number = (Lanes(n) + ELEMENTS * VECTOR_N) * CHANNELS + channel;
  let keep = channel < Lanes(CHANNELS);
  let plane = x_index(n, c, 0u, 0u, 0u);

  let d0 = i32(p[2] * STRIDE_D) - PAD_D;
  let h0 = i32(p[3] * STRIDE_H) - PAD_H;
  let w0 = i32(p[4] * STRIDE_W) - PAD_W;
  let end_d = end_tap(d0, i32(KERNEL_D), i32(DILATION_D), i32(IN_D));
  let end_h = end_tap(h0, i32(KERNEL_H), i32(DILATION_H), i32(IN_H));
  let end_w = end_tap(w0, i32(KERNEL_W), i32(DILATION_W), i32(IN_W));
  let first_d = first_tap(d0, i32(DILATION_D), 0);
  let first_h = first_tap(h0, i32(DILATION_H), 0);
  let first_w = first_tap(w0, i32(DILATION_W), 0);

  var result = none();
  for (var kd = first_d; kd < end_d; kd++) {
    let d = u32(d0 + kd * i32(DILATION_D));
    for (var kh = first_h; kh < end_h; kh++) {
      let h = u32(h0 + kh * i32(DILATION_H));
      let row = plane + d * X_SLICE + h * X_ROW;
      let offset = (d * IN_H + h) * IN_W;
      for (var kw = first_w; kw < end_w; kw++) {
        let w = u32(w0 + kw * i32(DILATION_W));
        result = merge(result, item(Value(x[row + w * X_COLUMN]), offset + w));
      }
    }
  }
  let count = taps(d0, KERNEL_D, DILATION_D, COUNT_FROM_D, COUNT_TO_D)
    * taps(h0, KERNEL_H, DILATION_H, COUNT_FROM_H, COUNT_TO_H)
    * taps(w0, KERNEL_W, DILATION_W, COUNT_FROM_W, COUNT_TO_W);
  let at = y_index(n, c, p[2], p[3], p[4]);
  put(at, indices_index(n, c, p[2], p[3], p[4]), result, count, number, keep);
}
`;

/** Any number of spatial axes: one loop over all taps. */
const BODY_ND = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + local;
  if (i >= COUNT) { return; }
  let p = y_coords(i);
  var result = none();
  for (var tap = 0u; tap < TAP_COUNT; tap++) {
    var q = p;
    var rest = tap;
    var inside = true;
    var offset = 0u;
    for (var axis = 0u; axis < AXES; axis++) {
      let start = i32(p[axis + 2u] * STRIDES[axis]) - i32(PADS[axis]);
      let position = u32(start + i32(rest / TAP_STRIDES[axis] * DILATIONS[axis]));
      rest = rest % TAP_STRIDES[axis];
      inside = inside && position < EXTENTS[axis];
      q[axis + 2u] = position;
      offset += position * PLANE_STRIDES[axis];
    }
    if (inside) { result = merge(result, item(Value(x[x_at(q)]), offset)); }
  }
  var count = 1;
  for (var axis = 0u; axis < AXES; axis++) {
    let start = i32(p[axis + 2u] * STRIDES[axis]) - i32(PADS[axis]);
    let low = -i32(COUNTED_BEFORE[axis]);
    let high = i32(EXTENTS[axis] + COUNTED_BEHIND[axis]);
    count = count * taps(start, KERNEL[axis], DILATIONS[axis], low, high);
  }
  put(y_at(p), indices_at(p), result, count, p[0] * CHANNELS + p[1], true);
}
`;

/** @param variant its name in the kernel's id */
export function directKernel(config: PoolConfig, variant = 'direct'): WgslKernel {
  return config.window.kernel.length <= 3
    ? directKernel3D(withSpatialAxes(config, 3), variant)
    : directKernelND(config, variant);
}

function directKernel3D(config: PoolConfig, variant: string): WgslKernel {
  const { x, y, indices, limits } = config;
  const width = vectorWidth(config);
  const count = physicalSize(y.layout, y.dims) / width;
  const { grid, gridX } = foldedGrid(Math.ceil(count / WORKGROUP), limits.maxGrid);
  const strides = viewStrides(x);
  const innermost = y.layout.block ? 1 : y.layout.order.at(-1);
  return poolSource(config, {
    variant,
    width,
    workgroup: WORKGROUP,
    grid,
    prelude: [
      constants({
        GRID_X: gridX,
        COUNT: count,
        VECTOR: width,
        VECTOR_N: innermost === 0 ? 1 : 0,
        VECTOR_C: innermost === 1 ? 1 : 0,
        X_SLICE: strides[2] / width,
        X_ROW: strides[3] / width,
        X_COLUMN: strides[4] / width,
        ...axisConstants(config, 0, 'D'),
        ...axisConstants(config, 1, 'H'),
        ...axisConstants(config, 2, 'W'),
      }),
      indexFunction('x', x, width),
      coordsFunction('y', y),
      indexFunction('y', y, width),
      indexFunction('indices', indices ?? y, width),
    ],
    body: TAPS + BODY,
  });
}

function directKernelND(config: PoolConfig, variant: string): WgslKernel {
  const { x, y, indices, window, reduction, limits } = config;
  const count = sizeOf(y.dims);
  const { grid, gridX } = foldedGrid(Math.ceil(count / WORKGROUP), limits.maxGrid);
  const spatial = x.dims.slice(2);
  const padded = reduction.kind === 'average' && reduction.countIncludePad;
  const counted = (pads: readonly number[]): readonly number[] => (padded ? pads : pads.map(() => 0));
  return poolSource(config, {
    variant,
    width: 1,
    workgroup: WORKGROUP,
    grid,
    prelude: [
      constants({ GRID_X: gridX, COUNT: count, TAP_COUNT: sizeOf(window.kernel), AXES: spatial.length }),
      listConstant('KERNEL', window.kernel),
      listConstant('STRIDES', window.strides),
      listConstant('DILATIONS', window.dilations),
      listConstant('PADS', window.padsBegin),
      listConstant('EXTENTS', spatial),
      listConstant('TAP_STRIDES', stridesOf(window.kernel)),
      listConstant('PLANE_STRIDES', stridesOf(spatial)),
      listConstant('COUNTED_BEFORE', counted(window.padsBegin)),
      listConstant('COUNTED_BEHIND', counted(window.padsEnd)),
      atFunction('x', x),
      coordsFunction('y', y),
      atFunction('y', y),
      atFunction('indices', indices ?? y),
    ],
    body: TAPS + BODY_ND,
  });
}

function listConstant(name: string, values: readonly number[]): string {
  const list = values.map((value) => `${value}u`).join(', ');
  return `const ${name} = array<u32, ${values.length}>(${list});\n`;
}
