/**
 * Convolution and transposed convolution, one output per invocation: valid for every rank, layout, group, dilation and
 * element type, and how integers are convolved. Invocations walk y in memory order, padding of blocks included.
 */
import type { TensorView } from '../view.js';
import {
  alias,
  atFunction,
  bindings,
  constants,
  coordsFunction,
  foldedGrid,
  kernelText,
  WORKGROUP,
} from '../wgsl.js';
import { physicalSize } from '../../tensor/index.js';
import { unaryWgsl } from '../elementwise/functions.js';
import { geometryConstants, index5, liftedView } from './geometry.js';
import { liftedProblem, typesOf, type ConvKernel, type ConvProblem, type ConvRole } from './problem.js';

export interface NaiveConvConfig {
  readonly id: string;
  readonly problem: ConvProblem;
  /** Zero points of x (one) and w (one, or one per output channel), for integers. */
  readonly xZero?: TensorView | undefined;
  readonly wZero?: TensorView | undefined;
  readonly maxGrid: number;
}

/** What a binding of `naiveConvKernel` stands for. */
export type NaiveConvRole = ConvRole | 'x_zero' | 'w_zero';

const CONVOLUTION = /* wgsl */ `
// The input position under a tap of an output position; beyond every extent if there is none.
fn source_of(o: vec3<u32>, tap: vec3<u32>) -> vec3<u32> {
  return o * vec3<u32>(STRIDE_D, STRIDE_H, STRIDE_W) + tap * vec3<u32>(DILATION_D, DILATION_H, DILATION_W)
    - vec3<u32>(PAD_D, PAD_H, PAD_W);
}

fn weight_at(m: u32, first: u32, c: u32, tap: vec3<u32>) -> u32 {
  return w_index(m, c, tap.x, tap.y, tap.z);
}
`;

const TRANSPOSED = /* wgsl */ `
fn source_of(o: vec3<u32>, tap: vec3<u32>) -> vec3<u32> {
  let strides = vec3<u32>(STRIDE_D, STRIDE_H, STRIDE_W);
  let reach = o + vec3<u32>(PAD_D, PAD_H, PAD_W);
  let taken = tap * vec3<u32>(DILATION_D, DILATION_H, DILATION_W);
  let distance = reach - taken;
  let meets = (taken <= reach) & (distance % strides == vec3<u32>());
  return select(vec3<u32>(0xffffffffu), distance / strides, meets);
}

fn weight_at(m: u32, first: u32, c: u32, tap: vec3<u32>) -> u32 {
  return w_index(first + c, m % GROUP_OUT, tap.x, tap.y, tap.z);
}
`;

const MAIN = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i >= COUNT) { return; }
  let p = y_coords(i);
  let m = p[1];
  if (m >= OUT_CHANNELS) {
    y[y_place(i, p)] = Out();
    return;
  }
  let first = m / GROUP_OUT * GROUP_CHANNELS;
  var sum = Sum();
  for (var kd = 0u; kd < KERNEL_D; kd++) {
    for (var kh = 0u; kh < KERNEL_H; kh++) {
      for (var kw = 0u; kw < KERNEL_W; kw++) {
        let tap = vec3<u32>(kd, kh, kw);
        let s = source_of(vec3<u32>(p[2], p[3], p[4]), tap);
        if (s.x < IN_D && s.y < IN_H && s.z < IN_W) {
          for (var c = 0u; c < GROUP_CHANNELS; c++) {
            sum += (Sum(x[x_index(p[0], first + c, s.x, s.y, s.z)]) - x_zero_at())
              * (Sum(w[weight_at(m, first, c, tap)]) - w_zero_at(m));
          }
        }
      }
    }
  }
  y[y_place(i, p)] = Out(activation(sum + bias_at(m) + residual_value(p)));
}
`;

/** `w`'s view has to have the layout that the candidate asks for: any. */
export function naiveConvKernel(config: NaiveConvConfig): {
  readonly source: ConvKernel['source'];
  readonly roles: readonly NaiveConvRole[];
} {
  const { id, xZero, wZero, maxGrid } = config;
  const problem = liftedProblem(config.problem);
  const { x, y, bias, residual, geometry } = problem;
  const w = liftedView(problem.w);
  const sum = y.type === 'i32' ? 'i32' : 'f32';
  const nothing = `${sum}()`;
  const count = physicalSize(y.layout, y.dims);
  const { grid, gridX } = foldedGrid(Math.ceil(count / WORKGROUP), maxGrid);
  const read = (name: NaiveConvRole, view: TensorView | undefined) =>
    view ? ([{ name, access: 'read', element: view.type }] as const) : [];
  const list = [
    { name: 'x', access: 'read', element: x.type },
    { name: 'w', access: 'read', element: w.type },
    ...read('x_zero', xZero),
    ...read('w_zero', wZero),
    ...read('bias', bias),
    ...read('residual', residual),
    { name: 'y', access: 'read_write', element: 'Out' },
  ] as const;
  const types = [...typesOf(problem), ...(xZero ? [xZero.type] : []), ...(wZero ? [wZero.type] : [])];
  const perChannel = wZero && wZero.dims.length === 1 && wZero.dims[0] > 1;
  return {
    source: {
      id,
      wgsl: kernelText(
        types,
        [
          constants({ WORKGROUP, GRID_X: gridX, COUNT: count }),
          geometryConstants(geometry),
          alias('Sum', sum),
          alias('Out', y.type),
          bindings(list),
          index5('x', x),
          index5('w', w),
          coordsFunction('y', y),
          y.within ? atFunction('y', y) : '',
          // A whole tensor is walked in memory order: the count is the place.
          `fn y_place(i: u32, p: array<u32, 5>) -> u32 { return ${y.within ? 'y_at(p)' : 'i'}; }\n`,
          residual ? atFunction('residual', residual) : '',
          `fn residual_value(p: array<u32, 5>) -> ${sum} { return ${residual ? `${sum}(residual[residual_at(p)])` : nothing}; }\n`,
          `fn bias_at(m: u32) -> ${sum} { return ${bias ? `${sum}(bias[m])` : nothing}; }\n`,
          `fn x_zero_at() -> ${sum} { return ${xZero ? `${sum}(x_zero[0])` : nothing}; }\n`,
          `fn w_zero_at(m: u32) -> ${sum} { return ${wZero ? `${sum}(w_zero[${perChannel ? 'm' : '0'}])` : nothing}; }\n`,
          sum === 'f32'
            ? unaryWgsl('activation', problem.activation)
            : 'fn activation(x: Sum) -> Sum { return x; }\n',
        ],
        (geometry.transposed ? TRANSPOSED : CONVOLUTION) + MAIN,
      ),
      bindings: list.map(({ name, access }) => ({ name, access })),
      workgroup: [WORKGROUP, 1, 1],
      grid,
      features: types.includes('f16') ? ['f16'] : [],
      workgroupBytes: 0,
      flops: problem.flops,
      bytes: problem.bytes,
    },
    roles: list.map(({ name }) => name),
  };
}
