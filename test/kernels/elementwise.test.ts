import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GpuDevice } from '../../src/devices/gpu.js';
import { openSoftware } from '../../src/host/webgpu.js';
import type { TensorView } from '../../src/kernels/view.js';
import { Binary } from '../../src/ops/binary.js';
import { sub } from '../../src/ops/binary-functions.js';
import { ConvInteger } from '../../src/ops/conv-integer.js';
import { DequantizeLinear } from '../../src/ops/dequantize-linear.js';
import type { Op } from '../../src/ops/op.js';
import { QuantizeLinear } from '../../src/ops/quantize-linear.js';
import { Unary } from '../../src/ops/unary.js';
import { relu } from '../../src/ops/unary-functions.js';
import { isCandidate, type CandidateContext } from '../../src/candidates/candidate.js';
import { candidatesFor } from '../../src/candidates/index.js';
import {
  LAYOUT_KINDS,
  Tensor,
  convertLayout,
  layoutOf,
  physicalSize,
  type DType,
} from '../../src/tensor/index.js';
import { elementwiseCases } from './cases/elementwise.js';
import { contextOf, toDevice } from './harness.js';
import { describeCases } from './run-cases.js';

describeCases('element-wise ops', elementwiseCases);

const typesOf = (op: Op, ...inputs: (readonly [DType, readonly number[]])[]) => {
  const types = inputs.map(([dtype, dims]) => ({ dtype, dims }));
  return { inputs: types, outputs: op.infer(types) };
};

const refusals = (op: Op, types: ReturnType<typeof typesOf>, context: CandidateContext) =>
  candidatesFor(op, types, context).map((found) => (isCandidate(found) ? undefined : found.refused));

describe('what the cases do not reach', () => {
  let device: GpuDevice;
  beforeAll(async () => {
    device = await openSoftware();
  });
  afterAll(() => {
    device.destroy();
  });

  // Parts that start at multiples of four, which are stored as vec4, and others.
  it.each([
    [
      [2, 4, 3, 4],
      [4, 12, 6, 8],
      [1, 4, 2, 4],
    ],
    [
      [2, 4, 3, 5],
      [3, 9, 5, 7],
      [1, 4, 1, 1],
    ],
  ])('parts %j of %j from %j on', async (dims, whole, origin) => {
    const op = new Binary(sub);
    const types = typesOf(op, ['f32', dims], ['f32', [dims[1], 1, 1]]);
    const a = Tensor.from(
      'f32',
      dims,
      Array.from({ length: 2 * 4 * 3 * dims[3] }, (_, i) => i),
    );
    const b = Tensor.from('f32', [4, 1, 1], [0.5, 1.5, 2.5, 3.5]);
    for (const candidate of candidatesFor(op, types, contextOf(device, 'f32')).filter(isCandidate)) {
      const [layout] = candidate.outputs;
      const part: TensorView = { dims, layout, type: 'f32', within: { dims: whole, origin } };
      const views = [a, b].map((tensor, i): TensorView => ({
        dims: tensor.dims,
        layout: candidate.inputs[i] ?? layout,
        type: 'f32',
      }));
      const [{ source }] = candidate.build({ inputs: views, outputs: [part] });
      const untouched = new Float32Array(physicalSize(layout, whole)).fill(-1);
      const contents = [...[a, b].map((t, i) => toDevice(t, views[i].layout, 'f32')), untouched];
      const buffers = await Promise.all(
        contents.map(({ byteLength }) => device.allocate(byteLength, 'part')),
      );
      for (const [i, data] of contents.entries()) device.write(buffers[i], 0, data);
      const slices = buffers.map((buffer) => ({ buffer, offset: 0, bytes: buffer.bytes }));
      const [kernel] = await device.compile([source]);
      const recording = await device.record([{ kernel, slices }], slices.slice(-1));
      const [raw] = await device.submit(recording);
      device.release(recording);
      for (const buffer of buffers) buffer.destroy();

      const wanted = new Tensor('f32', whole);
      wanted.data.fill(-1);
      const [y] = op.reference([a, b]);
      for (let i = 0; i < y.size; i++) {
        const at = [0, 1, 2, 3].map(
          (axis) => Math.floor(i / dims.slice(axis + 1).reduce((p, d) => p * d, 1)) % dims[axis],
        );
        const place = at.reduce((sum, position, axis) => sum * whole[axis] + position + origin[axis], 0);
        wanted.data[place] = Number(y.data[i]);
      }
      const actual = new Float32Array(wanted.size);
      convertLayout(new Float32Array(raw.buffer), actual, whole, layout, layoutOf('nchw', 4));
      expect([candidate.id, actual]).toEqual([candidate.id, wanted.data]);
    }
  });

  it('half precision is refused without the feature', () => {
    const op = new Unary(relu);
    const types = typesOf(op, ['f16', [2, 3]]);
    const without: CandidateContext = { ...contextOf(device, 'f32'), features: new Set() };
    expect(new Set(refusals(op, types, without))).toEqual(new Set(['the device has no 16-bit floats']));
    const within: CandidateContext = { ...without, features: new Set(['f16']) };
    expect(new Set(refusals(op, types, within))).toEqual(new Set([undefined]));
  });

  it('in half precision storage converts, arithmetic does not change', () => {
    const op = new Binary(sub);
    const types = typesOf(op, ['f32', [2, 4, 2, 2]], ['f32', [4, 1, 1]]);
    const context: CandidateContext = {
      ...contextOf(device, 'f32'),
      storage: 'f16',
      features: new Set(['f16']),
    };
    const candidate = candidatesFor(op, types, context).find((found) => isCandidate(found));
    if (!candidate) throw new Error('every candidate refuses');
    const [big, small] = types.inputs.map(({ dims }): TensorView => ({
      dims,
      layout: layoutOf('nchw', dims.length),
      type: 'f16',
    }));
    const [{ source }] = candidate.build({ inputs: [big, small], outputs: [big] });
    expect(source.features).toEqual(['f16']);
    expect(source.id).toBe('sub_nchw_bcast_v4x1_f16');
    expect(source.wgsl).toMatchInlineSnapshot(`
      "enable f16;
      const WORKGROUP = 256u;
      const ITEMS = 1u;
      const COUNT = 8u;
      const GRID_X = 1u;
      alias Out = vec4<f16>;
      @group(0) @binding(0) var<storage, read> x0: array<vec4<f16>>;
      @group(0) @binding(1) var<storage, read> x1: array<f16>;
      @group(0) @binding(2) var<storage, read_write> y: array<Out>;
      fn x0_load(i: u32) -> vec4<f32> { return vec4<f32>(x0[(i)]); }
      fn x1_load(i: u32) -> vec4<f32> { return vec4<f32>(f32(x1[(i % 4u)])); }
      fn y_address(i: u32) -> u32 { return (i); }
      fn f(a: f32, b: f32) -> f32 { return a - b; }
      fn padded(v: vec4<f32>, i: u32) -> vec4<f32> { return v; }
      fn element(i: u32) -> Out {
        let v0 = x0_load(i);
        let v1 = x1_load(i);
        return Out(padded(vec4<f32>(f(v0.x, v1.x), f(v0.y, v1.y), f(v0.z, v1.z), f(v0.w, v1.w)), i));
      }

      @compute @workgroup_size(WORKGROUP)
      fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
        let start = (wid.x + wid.y * GRID_X) * (WORKGROUP * ITEMS) + lane;
        var held: array<Out, ITEMS>;
        for (var k = 0u; k < ITEMS; k++) { held[k] = element(min(start + k * WORKGROUP, COUNT - 1u)); }
        for (var k = 0u; k < ITEMS; k++) {
          let i = start + k * WORKGROUP;
          if (i < COUNT) { y[y_address(i)] = held[k]; }
        }
      }
      "
    `);
  });

  it('layouts that cannot serve are refused, others not', () => {
    const op = new DequantizeLinear({ to: 'f32', axis: 1, blockSize: 2 });
    const types = typesOf(op, ['u8', [2, 6, 3, 3]], ['f32', [2, 3, 3, 3]]);
    const found = refusals(op, types, contextOf(device, 'f32'));
    expect(found.map((reason) => reason !== undefined)).toEqual(
      LAYOUT_KINDS.map((kind) => kind === 'nchw4c'),
    );
    const convolution = new ConvInteger({ strides: [1, 1, 1, 1] });
    const six = [1, 1, 2, 2, 2, 2];
    const types4 = typesOf(convolution, ['u8', six], ['u8', six]);
    expect(() => candidatesFor(convolution, types4, contextOf(device, 'f32'))).toThrow('4 spatial axes');
  });

  it('types and precisions that GPUs lack are refused by name', () => {
    const quantize = new QuantizeLinear({
      to: 'u8',
      axis: 0,
      blockSize: 0,
      precision: 'f64',
      saturate: true,
    });
    const context = contextOf(device, 'f32');
    const types = typesOf(quantize, ['f32', [4]], ['f32', []]);
    expect(() => candidatesFor(quantize, types, context)).toThrow('precision f64 of QuantizeLinear');
    const op = new Unary(relu);
    expect(() => candidatesFor(op, typesOf(op, ['f64', [4]]), context)).toThrow('element type f64 on a GPU');
  });
});
