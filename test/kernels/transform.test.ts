/** Transforms and the ops that are changes of layout, on software WebGPU; aliases are compared on the host. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GpuDevice } from '../../src/devices/gpu.js';
import { openSoftware } from '../../src/host/webgpu.js';
import { cellsOf } from '../../src/kernels/transform/cells.js';
import { directKernel } from '../../src/kernels/transform/direct.js';
import { chooseBox } from '../../src/kernels/transform/boxes.js';
import { identityMovement, moveKernel, transformKernel } from '../../src/kernels/transform/index.js';
import { naiveTransformKernel } from '../../src/kernels/transform/naive.js';
import { placeBoxes } from '../../src/kernels/transform/placement.js';
import { stridedForm } from '../../src/kernels/transform/strided.js';
import type { TensorView } from '../../src/kernels/view.js';
import { gpuTypeOf, isCandidate } from '../../src/candidates/candidate.js';
import { candidatesFor } from '../../src/candidates/index.js';
import { Tensor, layoutOf, samePlacement, sizeOf, type LayoutKind } from '../../src/tensor/index.js';
import {
  PART_CASES,
  TRANSFORM_SHAPES,
  layoutsForTransforms,
  runTransform,
  transformCases,
} from './cases/transform.js';
import { contextOf, runCase, toDevice } from './harness.js';

/**
 * Compiling takes most of the time: each shape takes every so many-th pair of layouts, all pairs in turn.
 * `TRANSFORM_SHARE=1` tests every pair on every shape.
 */
const SHARE = Number(process.env['TRANSFORM_SHARE'] ?? 7);

const titled = transformCases.map((testCase) => ({ testCase, title: testCase.name }));

function view(kind: LayoutKind, type: 'f32' | 'f16'): TensorView {
  return { dims: [128, 96, 55, 55], layout: layoutOf(kind, 4), type };
}

const size = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });

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
      for (const { from, to } of pairs) {
        const wrong = await runTransform(device, { dims, from, to, type: 'f32' }, (x, y) =>
          transformKernel(x, y, device.limits),
        );
        expect({ from: from.name, to: to.name, wrong }).toEqual({
          from: from.name,
          to: to.name,
          wrong: undefined,
        });
      }
    },
  );

  it.each(PART_CASES)('into a part: $name', async ({ dims, from, to, within }) => {
    const layouts = { from: layoutOf(from, dims.length), to: layoutOf(to, dims.length) };
    const wrong = await runTransform(device, { dims, ...layouts, type: 'f32', within }, (x, y) =>
      transformKernel(x, y, device.limits),
    );
    expect(wrong).toBeUndefined();
  });

  it('moves integers, one by one too', async () => {
    const run = {
      dims: [3, 5, 2, 3],
      from: layoutOf('nhwc', 4),
      to: layoutOf('nchw4c', 4),
      type: 'u32' as const,
    };
    expect(await runTransform(device, run, (x, y) => transformKernel(x, y, device.limits))).toBeUndefined();
    const { maxGrid } = device.limits;
    expect(
      await runTransform(device, run, (x, y) => naiveTransformKernel({ x, y, maxGrid })),
    ).toBeUndefined();
  });

  it('takes tiles of other shapes, and refuses those that are too large', async () => {
    const dims = [40, 24, 5, 4];
    const run = { dims, from: layoutOf('nchw', 4), to: layoutOf('chwn', 4), type: 'f32' as const };
    const config = { op: 'transform', movement: identityMovement(dims), limits: device.limits };
    for (const [x, y] of [
      [16, 8],
      [100, 40],
    ]) {
      const wrong = await runTransform(device, run, (from, to) =>
        moveKernel({ ...config, x: from, y: to, tile: { x, y } }),
      );
      expect(wrong).toBeUndefined();
    }
    const large = await runTransform(device, run, (x, y) =>
      moveKernel({ ...config, x, y, tile: { x: 512, y: 64 } }),
    );
    expect(large).toMatch(/^RangeError: a tile of \d+ cells is over the budget/);
  });

  it('aligns tiles of single elements too', async () => {
    const dims = [36, 5, 5, 13];
    // Of planes with two rows more, so that channels begin anywhere.
    const within = { dims: [36, 8, 7, 13], origin: [0, 0, 0, 0] };
    const run = { dims, from: layoutOf('chwn', 4), to: layoutOf('nchw', 4), type: 'f32' as const, within };
    const wrong = await runTransform(device, run, (x, y) => {
      const tile = { x: 12, y: 32 };
      const config = { op: 'transform', movement: identityMovement(dims), limits: device.limits };
      const source = moveKernel({ ...config, x, y, tile, aligned: true });
      expect(source.id).toBe('transform_chwn_nchw_tiled_v4v1_12x24a8_f32');
      return source;
    });
    expect(wrong).toBeUndefined();
  });

  it('moves CHWN to NCHW4c of any shape, by boxes at lines of memory or anywhere', async () => {
    const shapes = fc.tuple(size(40), size(9), size(13), size(29));
    const tiles = fc.record({ x: size(40), y: fc.constantFrom(8, 16, 19) });
    const [from, to] = (['chwn', 'nchw4c'] as const).map((kind) => layoutOf(kind, 4));
    const ids: string[] = [];
    await fc.assert(
      fc.asyncProperty(shapes, tiles, fc.constantFrom(undefined, false), async (dims, tile, aligned) => {
        const config = { op: 'transform', movement: identityMovement(dims), limits: device.limits };
        const wrong = await runTransform(device, { dims, from, to, type: 'f32' }, (x, y) => {
          const source = moveKernel({ ...config, x, y, tile, aligned });
          ids.push(source.id);
          return source;
        });
        expect(wrong).toBeUndefined();
      }),
      // The example's images are multiples of 8 cells apart, its blocks of channels are not.
      { numRuns: 32, seed: 7, examples: [[[36, 32, 9, 15], { x: 32, y: 16 }, undefined]] },
    );
    for (const alignment of ['', 'a2', 'a4', 'a8']) {
      expect(ids).toContainEqual(expect.stringMatching(`_tiled_gather4_[\\dx]+${alignment}_f32`));
    }
  });

  it.each([
    { plane: 55, alignment: 8, boxes: 4 * 24 * 190 },
    { plane: 110, alignment: 8, boxes: 4 * 24 * 757 },
    { plane: 56, alignment: 1, boxes: 4 * 24 * 196 },
    // A third row of boxes, for less than a line, would cost more than parts of sectors do.
    { plane: 4, alignment: 1, boxes: 4 * 24 },
  ])('begins boxes at lines of memory: planes of $plane', ({ plane, alignment, boxes }) => {
    const dims = [128, 96, plane, plane];
    const [x, y] = (['chwn', 'nchw4c'] as const).map((kind): TensorView => ({
      dims,
      layout: layoutOf(kind, 4),
      type: 'f32',
    }));
    const form = stridedForm(identityMovement(dims), x, y);
    if (!form) throw new Error('not strided');
    const cells = cellsOf(form);
    const box = chooseBox(cells, { budget: 1024, xBytes: 4, yBytes: 16, wish: { x: 32, y: 16 } });
    expect(placeBoxes(cells, box, y, true)).toMatchObject({ alignment, total: boxes });
    expect(placeBoxes(cells, box, y).alignment).toBe(1);
  });

  it('moves four cells per invocation where there are many', async () => {
    const dims = [2, 6, 9, 13];
    const run = { dims, from: layoutOf('nchw', 4), to: layoutOf('nchw4c', 4), type: 'f32' as const };
    const wrong = await runTransform(device, run, (x, y) => {
      const form = stridedForm(identityMovement(dims), x, y);
      if (!form) throw new Error('not strided');
      return directKernel({
        id: 'transform',
        cells: cellsOf(form),
        x,
        y,
        bytes: 0,
        limits: device.limits,
        items: 4,
      });
    });
    expect(wrong).toBeUndefined();
  });

  it.each(titled)('$title', async ({ testCase }) => {
    const results = await runCase(device, testCase, 'f32');
    expect(results.filter(({ failure }) => failure !== undefined)).toEqual([]);
  });

  it.each(titled)('aliases of $title are the same memory', ({ testCase: { op, inputs } }) => {
    const tensors = inputs.map(
      (input) =>
        input &&
        Tensor.from(
          input.dtype,
          input.dims,
          Array.from({ length: sizeOf(input.dims) }, (_, i) => i),
        ),
    );
    const types = { inputs: tensors, outputs: op.infer(tensors) };
    const candidates = candidatesFor(op, types, contextOf(device, 'f32')).filter(isCandidate);
    const [expected] = op.reference(tensors);
    const [x] = tensors;
    for (const candidate of candidates.filter(({ alias }) => alias !== undefined)) {
      const [from] = candidate.inputs;
      if (!x || !from) throw new Error('an alias has an input');
      const type = gpuTypeOf(x.dtype, 'f32');
      expect({ id: candidate.id, memory: toDevice(x, from, type) }).toEqual({
        id: candidate.id,
        memory: toDevice(expected, candidate.outputs[0], type),
      });
      expect(candidate.build({ inputs: [], outputs: [] })).toEqual([]);
    }
  });

  it('names the kernel by what it does', () => {
    const limits = { ...device.limits, maxWorkgroupBytes: 48 * 1024 };
    const ids = [
      transformKernel(view('nchw', 'f32'), view('chwn', 'f32'), limits),
      transformKernel(view('nhwc', 'f32'), view('nchw', 'f16'), limits),
      transformKernel(view('nchw', 'f32'), view('nchw4c', 'f32'), limits),
      transformKernel(view('chwn', 'f32'), view('nchw4c', 'f32'), limits),
      transformKernel(view('nchw4c', 'f16'), view('chwn', 'f16'), limits),
      transformKernel(view('nhwc', 'f32'), view('nhwc', 'f16'), limits),
    ].map(({ id }) => id);
    expect(ids).toEqual([
      'transform_nchw_chwn_tiled_v4v4_32x64_f32',
      'transform_nhwc_nchw_tiled_v4v1_32x64_f32_f16',
      'transform_nchw_nchw4c_direct_gather4x4_f32',
      'transform_chwn_nchw4c_tiled_gather4_32x16a8_f32',
      'transform_nchw4c_chwn_tiled_scatter4_16x32_f16',
      'transform_nhwc_direct_v4x4_f32_f16',
    ]);
  });
});
