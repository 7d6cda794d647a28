/**
 * Resize in all modes: the taps of every axis come from constant tables, so that weights are those of the op's own
 * double-precision formulas. By fours where the innermost axis is not resized. All taps of an element at once, not
 * axis by axis: no intermediate tensor.
 */
import type { GpuLimits, WgslKernel } from '../../devices/gpu.js';
import type { ResizeAxis } from '../../ops/resample.js';
import type { ResizeOptions } from '../../ops/resize.js';
import { integerRange, isFloat, type DType } from '../../tensor/index.js';
import { idealBytes, type TensorView } from '../view.js';
import { constants, floatLiteral } from '../wgsl.js';
import { coordsType, coordsValue, FILL_FUNCTION, fillPrelude, mapKernel, mayGoByFours } from './map.js';
import { axisTable, OUTSIDE, tableWords, type AxisTable } from './resize-tables.js';

export interface ResizeConfig {
  readonly axes: readonly ResizeAxis[];
  readonly options: ResizeOptions;
  /** The model's type, in which integers saturate. */
  readonly dtype: DType;
  readonly x: TensorView;
  /** Dense; blocked or not. */
  readonly y: TensorView;
  readonly flops: number;
  readonly limits: GpuLimits;
}

/** Words of tables in one kernel: WGSL guarantees 8 KiB of constants, and lists of 2,047 elements. */
const MOST_WORDS = 1800;

const VALUE_NEAREST = /* wgsl */ `
fn value(p: Coords) -> Cell {
  if (is_outside(p)) { return fill(); }
  return x[x_at(tap_index(p, 0u))];
}
`;

const VALUE_WEIGHTED = /* wgsl */ `
fn value(p: Coords) -> Cell {
  if (is_outside(p)) { return fill(); }
  var total = Real();
  for (var t = 0u; t < TAPS; t++) {
    let weight = tap_weight(p, t);
    // An infinity of weight 0 does no harm.
    if (weight != 0.0) { total += weight * Real(x[x_at(tap_index(p, t))]); }
  }
  return rounded(total);
}
`;

const ROUNDED_FLOAT = /* wgsl */ `
fn rounded(v: Real) -> Cell {
  return Cell(v);
}
`;

/** Integers are truncated; what is an integer but for f32's rounding counts as one. */
const ROUNDED_INTEGER = /* wgsl */ `
fn rounded(v: Real) -> Cell {
  let near = round(v);
  let slack = max(abs(v), Real(1.0)) * 2e-6;
  return Cell(clamp(select(trunc(v), near, abs(v - near) <= slack), Real(LOWEST), Real(HIGHEST)));
}
`;

/** The launches: one, or as many as the tables' size asks for, each for a part of y. */
export function resizeKernels(config: ResizeConfig): WgslKernel[] {
  const { axes } = config;
  const resized = axes.map(
    ({ input, output, scale, coordinates }) =>
      !(input === output && scale === 1 && coordinates !== 'tf_crop_and_resize'),
  );
  const share = Math.floor(MOST_WORDS / Math.max(resized.filter(Boolean).length, 1));
  const chunks = axes.map((axis, i) => (resized[i] ? tablesOf(axis, config.options, share) : [whole(axis)]));
  let parts: Chunk[][] = [[]];
  for (const list of chunks) parts = parts.flatMap((part) => list.map((chunk) => [...part, chunk]));
  return parts.map((part) => partKernel(config, part, parts.length));
}

/** A range of an axis's output positions, and its table; none where the axis is copied. */
interface Chunk {
  readonly start: number;
  readonly length: number;
  readonly table: AxisTable | undefined;
}

function whole({ output }: ResizeAxis): Chunk {
  return { start: 0, length: output, table: undefined };
}

function tablesOf(axis: ResizeAxis, options: ResizeOptions, words: number): Chunk[] {
  const table = axisTable(axis, options, 0, axis.output);
  if (tableWords(table) <= words) return [{ start: 0, length: axis.output, table }];
  const length = Math.max(1, Math.floor(words / (1 + table.taps)));
  return Array.from({ length: Math.ceil(axis.output / length) }, (_, i): Chunk => {
    const start = i * length;
    const count = Math.min(length, axis.output - start);
    return { start, length: count, table: axisTable(axis, options, start, count) };
  });
}

function partKernel(config: ResizeConfig, part: readonly Chunk[], parts: number): WgslKernel {
  const { axes, options, x, dtype } = config;
  const y: TensorView =
    parts === 1
      ? config.y
      : {
          ...config.y,
          dims: part.map(({ length }) => length),
          within: {
            dims: config.y.within?.dims ?? config.y.dims,
            origin: part.map(({ start }, axis) => start + (config.y.within?.origin[axis] ?? 0)),
          },
        };
  const unit = mayGoByFours(y, x, (axis) => (part[axis].table ? undefined : axis));
  const nearest = options.mode === 'nearest';
  const { min, max } = isFloat(dtype) || nearest ? { min: 0, max: 0 } : integerRange(dtype);
  const taps = part.reduce((product, { table }) => product * (table?.taps ?? 1), 1);
  return mapKernel({
    op: 'resize',
    variant: `${options.mode}${taps}`,
    inputs: [{ name: 'x', view: x, byFours: true }],
    y,
    unit,
    prelude: [
      constants({ TAPS: taps, LOWEST: { f32: min }, HIGHEST: { f32: max } }),
      fillPrelude(options.extrapolation, y.type),
      FILL_FUNCTION,
      ...part.flatMap(({ table }, axis) => (table ? [tableText(table, axis, axes[axis].input)] : [])),
      tapText(part),
      ...(nearest ? [] : [isFloat(dtype) ? ROUNDED_FLOAT : ROUNDED_INTEGER]),
    ],
    value: nearest ? VALUE_NEAREST : VALUE_WEIGHTED,
    flops: config.flops / parts,
    bytes: idealBytes(x) / parts + idealBytes(y),
    limits: config.limits,
  });
}

function constantList(type: string, name: string, items: readonly string[]): string {
  return `const ${name} = array<${type}, ${items.length}>(${items.join(', ')});\n`;
}

/** `first_A(position)`, `index_A(position, k)` and `weight_A(position, k)` of an axis. */
function tableText(table: AxisTable, axis: number, input: number): string {
  const { taps, period, shift } = table;
  const weights = table.weights.flat().map((weight) => floatLiteral(weight));
  const place = period === 1 ? '0u' : `position % ${period}u`;
  const moved = shift === 0 ? '' : ` + i32(position / ${period}u * ${shift}u)`;
  return [
    constantList(
      'i32',
      `FIRST_${axis}`,
      table.first.map((first) => (first === OUTSIDE ? 'i32(-2147483648)' : `${first}`)),
    ),
    taps === 1 ? '' : constantList('f32', `WEIGHTS_${axis}`, weights),
    `fn first_${axis}(position: u32) -> i32 { return FIRST_${axis}[${place}]${moved}; }\n`,
    `fn index_${axis}(position: u32, k: u32) -> u32 `,
    `{ return u32(clamp(first_${axis}(position) + i32(k), 0, ${input - 1})); }\n`,
    taps === 1
      ? ''
      : `fn weight_${axis}(position: u32, k: u32) -> f32 { return WEIGHTS_${axis}[(${place}) * ${taps}u + k]; }\n`,
  ].join('');
}

/** `tap_index(p, t)`, `tap_weight(p, t)` and `is_outside(p)`: tap t counts through the taps of all axes. */
function tapText(part: readonly Chunk[]): string {
  const p = `p: ${coordsType(part.length)}`;
  let inner = 1;
  const digits = [...part].reverse().map(({ table }) => {
    const taps = table?.taps ?? 1;
    const digit = taps === 1 ? '0u' : `t / ${inner}u % ${taps}u`;
    inner *= taps;
    return digit;
  });
  digits.reverse();
  const indices = part.map(({ table }, axis) =>
    table ? `index_${axis}(p[${axis}], ${digits[axis]})` : `p[${axis}]`,
  );
  const weights = part.flatMap(({ table }, axis) =>
    table && table.taps > 1 ? [`weight_${axis}(p[${axis}], ${digits[axis]})`] : [],
  );
  const outside = part.flatMap(({ table }, axis) =>
    table?.first.includes(OUTSIDE) ? [`first_${axis}(p[${axis}]) == i32(-2147483648)`] : [],
  );
  return [
    `fn tap_index(${p}, t: u32) -> ${coordsType(part.length)} { return ${coordsValue(indices)}; }\n`,
    `fn tap_weight(${p}, t: u32) -> f32 { return ${weights.join(' * ') || '1.0'}; }\n`,
    `fn is_outside(${p}) -> bool { return ${outside.join(' || ') || 'false'}; }\n`,
  ].join('');
}
