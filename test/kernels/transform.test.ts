/** Transforms and the ops that are changes of layout, on software WebGPU; aliases are compared on the host. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GpuDevice } from '../../src/devices/gpu.js';
import { openSoftware } from '../../src/host/webgpu.js';
import { directKernel } from '../../src/kernels/transform/direct.js';
import { cellsOf } from '../../src/kernels/transform/cells.js';
import { identityMovement, moveKernel, transformKernel } from '../../src/kernels/transform/index.js';
import { naiveTransformKernel } from '../../src/kernels/transform/naive.js';
import { stridedForm } from '../../src/kernels/transform/strided.js';
import { gpuTypeOf, isCandidate } from '../../src/plan/candidate.js';
import { candidatesFor } from '../../src/plan/candidates/index.js';
import { Tensor, layoutOf, samePlacement, sizeOf, type LayoutKind } from '../../src/tensor/index.js';
import type { TensorView } from '../../src/kernels/view.js';
import {
  PART_CASES,
  TRANSFORM_SHAPES,
  layoutsForTransforms,
  runTransform,
  transformCases,
} from './cases/transform.js';
import { contextOf, runCase, toDevice } from './harness.js';

/** Compiling takes most of the time: of the pairs of layouts each shape takes every `SHARE`th, all pairs in turn. */
const SHARE = Number(process.env['TRANSFORM_SHARE'] ?? 7);

function view(kind: LayoutKind, type: 'f32' | 'f16'): TensorView {
  return { dims: [128, 96, 55, 55], layout: layoutOf(kind, 4), type };
}

describe('transforms on software WebGPU', () => {
  let device: GpuDevice;
  beforeAll(async () => {
    device = await openSoftware();
  });
  afterAll(() => {
    device.destroy();
  });

  it.each(TRANSFORM_SHAPES.map((dims, i) => ({ dims, i, title: dims.join('x') })))(
    '$title',
    async ({ dims, i }) => {
      const layouts = layoutsForTransforms(dims.length);
      const pairs = layouts
        .flatMap((from) => layouts.map((to) => ({ from, to })))
        .filter(({ from, to }) => SHARE === 1 || !samePlacement(from, to, dims))
        .filter((_, k) => (k + i) % SHARE === 0);
      for (const candidate of candidates) {
        const {
          id,
          alias,
          inputs: layouts,
          outputs: [to],
        } = candidate;
        if (alias === undefined || !x || !layouts[0]) continue;
        const type = gpuTypeOf(x.dtype, 'f32');
        expect({ id, memory: toDevice(x, layouts[0], type) }).toEqual({
          id,
          memory: toDevice(expected, to, type),
        });
        expect(candidate.build({ inputs: [], outputs: [] })).toEqual([]);
      }
    },
  );

  it('names the kernel by what it does', () => {
    const id = (x: TensorView, y: TensorView): string =>
      transformKernel(x, y, { ...device.limits, maxWorkgroupBytes: 48 * 1024 }).id;
    expect(id(view('nchw', 'f32'), view('chwn', 'f32'))).toBe('transform_nchw_chwn_tiled_v4v4_32x128_f32');
    expect(id(view('nhwc', 'f32'), view('nchw', 'f16'))).toMatch(
      /^transform_nhwc_nchw_tiled_v4v1_\d+x\d+_f32_f16$/,
    );
    expect(id(view('nchw', 'f32'), view('nchw4c', 'f32'))).toBe('transform_nchw_nchw4c_direct_gather4x4_f32');
    expect(id(view('nhwc', 'f32'), view('nhwc', 'f16'))).toBe('transform_nhwc_direct_v4x4_f32_f16');
  });
});
