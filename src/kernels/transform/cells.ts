/**
 * What the strided kernels move: cells, which are single elements or quads, and how each side reaches them. Strides
 * here are in the units of the side's binding: elements, or vec4s.
 */
import type { TensorView } from '../view.js';
import { alias, constants } from '../wgsl.js';
import type { Strided } from './strided.js';

export interface CellLoop {
  readonly extent: number;
  /** Strides in binding units of either side. */
  readonly x: number;
  readonly y: number;
}

export interface Cells {
  readonly form: Strided;
  /** Elements of a cell: 4 for quads. */
  readonly size: 1 | 4;
  readonly loops: readonly CellLoop[];
  /** Elements per binding unit: 4 where a quad is one vec4 there. */
  readonly xUnit: 1 | 4;
  readonly yUnit: 1 | 4;
  readonly xStart: number;
  readonly yStart: number;
  /** Cells in all. */
  readonly count: number;
}

/** The cells of a strided form. */
export function cellsOf(form: Strided): Cells {
  const { quad, loops, xStart, yStart } = form;
  const unitOf = (side: 'x' | 'y', start: number): 1 | 4 => {
    const aligned = quad?.[side] === 1 && start % 4 === 0 && loops.every((loop) => loop[side] % 4 === 0);
    // Without padding in memory the last, ragged quad may reach beyond its end.
    return aligned && quad.limit?.padded[side] !== false ? 4 : 1;
  };
  const xUnit = unitOf('x', xStart);
  const yUnit = unitOf('y', yStart);
  return {
    form,
    size: quad ? 4 : 1,
    loops: loops.map(({ extent, x, y }) => ({ extent, x: x / xUnit, y: y / yUnit })),
    xUnit,
    yUnit,
    xStart: xStart / xUnit,
    yStart: yStart / yUnit,
    count: loops.reduce((product, { extent }) => product * extent, 1),
  };
}

/** The type that a side's binding holds. */
export function elementOf(type: string, unit: number): string {
  return unit === 4 ? `vec4<${type}>` : type;
}

/** A distance as a u32 that wraps around, so that negative strides subtract. */
export function wrapped(value: number): number {
  return value < 0 ? value + 2 ** 32 : value;
}

/** The sum of a coordinate array's elements times strides, in u32. */
export function dot(strides: readonly number[], name = 'p'): string {
  const terms = strides.flatMap((stride, i) => {
    if (stride === 0) return [];
    return [stride === 1 ? `${name}[${i}]` : `${name}[${i}] * ${wrapped(stride)}u`];
  });
  return terms.length > 0 ? terms.join(' + ') : '0u';
}

/**
 * `fn NAME(i: u32) -> Coords`: digits of i with these extents, `order` naming the places from outermost to
 * innermost. Places that are not named are 0.
 */
export function digitsFunction(name: string, extents: readonly number[], order: readonly number[]): string {
  const lines = ['var rest = i;', 'var p: Coords;'];
  const counted = order.filter((place) => extents[place] > 1);
  for (const [k, place] of [...counted.entries()].reverse()) {
    lines.push(`p[${place}] = ${k === 0 ? 'rest' : `rest % ${extents[place]}u`};`);
    if (k > 0) lines.push(`rest = rest / ${extents[place]}u;`);
  }
  lines.push('return p;');
  return `fn ${name}(i: u32) -> Coords {\n  ${lines.join('\n  ')}\n}\n`;
}

/** Constants, types and index functions that the direct and the tiled kernel share. */
export function cellPrelude(cells: Cells, x: TensorView, y: TensorView): string[] {
  const { form, loops, size } = cells;
  const limit = form.quad?.limit;
  const first = limit?.loop === undefined ? '0u' : `p[${limit.loop}] * 4u`;
  return [
    constants({
      X_START: cells.xStart,
      Y_START: cells.yStart,
      // Elements from one of a quad to the next, where the side holds single elements.
      QUAD_X: wrapped(form.quad?.x ?? 0),
      QUAD_Y: form.quad?.y ?? 0,
      RAGGED: limit !== undefined,
      LIMIT: limit?.extent ?? 0,
    }),
    alias('In', elementOf(x.type, cells.xUnit)),
    alias('Out', elementOf(y.type, cells.yUnit)),
    alias('Scalar', y.type),
    alias('Cell', elementOf(y.type, size)),
    alias('Coords', `array<u32, ${Math.max(loops.length, 1)}>`),
    `fn x_offset(p: Coords) -> u32 { return ${dot(loops.map((loop) => loop.x))}; }\n`,
    `fn y_offset(p: Coords) -> u32 { return ${dot(loops.map((loop) => loop.y))}; }\n`,
    `fn quad_first(p: Coords) -> u32 { return ${first}; }\n`,
  ];
}

/** Reading a cell: one binding unit, for elements and packed quads. */
const READ_WHOLE = /* wgsl */ `
fn read_cell(p: Coords, at: u32) -> Cell {
  return Cell(x[at]);
}
`;

/** A packed quad whose tail is padding. */
const READ_RAGGED = /* wgsl */ `
fn read_cell(p: Coords, at: u32) -> Cell {
  let lanes = vec4<u32>(0u, 1u, 2u, 3u) + quad_first(p);
  return select(Cell(), Cell(x[at]), lanes < vec4<u32>(LIMIT));
}
`;

/** Four elements of a quad that lie apart: neighbours of the invocation read the neighbours of each. */
const READ_GATHERED = /* wgsl */ `
fn read_cell(p: Coords, at: u32) -> Cell {
  let first = quad_first(p);
  var v = Cell(Scalar(x[at]), Scalar(0), Scalar(0), Scalar(0));
  if (!RAGGED || first + 1u < LIMIT) { v.y = Scalar(x[at + QUAD_X]); }
  if (!RAGGED || first + 2u < LIMIT) { v.z = Scalar(x[at + 2u * QUAD_X]); }
  if (!RAGGED || first + 3u < LIMIT) { v.w = Scalar(x[at + 3u * QUAD_X]); }
  return v;
}
`;

const WRITE_WHOLE = /* wgsl */ `
fn write_cell(p: Coords, at: u32, v: Cell) {
  y[at] = v;
}
`;

const WRITE_SCATTERED = /* wgsl */ `
fn write_cell(p: Coords, at: u32, v: Cell) {
  let first = quad_first(p);
  y[at] = v.x;
  if (!RAGGED || first + 1u < LIMIT) { y[at + QUAD_Y] = v.y; }
  if (!RAGGED || first + 2u < LIMIT) { y[at + 2u * QUAD_Y] = v.z; }
  if (!RAGGED || first + 3u < LIMIT) { y[at + 3u * QUAD_Y] = v.w; }
}
`;

/** `read_cell` and `write_cell` of a cell. */
export function cellAccess(cells: Cells): string[] {
  const packedIn = cells.form.quad?.limit ? READ_RAGGED : READ_WHOLE;
  const read = cells.xUnit === cells.size ? packedIn : READ_GATHERED;
  return [cells.size === 1 ? READ_WHOLE : read, cells.yUnit === cells.size ? WRITE_WHOLE : WRITE_SCATTERED];
}

/** A word for the kernel id: how cells are reached. */
export function cellTag({ size, xUnit, yUnit }: Cells): string {
  if (size === 1) return 'v1';
  if (xUnit === 4) return yUnit === 4 ? 'v4' : 'scatter4';
  return yUnit === 4 ? 'gather4' : 'quad';
}
