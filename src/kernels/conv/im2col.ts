/**
 * Unrolls the windows of an NCHW input into matrices [group channel and tap] by [output position] (Caffe's im2col;
 * Chellapilla et al., 2006), one per image and group: the first half of the study's baseline convolution, which a matrix
 * product follows. Neighbouring invocations write neighbouring positions.
 */
import { GPU_TYPE_BYTES, type GpuType } from '../../devices/gpu.js';
import { alias, bindings, constants, foldedGrid, kernelText, WORKGROUP } from '../wgsl.js';
import { geometryConstants, index5, liftedView, product, type ConvGeometry } from './geometry.js';
import type { TensorView } from '../view.js';
import type { ConvKernel } from './problem.js';

export interface Im2colConfig {
  readonly id: string;
  readonly geometry: ConvGeometry;
  /** NCHW. */
  readonly x: TensorView;
  readonly maxGrid: number;
}

/** Elements of all matrices. */
export function im2colSize({ batch, channels, kernel, output }: ConvGeometry): number {
  return batch * channels * product(kernel) * product(output);
}

/** Bytes of all matrices. */
export function im2colBytes(geometry: ConvGeometry, type: GpuType): number {
  return im2colSize(geometry) * GPU_TYPE_BYTES[type];
}

const BODY = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i >= COUNT) { return; }
  let position = i % (OUT_D * OUT_H * OUT_W);
  let row = i / (OUT_D * OUT_H * OUT_W);
  let tap = row % TAPS;
  let c = row / TAPS % CHANNELS;
  let n = row / (TAPS * CHANNELS);
  let d = position / (OUT_W * OUT_H) * STRIDE_D + tap / (KERNEL_W * KERNEL_H) * DILATION_D - PAD_D;
  let h = position / OUT_W % OUT_H * STRIDE_H + tap / KERNEL_W % KERNEL_H * DILATION_H - PAD_H;
  let w = position % OUT_W * STRIDE_W + tap % KERNEL_W * DILATION_W - PAD_W;
  var v = Element();
  if (d < IN_D && h < IN_H && w < IN_W) { v = x[x_index(n, c, d, h, w)]; }
  partial[i] = v;
}
`;

export function im2colKernel({ id, geometry, x, maxGrid }: Im2colConfig): ConvKernel {
  const count = im2colSize(geometry);
  const { grid, gridX } = foldedGrid(Math.ceil(count / WORKGROUP), maxGrid);
  const list = [
    { name: 'x', access: 'read', element: 'Element' },
    { name: 'partial', access: 'read_write', element: 'Element' },
  ] as const;
  return {
    source: {
      id,
      wgsl: kernelText(
        [x.type],
        [
          constants({ WORKGROUP, GRID_X: gridX, COUNT: count, CHANNELS: geometry.channels }),
          geometryConstants(geometry),
          alias('Element', x.type),
          bindings(list),
          index5('x', liftedView(x)),
        ],
        BODY,
      ),
      bindings: list.map(({ name, access }) => ({ name, access })),
      workgroup: [WORKGROUP, 1, 1],
      grid,
      features: x.type === 'f16' ? ['f16'] : [],
      workgroupBytes: 0,
      // The op's figures are those of the product that follows.
      flops: 0,
      bytes: 0,
    },
    roles: list.map(({ name }) => name),
  };
}
