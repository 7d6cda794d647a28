/**
 * Depthwise convolution: every output channel sees one input channel, so nothing is reused but the window's overlap, and
 * memory bounds the time. Each invocation computes a line of neighbouring outputs and keeps the input under them in
 * registers, as the paper's pooling does (section 4.2): a line of the input is loaded once for all the windows across it.
 *
 * Access: NHWC and NCHW4c take a vec4 of channels per invocation, CHWN a vec4 of images, and lines run along W; NCHW takes
 * single elements, neighbouring invocations along W, and lines run along H, so that loads stay coalesced.
 */
import { alias, boundKernel, constants, coordsFunction, foldedGrid, WORKGROUP } from '../wgsl.js';
import type { TensorView } from '../view.js';
import { spanOf } from './launch.js';
import { geometryConstants, index5, product, vectorsAlong } from '../conv/geometry.js';
import {
  channelsInnermost,
  liftedProblem,
  typesOf,
  type ConvKernel,
  type ConvProblem,
} from '../conv/problem.js';
import { epilogue, epilogueBindings, outAlias, type StoreKind } from '../conv/store.js';

export interface DepthwiseConfig {
  readonly id: string;
  readonly problem: ConvProblem;
  readonly maxGrid: number;
  /** Outputs per invocation; at least 1. `depthwisePatch` has the default. */
  readonly patch: number;
}

/** Most input elements (or vectors) of a line that an invocation keeps. */
const LONGEST_LINE = 16;

/** What a vec4 is made of: channels, positions (images of the batch), or nothing. */
function vectorKind({ x, y, residual, geometry }: ConvProblem): StoreKind {
  const views = [x, y, ...(residual ? [residual] : [])];
  if (channelsInnermost(y)) {
    const whole = geometry.channels % 4 === 0 && geometry.outChannels === geometry.channels;
    return whole && views.every((view) => vectorsAlong(view, 1)) ? 'channels' : 'scalars';
  }
  return y.layout.order.at(-1) === 0 && views.every((view) => vectorsAlong(view, 0))
    ? 'positions'
    : 'scalars';
}

/** The axis that lines run along: 1 for H, 2 for W. */
function lineAxis({ geometry, y }: ConvProblem): 1 | 2 {
  return y.layout.order.at(-1) === 4 && !y.layout.block && geometry.output[1] > 1 ? 1 : 2;
}

/** The default patch: four outputs, fewer where the line would grow too long. */
export function depthwisePatch(problem: ConvProblem): number {
  const lifted = liftedProblem(problem);
  const axis = lineAxis(lifted);
  const fits = [4, 2].find(
    (patch) => spanOf(lifted.geometry, axis, patch) <= LONGEST_LINE && patch <= lifted.geometry.output[axis],
  );
  return fits ?? 1;
}

/** Why the kernel does not apply, or undefined. */
export function depthwiseRefusal(problem: ConvProblem): string | undefined {
  const lifted = liftedProblem(problem);
  const { geometry, x, y } = lifted;
  if (geometry.group !== geometry.channels || geometry.transposed) return 'groups have more than one channel';
  if (product(x.dims) * geometry.outChannels === 0) return 'the input is empty';
  if (spanOf(geometry, lineAxis(lifted), 1) > 2 * LONGEST_LINE)
    return 'the window is too long to keep a line of it';
  const blocked = x.layout.block ?? y.layout.block;
  return blocked && vectorKind(lifted) === 'scalars' ? 'channels do not fill blocks of four' : undefined;
}

const MAIN = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i >= COUNT) { return; }
  let work = work_coords(i);
  let n = work[0] * N_STEP;
  let c = work[1] * C_STEP;
  let d = work[2];
  let first = work[LINE_AXIS] * PATCH;
  let b = work[CROSS_AXIS];
  var sums: array<Vector, PATCH>;
  for (var kd = 0u; kd < KERNEL_D; kd++) {
    let in_d = d * STRIDE_D + kd * DILATION_D - PAD_D;
    for (var kb = 0u; kb < CROSS_KERNEL; kb++) {
      let in_b = b * CROSS_STRIDE + kb * CROSS_DILATION - CROSS_PAD;
      if (in_d < IN_D && in_b < CROSS_IN) {
        var line: array<Vector, SPAN>;
        for (var s = 0u; s < SPAN; s++) {
          let in_a = first * LINE_STRIDE + s - LINE_PAD;
          if (in_a < LINE_IN) { line[s] = Vector(x[x_place(n, c / MULTIPLIER, in_d, in_b, in_a)]); }
        }
        for (var ka = 0u; ka < LINE_KERNEL; ka++) {
          let weight = Vector(Weight(w[(tap_index(kd, kb, ka) * OUT_CHANNELS + c) / C_STEP]));
          for (var j = 0u; j < PATCH; j++) {
            sums[j] += weight * line[j * LINE_STRIDE + ka * LINE_DILATION];
          }
        }
      }
    }
  }
  for (var j = 0u; j < PATCH; j++) {
    if (first + j < LINE_OUT) { emit(n, c, d, b, first + j, sums[j]); }
  }
}
`;

/** Lines along W: the crossing axis is H. */
const ALONG_W = /* wgsl */ `
fn tap_index(kd: u32, kb: u32, ka: u32) -> u32 { return (kd * KERNEL_H + kb) * KERNEL_W + ka; }

fn x_place(n: u32, c: u32, d: u32, b: u32, a: u32) -> u32 { return x_index(n, c, d, b, a); }

fn emit(n: u32, c: u32, d: u32, b: u32, a: u32, v: Vector) { put(n, c, d, b, a, v); }
`;

const ALONG_H = /* wgsl */ `
fn tap_index(kd: u32, kb: u32, ka: u32) -> u32 { return (kd * KERNEL_H + ka) * KERNEL_W + kb; }

fn x_place(n: u32, c: u32, d: u32, b: u32, a: u32) -> u32 { return x_index(n, c, d, a, b); }

fn emit(n: u32, c: u32, d: u32, b: u32, a: u32, v: Vector) { put(n, c, d, a, b, v); }
`;

const PUT: Readonly<Record<StoreKind, string>> = {
  channels: /* wgsl */ `
fn put(n: u32, c: u32, d: u32, h: u32, w: u32, v: Vector) {
  let sum = v + residual_at(n, c, d, h, w)
    + vec4<f32>(bias_at(c), bias_at(c + 1u), bias_at(c + 2u), bias_at(c + 3u));
  y[y_index(n, c, d, h, w) / 4u] =
    Out(vec4<f32>(activation(sum.x), activation(sum.y), activation(sum.z), activation(sum.w)));
}
`,
  positions: /* wgsl */ `
fn put(n: u32, c: u32, d: u32, h: u32, w: u32, v: Vector) {
  let sum = v + residual_at(n, c, d, h, w) + bias_at(c);
  y[y_index(n, c, d, h, w) / 4u] =
    Out(vec4<f32>(activation(sum.x), activation(sum.y), activation(sum.z), activation(sum.w)));
}
`,
  scalars: /* wgsl */ `
fn put(n: u32, c: u32, d: u32, h: u32, w: u32, v: Vector) {
  y[y_index(n, c, d, h, w)] = Out(activation(v + bias_at(c) + residual_at(n, c, d, h, w)));
}
`,
};

export function depthwiseKernel({ id, problem: given, maxGrid, patch }: DepthwiseConfig): ConvKernel {
  const problem = liftedProblem(given);
  const { geometry, x, w, y } = problem;
  const kind = vectorKind(problem);
  const line = lineAxis(problem);
  const cross = line === 2 ? 1 : 2;
  const [nStep, cStep] = [kind === 'positions' ? 4 : 1, kind === 'channels' ? 4 : 1];
  const { output } = geometry;
  const lines = [1, 2].map((axis) => (axis === line ? Math.ceil(output[axis] / patch) : output[axis]));
  const work: TensorView = {
    dims: [geometry.batch / nStep, geometry.outChannels / cStep, output[0], ...lines],
    layout: { name: y.layout.name, order: y.layout.order },
    type: y.type,
  };
  const count = product(work.dims);
  const { grid, gridX } = foldedGrid(Math.ceil(count / WORKGROUP), maxGrid);
  const unit = kind === 'scalars' ? 1 : 4;
  const { kernel, strides, dilations, padsBegin, input } = geometry;
  return boundKernel({
    id,
    types: typesOf(problem),
    bindings: [
      { name: 'x', access: 'read', element: unit === 4 ? `vec4<${x.type}>` : x.type },
      { name: 'w', access: 'read', element: kind === 'channels' ? `vec4<${w.type}>` : w.type },
      ...epilogueBindings(problem, kind),
    ],
    declarations: [
      constants({
        WORKGROUP,
        GRID_X: gridX,
        COUNT: count,
        PATCH: patch,
        SPAN: spanOf(geometry, line, patch),
        N_STEP: nStep,
        C_STEP: cStep,
        MULTIPLIER: geometry.outChannels / geometry.channels,
        LINE_AXIS: 2 + line,
        LINE_KERNEL: kernel[line],
        LINE_STRIDE: strides[line],
        LINE_DILATION: dilations[line],
        LINE_PAD: padsBegin[line],
        LINE_IN: input[line],
        LINE_OUT: output[line],
        CROSS_AXIS: 2 + cross,
        CROSS_KERNEL: kernel[cross],
        CROSS_STRIDE: strides[cross],
        CROSS_DILATION: dilations[cross],
        CROSS_PAD: padsBegin[cross],
        CROSS_IN: input[cross],
      }),
      geometryConstants(geometry),
      alias('Vector', unit === 4 ? 'vec4<f32>' : 'f32'),
      alias('Weight', kind === 'channels' ? 'vec4<f32>' : 'f32'),
      outAlias(problem, kind),
    ],
    text: [
      coordsFunction('work', work),
      index5('x', x, unit),
      epilogue(problem, kind),
      line === 2 ? ALONG_W : ALONG_H,
      PUT[kind],
      MAIN,
    ],
    workgroup: [WORKGROUP, 1, 1],
    grid,
    flops: problem.flops,
    bytes: problem.bytes,
  });
}
