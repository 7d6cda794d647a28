/** What every pooling kernel is made from, and the geometry that they share. */
import type { GpuLimits, KernelBinding, KernelFeature, WgslKernel } from '../../devices/gpu.js';
import { windowAxis, windowExtent, type Window } from '../../ops/window.js';
import { sizeOf, type Layout } from '../../tensor/index.js';
import { idealBytes, viewOffset, viewStrides, type TensorView } from '../view.js';
import { alias, bindings, constants, kernelText, layoutTag } from '../wgsl.js';
import { putText, reductionText, type Reduction } from './reduction.js';

export interface PoolConfig {
  /** One entry per spatial axis of the views. */
  readonly window: Window;
  readonly reduction: Reduction;
  /** [N, C, D...] */
  readonly x: TensorView;
  /** [N, C, O...] */
  readonly y: TensorView;
  /** i32 of y's dims: where each maximum was found. Given if and only if the reduction is `argmax`. */
  readonly indices?: TensorView | undefined;
  readonly limits: GpuLimits;
}

/** The configuration with 1s put in front of the spatial axes until there are `axes` of them. */
export function withSpatialAxes(config: PoolConfig, axes: number): PoolConfig {
  const extra = axes - config.window.kernel.length;
  if (extra <= 0) return config;
  const front = (list: readonly number[], value: number): number[] => [
    ...new Array<number>(extra).fill(value),
    ...list,
  ];
  const { kernel, strides, dilations, padsBegin, padsEnd } = config.window;
  return {
    ...config,
    window: {
      kernel: front(kernel, 1),
      strides: front(strides, 1),
      dilations: front(dilations, 1),
      padsBegin: front(padsBegin, 0),
      padsEnd: front(padsEnd, 0),
    },
    x: withAxes(config.x, extra),
    y: withAxes(config.y, extra),
    indices: config.indices && withAxes(config.indices, extra),
  };
}

function withAxes(view: TensorView, extra: number): TensorView {
  const insert = (list: readonly number[], value: number): number[] => [
    ...list.slice(0, 2),
    ...new Array<number>(extra).fill(value),
    ...list.slice(2),
  ];
  const added = Array.from({ length: extra }, (_, i) => 2 + i);
  const order = view.layout.order.flatMap((axis) => {
    if (axis < 2) return [axis];
    return axis === 2 ? [...added, axis + extra] : [axis + extra];
  });
  const layout: Layout = { ...view.layout, order };
  const { within } = view;
  return {
    ...view,
    dims: insert(view.dims, 1),
    layout,
    ...(within && { within: { dims: insert(within.dims, 1), origin: insert(within.origin, 0) } }),
  };
}

/**
 * Elements of one memory access: 4 where every view is innermost along N or C and can be cut into fours there,
 * or is blocked by fours; else 1.
 */
export function vectorWidth({ x, y, indices }: Pick<PoolConfig, 'x' | 'y' | 'indices'>): 1 | 4 {
  const views = [x, y, ...(indices ? [indices] : [])];
  return views.every(inFours) ? 4 : 1;
}

function inFours(view: TensorView): boolean {
  // Parts of blocked tensors begin with a block: index functions can say no other place.
  if (view.layout.block) return true;
  const innermost = view.layout.order.at(-1);
  if (innermost === undefined || innermost > 1 || view.dims[innermost] % 4 !== 0) return false;
  const others = viewStrides(view).filter((_, axis) => axis !== innermost);
  return others.every((stride) => stride % 4 === 0) && viewOffset(view) % 4 === 0;
}

/** How the planes [n, c] are numbered by invocations; see `constants`. */
export interface PlaneNumbering {
  /** Vectors along the innermost axis where that is N or C, else 1: consecutive invocations take consecutive ones. */
  readonly lanes: number;
  /** Slices along the other of N and C; of all planes where the innermost axis is spatial. */
  readonly outer: number;
  /** Constants from which a body finds n and c of a lane and an outer number, and of the elements of a vector. */
  readonly constants: Readonly<Record<string, number>>;
}

/** The numbering of the planes of x (y has the same ones). */
export function planeNumbering({ layout, dims }: TensorView, width: 1 | 4): PlaneNumbering {
  const [batch, channels] = dims;
  if (layout.block) {
    const blocks = Math.ceil(channels / layout.block.size);
    return numbering(1, batch * blocks, { OUTER_C: blocks, STEP_C: width, VECTOR_C: 1 });
  }
  const innermost = layout.order.at(-1);
  if (innermost === 0) {
    return numbering(batch / width, channels, { LANE_N: width, OUTER_C: channels, VECTOR_N: 1 });
  }
  if (innermost === 1) return numbering(channels / width, batch, { LANE_C: width, VECTOR_C: 1 });
  return numbering(1, batch * channels, { OUTER_C: channels });
}

function numbering(lanes: number, outer: number, own: Readonly<Record<string, number>>): PlaneNumbering {
  const base = { LANE_N: 0, LANE_C: 0, OUTER_C: 1, STEP_C: 1, VECTOR_N: 0, VECTOR_C: 0 };
  return { lanes, outer, constants: { LANES: lanes, ...base, ...own } };
}

/** Whether a window can reach positions outside the input along an axis. */
export function leavesInput(input: number, output: number, window: Window, axis: number): boolean {
  const { kernel, stride, dilation, padBegin } = windowAxis(window, axis);
  return padBegin > 0 || (output - 1) * stride - padBegin + windowExtent(kernel, dilation) > input;
}

/**
 * WGSL constants of one axis: input and output extent, window, and the range of positions that an average counts
 * (the input; with `countIncludePad` its padding too).
 */
export function axisConstants(
  config: PoolConfig,
  axis: number,
  letter: string,
): Parameters<typeof constants>[0] {
  const { kernel, stride, dilation, padBegin, padEnd } = windowAxis(config.window, axis);
  const input = config.x.dims[axis + 2];
  const { reduction } = config;
  const padded = reduction.kind === 'average' && reduction.countIncludePad;
  return {
    [`IN_${letter}`]: input,
    [`OUT_${letter}`]: config.y.dims[axis + 2],
    [`KERNEL_${letter}`]: kernel,
    [`STRIDE_${letter}`]: stride,
    [`DILATION_${letter}`]: dilation,
    [`PAD_${letter}`]: { i32: padBegin },
    [`COUNT_FROM_${letter}`]: { i32: padded ? -padBegin : 0 },
    [`COUNT_TO_${letter}`]: { i32: padded ? input + padEnd : input },
  };
}

/** Taps of a window along one axis that lie in a range of positions. */
export const TAPS = /* wgsl */ `
fn first_tap(start: i32, dilation: i32, low: i32) -> i32 {
  return max(0, (low - start + dilation - 1) / dilation);
}

fn end_tap(start: i32, kernel: i32, dilation: i32, high: i32) -> i32 {
  return min(kernel, (high - start + dilation - 1) / dilation);
}

fn taps(start: i32, kernel: u32, dilation: u32, low: i32, high: i32) -> i32 {
  let first = first_tap(start, i32(dilation), low);
  return max(0, end_tap(start, i32(kernel), i32(dilation), high) - first);
}
`;

/** What one kernel adds to what all have. */
export interface PoolText {
  /** `patch4x4`, `direct`: follows the layout in the id. */
  readonly variant: string;
  readonly width: 1 | 4;
  readonly prelude: readonly string[];
  readonly body: string;
  readonly workgroup: number;
  readonly grid: readonly [number, number, number];
  readonly workgroupBytes?: number;
  /** Bindings instead of the op's own: x, y and the indices. */
  readonly bindings?: readonly PoolBinding[];
}

export type PoolBinding = KernelBinding & { readonly element: string };

/** Name of the op in kernel ids. */
export function opTag(reduction: Reduction): string {
  return { max: 'maxpool', argmax: 'argmaxpool', average: 'averagepool', lp: 'lppool' }[reduction.kind];
}

/** A type or the vector of four of it. */
export function vectorOf(type: string, width: 1 | 4): string {
  return width === 4 ? `vec4<${type}>` : type;
}

/** The op's outputs as bindings. */
export function outputBindings({ indices }: PoolConfig): PoolBinding[] {
  const y = { name: 'y', access: 'read_write', element: 'Out' } as const;
  return indices ? [y, { name: 'indices', access: 'read_write', element: 'Places' }] : [y];
}

/** A kernel's module: types, the reduction, the kernel's own prelude and body. */
export function poolSource(config: PoolConfig, text: PoolText): WgslKernel {
  const { x, y, indices, window, reduction } = config;
  const { width } = text;
  const list: readonly PoolBinding[] = text.bindings ?? [
    { name: 'x', access: 'read', element: vectorOf(x.type, width) },
    ...outputBindings(config),
  ];
  const number = x.type === 'f16' ? 'f32' : x.type;
  const taps = sizeOf(window.kernel);
  const features: KernelFeature[] = x.type === 'f16' ? ['f16'] : [];
  return {
    id: `${opTag(reduction)}_${layoutTag(x.layout)}_${text.variant}_${y.type}`,
    wgsl: kernelText(
      [x.type, y.type],
      [
        constants({ WORKGROUP: text.workgroup, CHANNELS: y.dims[1] }),
        `const ELEMENTS = ${width === 4 ? 'vec4<u32>(0u, 1u, 2u, 3u)' : '0u'};\n`,
        alias('Value', vectorOf(number, width)),
        alias('Out', vectorOf(y.type, width)),
        alias('Lanes', vectorOf('u32', width)),
        alias('Places', vectorOf('i32', width)),
        alias('Mask', vectorOf('bool', width)),
        bindings(list),
        ...text.prelude,
        reductionText(reduction, x.type),
        ...(list.some(({ name }) => name === 'y') ? [putText(reduction, x.dims.slice(2))] : []),
      ],
      text.body,
    ),
    bindings: list.map(({ name, access }) => ({ name, access })),
    workgroup: [text.workgroup, 1, 1],
    grid: text.grid,
    features,
    workgroupBytes: text.workgroupBytes ?? 0,
    flops: sizeOf(y.dims) * (reduction.kind === 'lp' ? 3 * taps + 1 : taps),
    bytes: idealBytes(x) + idealBytes(y) + (indices ? idealBytes(indices) : 0),
  };
}
