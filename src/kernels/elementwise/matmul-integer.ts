/**
 * Matrix product of 8-bit integers, exact in i32: one output per invocation, row-major. Neighbouring invocations are
 * neighbours in a row of y: they share an element of a and read neighbours of b. A plain kernel: quantised models run
 * on it, but it is not tuned.
 */
import type { WgslKernel } from '../../devices/gpu.js';
import type { MatmulShape } from '../../ops/matrix-product.js';
import { sizeOf, stridesOf, broadcastStrides, type Dims } from '../../tensor/index.js';
import { idealBytes, type TensorView } from '../view.js';
import { bindings, constants, foldedGrid, kernelText, WORKGROUP } from '../wgsl.js';

export interface MatmulIntegerConfig {
  /** All row-major. */
  readonly a: TensorView;
  readonly b: TensorView;
  readonly aZeroPoint: TensorView | undefined;
  readonly bZeroPoint: TensorView | undefined;
  readonly y: TensorView;
  readonly shape: MatmulShape;
  readonly flops: number;
  readonly maxGrid: number;
}

const BODY = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i >= M * N * BATCH) { return; }
  let column = i % N;
  let row = i / N % M;
  let batch = i / (N * M);
  let a_zero = a_zero_point(batch, row);
  let b_zero = b_zero_point(batch, column);
  let a_start = a_matrix(batch) + row * K;
  let b_start = b_matrix(batch) + column;
  var sum = 0;
  for (var k = 0u; k < K; k++) {
    sum += (i32(a[a_start + k]) - a_zero) * (i32(b[b_start + k * N]) - b_zero);
  }
  y[i] = sum;
}
`;

export function matmulIntegerKernel(config: MatmulIntegerConfig): WgslKernel {
  const { a, b, aZeroPoint, bZeroPoint, y, shape, flops, maxGrid } = config;
  const { m, n, k, batch } = shape;
  const count = sizeOf(y.dims);
  const { grid, gridX } = foldedGrid(Math.ceil(count / WORKGROUP), maxGrid);
  const inputs = [
    { name: 'a', view: a },
    { name: 'b', view: b },
    ...(aZeroPoint ? [{ name: 'a_zero', view: aZeroPoint }] : []),
    ...(bZeroPoint ? [{ name: 'b_zero', view: bZeroPoint }] : []),
  ];
  const list = [
    ...inputs.map(({ name, view }) => ({ name, access: 'read' as const, element: view.type })),
    { name: 'y', access: 'read_write' as const, element: y.type },
  ];
  return {
    id: 'matmulinteger_row_direct_i32',
    wgsl: kernelText(
      [],
      [
        constants({ WORKGROUP, GRID_X: gridX, BATCH: sizeOf(batch), M: m, N: n, K: k }),
        bindings(list),
        `fn a_matrix(batch: u32) -> u32 { return ${batchOffset(batch, shape.aBatchStrides)}; }\n`,
        `fn b_matrix(batch: u32) -> u32 { return ${batchOffset(batch, shape.bBatchStrides)}; }\n`,
        `fn a_zero_point(batch: u32, row: u32) -> i32 { return ${zeroPoint('a_zero', aZeroPoint?.dims, 'row', m, batch)}; }\n`,
        `fn b_zero_point(batch: u32, column: u32) -> i32 { return ${zeroPoint('b_zero', bZeroPoint?.dims, 'column', n, batch)}; }\n`,
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

/** Where a matrix starts, from the position `batch` among the result's. */
function batchOffset(dims: Dims, strides: readonly number[]): string {
  const below = stridesOf(dims);
  const terms = dims.flatMap((dim, axis) =>
    strides[axis] === 0 ? [] : [`batch / ${below[axis]}u % ${dim}u * ${strides[axis]}u`],
  );
  return terms.join(' + ') || '0u';
}

/** A zero point: there is one for all, one per row of a or column of b, or one per row or column of every matrix. */
function zeroPoint(name: string, dims: Dims | undefined, index: string, extent: number, batch: Dims): string {
  if (!dims) return '0';
  if (sizeOf(dims) === 1) return `i32(${name}[0])`;
  const vectors = dims.length === 1 ? [] : dims.slice(0, -2);
  const varies = dims.length === 1 || sizeOf(dims.slice(-2)) === extent;
  const strides = broadcastStrides(vectors, batch).map((stride) => stride * (varies ? extent : 1));
  return `i32(${name}[${batchOffset(batch, strides)}${varies ? ` + ${index}` : ''}])`;
}
