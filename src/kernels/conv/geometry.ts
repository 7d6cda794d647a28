/**
 * Convolutions as their kernels see them: always three spatial axes (missing ones have length 1), groups, and transposed
 * convolution as the same sum with other taps.
 *
 * Every output position looks at taps; tap t of the window at `origin` reads input position `origin + offset(t)`:
 * a convolution has origin = o * stride - pad and offset(t) = t * dilation. A transposed convolution is divided into
 * phases, the remainders of output positions by the stride: within a phase, o = q * stride + phase, the origin is q, and
 * only every stride-th tap meets an input position (the sub-pixel view of Shi et al., arXiv 1609.07009).
 * All of it is u32 arithmetic that wraps: what lies before 0 is beyond every extent.
 */
import { viewOffset, viewStrides, type TensorView } from '../view.js';
import { constants, indexExpression } from '../wgsl.js';
import type { Dims, Layout } from '../../tensor/index.js';

/** [depth, height, width]. */
export type Triple = readonly [number, number, number];

/** Sizes and steps of a convolution or transposed convolution. */
export interface ConvGeometry {
  readonly batch: number;
  readonly channels: number;
  readonly outChannels: number;
  readonly group: number;
  readonly input: Triple;
  readonly output: Triple;
  readonly kernel: Triple;
  readonly strides: Triple;
  readonly dilations: Triple;
  readonly padsBegin: Triple;
  readonly transposed: boolean;
}

/** What `convGeometry` needs of an op. */
export interface ConvSteps {
  readonly group: number;
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padsBegin: readonly number[];
}

/** @param x dims [N, C, ...]; @param w dims of the weights in ONNX's order; @param y dims [N, M, ...] */
export function convGeometry(op: ConvSteps, x: Dims, w: Dims, y: Dims, transposed: boolean): ConvGeometry {
  return {
    batch: x[0],
    channels: x[1],
    outChannels: y[1],
    group: op.group,
    input: triple(x.slice(2), 1),
    output: triple(y.slice(2), 1),
    kernel: triple(w.slice(2), 1),
    strides: triple(op.strides, 1),
    dilations: triple(op.dilations, 1),
    padsBegin: triple(op.padsBegin, 0),
    transposed,
  };
}

function triple(list: readonly number[], missing: number): Triple {
  const [a, b, c] = [missing, missing, missing, ...list].slice(-3);
  return [a, b, c];
}

/** A view of [N, C, ...] as one of [N, C, D, H, W]: missing axes of length 1 in front of the spatial ones. */
export function liftedView(view: TensorView): TensorView {
  const missing = 5 - view.dims.length;
  const lift = (dims: Dims, filler: number): number[] => [
    ...dims.slice(0, 2),
    ...new Array<number>(missing).fill(filler),
    ...dims.slice(2),
  ];
  const added = Array.from({ length: missing }, (_, i) => 2 + i);
  const order = view.layout.order.flatMap((axis) => (axis < 2 ? [axis] : [axis + missing]));
  // The new axes go in front of the first spatial one: there they change no stride.
  const firstSpatial = order.findIndex((axis) => axis >= 2);
  const at = firstSpatial < 0 ? order.length : firstSpatial;
  const layout: Layout = { ...view.layout, order: [...order.slice(0, at), ...added, ...order.slice(at)] };
  return {
    ...view,
    dims: lift(view.dims, 1),
    layout,
    ...(view.within && { within: { dims: lift(view.within.dims, 1), origin: lift(view.within.origin, 0) } }),
  };
}

/**
 * A pointwise convolution has no use for spatial axes: its tensors as [N, C, 1, 1, P]. For views whose spatial axes lie
 * in order and next to each other; undefined for others.
 */
export function flattenedView(lifted: TensorView): TensorView | undefined {
  const { dims, layout, within } = lifted;
  const spatial = layout.order.filter((axis) => axis >= 2);
  const first = layout.order.indexOf(spatial[0]);
  const together = spatial.every((axis, i) => axis === i + 2 && layout.order[first + i] === axis);
  const whole = !within || [2, 3, 4].every((axis) => within.dims[axis] === dims[axis]);
  if (!together || !whole) return undefined;
  return {
    ...lifted,
    dims: mergedSpatial(dims),
    ...(within && {
      within: { dims: mergedSpatial(within.dims), origin: [within.origin[0], within.origin[1], 0, 0, 0] },
    }),
  };
}

function mergedSpatial([n, c, d, h, w]: Dims): number[] {
  return [n, c, 1, 1, d * h * w];
}

/** Whether every output position looks at the one input position of the same index. */
export function isPointwise({ input, output, kernel, strides, padsBegin }: ConvGeometry): boolean {
  return [0, 1, 2].every(
    (i) => kernel[i] === 1 && strides[i] === 1 && padsBegin[i] === 0 && input[i] === output[i],
  );
}

/** The geometry of a pointwise convolution on flattened views. */
export function flattenedGeometry(geometry: ConvGeometry): ConvGeometry {
  const { input, output } = geometry;
  const one: Triple = [1, 1, 1];
  return {
    ...geometry,
    input: [1, 1, input[0] * input[1] * input[2]],
    output: [1, 1, output[0] * output[1] * output[2]],
    kernel: one,
    dilations: one,
  };
}

/** Remainders of output positions by the stride that are convolutions of their own; 1 for a convolution. */
export function phasesOf({ transposed, strides }: ConvGeometry): number {
  return transposed ? product(strides) : 1;
}

/** Taps along each axis that an output position looks at. */
export function tapsPerAxis({ transposed, kernel, strides }: ConvGeometry): Triple {
  return transposed ? map((i) => Math.ceil(kernel[i] / strides[i])) : kernel;
}

/** Output positions along each axis, of one phase. */
export function positionsPerAxis({ transposed, output, strides }: ConvGeometry): Triple {
  return transposed ? map((i) => Math.ceil(output[i] / strides[i])) : output;
}

/** Why phases do not work, or undefined: the taps of a phase then are not evenly spaced. */
export function phaseRefusal({ transposed, strides, dilations }: ConvGeometry): string | undefined {
  const even = [0, 1, 2].every((i) => gcd(strides[i], dilations[i]) === 1);
  return !transposed || even ? undefined : 'a stride and its dilation have a common divisor';
}

/** Whether some tap of some output position may lie outside the input. */
export function needsChecks({
  transposed,
  input,
  output,
  kernel,
  strides,
  dilations,
  padsBegin,
}: ConvGeometry): boolean {
  const reach = (i: number): number =>
    (output[i] - 1) * strides[i] - padsBegin[i] + (kernel[i] - 1) * dilations[i];
  return transposed || [0, 1, 2].some((i) => padsBegin[i] > 0 || reach(i) >= input[i]);
}

export function product(list: readonly number[]): number {
  return list.reduce((total, entry) => total * entry, 1);
}

function map(of: (i: 0 | 1 | 2) => number): Triple {
  return [of(0), of(1), of(2)];
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/** The number whose product with `a` leaves remainder 1 by `modulus`. */
function inverse(a: number, modulus: number): number {
  for (let i = 1; i < modulus; i++) if ((i * a) % modulus === 1) return i;
  return 0;
}

/**
 * The sizes of a convolution along its axes, as constants: `IN_H`, `STRIDE_W` and so on.
 * @param more sizes by the name that stands before the axis, for d, h and w
 */
export function axisConstants(
  { input, output, kernel, strides, dilations, padsBegin }: ConvGeometry,
  more: Readonly<Record<string, readonly number[]>>,
): Record<string, number> {
  const sizes = {
    IN: input,
    OUT: output,
    KERNEL: kernel,
    STRIDE: strides,
    DILATION: dilations,
    PAD: padsBegin,
  };
  const all = Object.entries<readonly number[]>({ ...sizes, ...more });
  return Object.fromEntries(
    ['D', 'H', 'W'].flatMap((axis, i) => all.map(([name, values]) => [`${name}_${axis}`, values[i]])),
  );
}

/** The constants that `GEOMETRY_TEXT` and the kernels use. */
export function geometryConstants(geometry: ConvGeometry): string {
  const { strides, dilations, group, channels, outChannels } = geometry;
  const [taps, positions] = [tapsPerAxis(geometry), positionsPerAxis(geometry)];
  const inverses = dilations.map((dilation, i) => inverse(dilation % strides[i], strides[i]));
  return constants({
    ...axisConstants(geometry, { TAPS: taps, INVERSE: inverses }),
    GROUPS_OF_CHANNELS: group,
    GROUP_CHANNELS: channels / group,
    GROUP_OUT: outChannels / group,
    OUT_CHANNELS: outChannels,
    TAPS: product(taps),
    POSITIONS: geometry.batch * product(positions),
    CHECKED: needsChecks(geometry),
  });
}

/** Names of `position_of`'s axes. */
const POSITION_AXES: Readonly<Record<number, string>> = { 0: 'n', 2: 'd', 3: 'h', 4: 'w' };

/**
 * `fn position_of(i: u32) -> vec4<u32>`: the i-th output position (n, d, h, w) of a phase, in the order of a layout's
 * axes without the channels, innermost fastest.
 */
export function positionFunction(geometry: ConvGeometry, order: readonly number[]): string {
  const positions = positionsPerAxis(geometry);
  const axes = order.filter((axis) => axis !== 1);
  const lines = ['var rest = i;'];
  for (const [place, axis] of [...axes.entries()].reverse()) {
    const extent = axis === 0 ? geometry.batch : positions[axis - 2];
    lines.push(`let ${POSITION_AXES[axis]} = ${place === 0 ? 'rest' : `rest % ${extent}u`};`);
    if (place > 0) lines.push(`rest = rest / ${extent}u;`);
  }
  lines.push('return vec4<u32>(n, d, h, w);');
  return `fn position_of(i: u32) -> vec4<u32> {\n  ${lines.join('\n  ')}\n}\n`;
}

/** `fn NAME_index(n, c, d, h, w: u32) -> u32` of a lifted view, in units of `unit` elements. */
export function index5(name: string, lifted: TensorView, unit = 1): string {
  const expression = indexExpression(lifted, ['n', 'c', 'd', 'h', 'w'], unit);
  return `fn ${name}_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return ${expression}; }\n`;
}

/** Whether four neighbours along an axis are one aligned vec4: innermost there, all else divisible by 4. */
export function vectorsAlong(view: TensorView, axis: number): boolean {
  const { block, order } = view.layout;
  if (block) return axis === block.axis && block.size === 4 && viewOffset(view) % 4 === 0;
  const strides = viewStrides(view);
  const extent = view.dims[axis];
  const others = strides.filter((_, other) => other !== axis && (view.dims[other] > 1 || view.within));
  return order.at(-1) === axis && [extent, viewOffset(view), ...others].every((count) => count % 4 === 0);
}

/** The taps and positions of both kinds of convolution; `batch` counts the groups of all phases. */
export const CONVOLUTION = /* wgsl */ `
struct Tap { offset: vec3<u32>, weight: u32, used: bool }

fn group_of(batch: u32) -> u32 { return batch; }

fn tap_at(i: u32, batch: u32) -> Tap {
  let w = i % TAPS_W;
  let h = i / TAPS_W % TAPS_H;
  let d = i / (TAPS_W * TAPS_H);
  return Tap(vec3<u32>(d * DILATION_D, h * DILATION_H, w * DILATION_W), i, true);
}

fn window_origin(position: vec4<u32>) -> vec3<u32> {
  return vec3<u32>(
    position.y * STRIDE_D - PAD_D,
    position.z * STRIDE_H - PAD_H,
    position.w * STRIDE_W - PAD_W,
  );
}

fn output_position(position: vec4<u32>, batch: u32) -> vec3<u32> { return position.yzw; }
`;

export const TRANSPOSED_CONVOLUTION = /* wgsl */ `
struct Tap { offset: vec3<u32>, weight: u32, used: bool }

fn group_of(batch: u32) -> u32 { return batch % GROUPS_OF_CHANNELS; }

fn phase_of(batch: u32) -> vec3<u32> {
  let phase = batch / GROUPS_OF_CHANNELS;
  return vec3<u32>(phase / (STRIDE_W * STRIDE_H), phase / STRIDE_W % STRIDE_H, phase % STRIDE_W);
}

// The i-th tap t with (phase + pad - t * dilation) divisible by the stride: the first one, then every stride-th.
fn tap_along(reach: u32, i: u32, stride: u32, inverse: u32) -> u32 {
  return reach % stride * inverse % stride + i * stride;
}

// (reach - t * dilation) / stride, exact, as a u32 that wraps below 0.
fn offset_along(reach: u32, t: u32, dilation: u32, stride: u32) -> u32 {
  return bitcast<u32>((bitcast<i32>(reach) - bitcast<i32>(t * dilation)) / bitcast<i32>(stride));
}

fn tap_at(i: u32, batch: u32) -> Tap {
  let reach = phase_of(batch) + vec3<u32>(PAD_D, PAD_H, PAD_W);
  let w = tap_along(reach.z, i % TAPS_W, STRIDE_W, INVERSE_W);
  let h = tap_along(reach.y, i / TAPS_W % TAPS_H, STRIDE_H, INVERSE_H);
  let d = tap_along(reach.x, i / (TAPS_W * TAPS_H), STRIDE_D, INVERSE_D);
  let offset = vec3<u32>(
    offset_along(reach.x, d, DILATION_D, STRIDE_D),
    offset_along(reach.y, h, DILATION_H, STRIDE_H),
    offset_along(reach.z, w, DILATION_W, STRIDE_W),
  );
  return Tap(offset, (d * KERNEL_H + h) * KERNEL_W + w, d < KERNEL_D && h < KERNEL_H && w < KERNEL_W);
}

fn window_origin(position: vec4<u32>) -> vec3<u32> { return position.yzw; }

fn output_position(position: vec4<u32>, batch: u32) -> vec3<u32> {
  return position.yzw * vec3<u32>(STRIDE_D, STRIDE_H, STRIDE_W) + phase_of(batch);
}
`;

/** The text for a geometry. */
export function geometryText({ transposed }: ConvGeometry): string {
  return transposed ? TRANSPOSED_CONVOLUTION : CONVOLUTION;
}
