/**
 * Pad: every element of y looks its own index up in x, axis by axis: arithmetic instead of tables. By fours where the
 * innermost axis is not padded (channels of NHWC and NCHW4c, images of CHWN).
 */
import type { GpuLimits, WgslKernel } from '../../devices/gpu.js';
import { GPU_TYPE_BYTES } from '../../devices/gpu.js';
import type { PadAxis, PadMode } from '../../ops/pad.js';
import { sizeOf } from '../../tensor/index.js';
import { idealBytes, type TensorView } from '../view.js';
import { coordsType, FILL_FUNCTION, fillPrelude, mapKernel, mayGoByFours } from './map.js';

export interface PadConfig {
  readonly mode: PadMode;
  /** One for each axis. */
  readonly axes: readonly PadAxis[];
  readonly value: number;
  readonly x: TensorView;
  readonly y: TensorView;
  readonly limits: GpuLimits;
}

/** `index` counts from the first element kept, of which there are `kept` from `first` on. */
const SOURCES: Readonly<Record<PadMode, string>> = {
  constant: /* wgsl */ `
fn pad_source(index: i32, first: i32, kept: i32) -> u32 {
  return select(OUTSIDE, u32(first + index), index >= 0 && index < kept);
}
`,
  edge: /* wgsl */ `
fn pad_source(index: i32, first: i32, kept: i32) -> u32 {
  return u32(first + clamp(index, 0, kept - 1));
}
`,
  wrap: /* wgsl */ `
fn pad_source(index: i32, first: i32, kept: i32) -> u32 {
  return u32(first + (index % kept + kept) % kept);
}
`,
  reflect: /* wgsl */ `
fn pad_source(index: i32, first: i32, kept: i32) -> u32 {
  let period = max(1, 2 * (kept - 1));
  let phase = (index % period + period) % period;
  return u32(first + select(period - phase, phase, phase < kept));
}
`,
};

const VALUE = /* wgsl */ `
fn value(p: Coords) -> Cell {
  let q = source(p);
  if (is_outside(q)) { return fill(); }
  return x[x_at(q)];
}
`;

/** There is nothing in x: all is border. */
const VALUE_EMPTY = /* wgsl */ `
fn value(p: Coords) -> Cell {
  return fill();
}
`;

export function padKernel({ mode, axes, value, x, y, limits }: PadConfig): WgslKernel {
  const padded = axes.map(({ begin, end }) => begin !== 0 || end !== 0);
  const empty = sizeOf(x.dims) === 0;
  const rank = coordsType(y.dims.length);
  const items = axes.map(({ extent, begin, end }, axis) => {
    if (!padded[axis]) return `p[${axis}]`;
    const first = Math.max(0, -begin);
    const kept = extent - first - Math.max(0, -end);
    return `pad_source(i32(p[${axis}]) - ${Math.max(0, begin)}, ${first}, ${kept})`;
  });
  const outside = axes.flatMap((_, axis) => (padded[axis] ? [`q[${axis}] == OUTSIDE`] : []));
  const source = `fn source(p: ${rank}) -> ${rank} { return ${rank}(${items.join(', ') || '0u'}); }\n`;
  const test = mode === 'constant' ? outside.join(' || ') || 'false' : 'false';
  const unit = mayGoByFours(y, x, (axis) => (padded[axis] ? undefined : axis));
  return mapKernel({
    op: 'pad',
    variant: empty ? 'fill' : mode,
    inputs: empty ? [] : [{ name: 'x', view: x, byFours: true }],
    y,
    unit,
    prelude: [
      fillPrelude(value, y.type),
      'const OUTSIDE = 4294967295u;\n',
      FILL_FUNCTION,
      ...(empty ? [] : [SOURCES[mode], source, `fn is_outside(q: ${rank}) -> bool { return ${test}; }\n`]),
    ],
    value: empty ? VALUE_EMPTY : VALUE,
    flops: 0,
    bytes: sizeOf(x.dims) * GPU_TYPE_BYTES[x.type] + idealBytes(y),
    limits,
  });
}
