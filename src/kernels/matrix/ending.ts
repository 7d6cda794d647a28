/**
 * How products on subgroup matrices end where the output is lines of whole vectors: eight neighbours of a row at a time,
 * y = activation(alpha * product + addends), without index arithmetic but a row's. What lies otherwise is stored as by
 * the other kernels, four or one at a time (gemm/store.ts, conv/store.ts).
 */
import { GPU_TYPE_BYTES } from '../../devices/gpu.js';
import type { UnaryFunction } from '../../ops/unary.js';
import { unaryWgsl } from '../elementwise/functions.js';
import { batchFunction, type MatrixOperand } from '../gemm/problem.js';
import type { Ending } from '../gemm/store.js';
import { floatLiteral } from '../wgsl.js';
import { wholeVectors } from './tile.js';

/** A tensor that the product's rows and columns index. */
export interface LineOperand extends MatrixOperand {
  /** Columns are planes of so many, each `stride` elements behind the last: images of a batch. One plane when left out. */
  readonly planes?: { readonly cols: number; readonly stride: number } | undefined;
}

/** What is added to the product. */
export interface Addend<Role extends string = string> {
  /** Its binding. */
  readonly name: Role;
  readonly operand: LineOperand;
  readonly scale: number;
}

export interface LineEnding<Role extends string> {
  readonly cols: number;
  readonly batch: readonly number[];
  readonly y: LineOperand;
  readonly addends: readonly Addend<Role>[];
  readonly alpha: number;
  readonly activation: UnaryFunction | undefined;
}

/** What is behind a product's sums. */
export interface MatrixEnding<Role extends string = string> extends Ending<Role> {
  /** Whether there is `store_eight(batch, row, col, a, b)` instead of `store(batch, row, col, v)`. */
  readonly eights?: boolean;
}

/** Whether eight neighbouring columns are one vector. */
function isLines(
  cols: number,
  { type, offset, batchStrides, rowStride, colStride, planes }: LineOperand,
): boolean {
  const counts = [cols, offset, rowStride, ...batchStrides, ...(planes ? [planes.cols, planes.stride] : [])];
  return GPU_TYPE_BYTES[type] === 2 && colStride === 1 && wholeVectors(...counts);
}

/** The ending by eights; undefined where something is not made of lines. */
export function lineEnding<Role extends string>(
  ending: LineEnding<Role>,
): MatrixEnding<Role | 'y'> | undefined {
  const { cols, batch, y, addends } = ending;
  const fits = addends.every(({ operand }) => operand.colStride === 0 || isLines(cols, operand));
  if (!fits || !isLines(cols, y)) return undefined;
  return {
    eights: true,
    types: [...addends.map(({ operand }) => operand.type), y.type],
    aliases: '',
    bindings: [
      ...addends.map(({ name, operand }) => ({
        name,
        access: 'read' as const,
        element: operand.colStride === 0 ? operand.type : 'vec4<u32>',
      })),
      { name: 'y', access: 'read_write', element: 'vec4<u32>' },
    ],
    declarations: [
      EIGHT,
      ...addends.map(({ name, operand }) => placeFunction(name, operand, batch)),
      addendFunction(addends),
      placeFunction('y', y, batch),
      unaryWgsl('activation', ending.activation),
      `const ALPHA = ${floatLiteral(ending.alpha)};\n`,
    ].join(''),
    text: STORE,
  };
}

/** `NAME_place(batch, row, col) -> u32`: where an element is. */
function placeFunction(name: string, operand: LineOperand, batch: readonly number[]): string {
  const { rowStride, colStride, planes } = operand;
  const terms = [`${name}_batch(batch)`];
  if (rowStride > 0) terms.push(`row * ${rowStride}u`);
  if (colStride > 0) {
    terms.push(planes ? `col / ${planes.cols}u * ${planes.stride}u + col % ${planes.cols}u` : 'col');
  }
  const body = `{ return ${terms.join(' + ')}; }`;
  return `${batchFunction(`${name}_batch`, operand, batch)}fn ${name}_place(batch: u32, row: u32, col: u32) -> u32 ${body}\n`;
}

function addendFunction(addends: readonly Addend[]): string {
  const lines = addends.map(({ name, operand, scale }) => {
    const at = `${name}_place(batch, row, col)`;
    const value =
      operand.colStride === 0 ? `eight_times(f32(${name}[${at}]))` : `eight_halves(${name}[${at} / 8u])`;
    return `  sum = eight_sum(sum, ${value}, ${floatLiteral(scale)});\n`;
  });
  return `fn addend(batch: u32, row: u32, col: u32) -> Eight {\n  var sum = Eight();\n${lines.join('')}  return sum;\n}\n`;
}

const EIGHT = /* wgsl */ `
struct Eight { a: vec4<f32>, b: vec4<f32> }

fn eight_times(x: f32) -> Eight { return Eight(vec4<f32>(x), vec4<f32>(x)); }

fn eight_halves(v: vec4<u32>) -> Eight {
  return Eight(
    vec4<f32>(unpack2x16float(v.x), unpack2x16float(v.y)),
    vec4<f32>(unpack2x16float(v.z), unpack2x16float(v.w)),
  );
}

fn eight_sum(x: Eight, y: Eight, scale: f32) -> Eight { return Eight(x.a + scale * y.a, x.b + scale * y.b); }

`;

const STORE = /* wgsl */ `
fn packed(v: vec4<f32>) -> vec2<u32> {
  return vec2<u32>(
    pack2x16float(vec2<f32>(activation(v.x), activation(v.y))),
    pack2x16float(vec2<f32>(activation(v.z), activation(v.w))),
  );
}

fn store_eight(batch: u32, row: u32, col: u32, a: vec4<f32>, b: vec4<f32>) {
  if (row >= ROWS || col >= COLS) { return; }
  let added = addend(batch, row, col);
  y[y_place(batch, row, col) / 8u] =
    vec4<u32>(packed(ALPHA * a + added.a), packed(ALPHA * b + added.b));
}
`;
