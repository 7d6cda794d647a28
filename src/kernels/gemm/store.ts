/** How matrix products end: y = activation(alpha * product + beta * c), stored as vectors or element by element. */
import type { GpuType, KernelBinding } from '../../devices/gpu.js';
import { unaryWgsl } from '../elementwise/functions.js';
import { alias, floatLiteral } from '../wgsl.js';
import { batchFunction, vectorAlong, type GemmProblem, type MatrixOperand } from './problem.js';

/** What is declared, bound and stored at a kernel's end; the names of bindings tell what they stand for. */
export interface Ending<Role extends string = string> {
  /** Of what is bound. */
  readonly types: readonly GpuType[];
  /** In front of the bindings, which need them. */
  readonly aliases: string;
  readonly bindings: readonly (KernelBinding & { readonly element: string; readonly name: Role })[];
  /** Behind the bindings. */
  readonly declarations: string;
  /** The text of `store`. */
  readonly text: string;
  /** Whether the text has `begin` too, with which sums begin; false when left out. */
  readonly begins?: boolean;
}

/** The ending of a matrix product in whole sums. */
export function gemmEnding(problem: GemmProblem): Ending<'c' | 'y'> {
  const { c, y } = problem;
  return {
    types: c ? [c.type, y.type] : [y.type],
    aliases: alias('Out', storesVectors(problem) ? `vec4<${y.type}>` : y.type),
    bindings: [
      ...(c ? ([{ name: 'c', access: 'read', element: c.type }] as const) : []),
      { name: 'y', access: 'read_write', element: 'Out' },
    ],
    declarations: epilogue(problem),
    text: storeText(problem),
  };
}

/** Declarations in front of `STORE_*`: what is added, and where y's elements lie. */
export function epilogue(problem: GemmProblem): string {
  const { c, y, batch } = problem;
  return [
    addendFunction(c, batch, problem.beta),
    batchFunction('y_batch', y, batch),
    unaryWgsl('activation', problem.activation),
    `const ALPHA = ${floatLiteral(problem.alpha)};\nconst Y_ROW = ${y.rowStride}u;\nconst Y_COL = ${y.colStride}u;\n`,
  ].join('');
}

/** Whether rows of y can be stored as vectors. */
export function storesVectors({ y, rows, cols }: GemmProblem): boolean {
  return vectorAlong('cols', y, { rows, cols });
}

/** The text of `store`. */
export function storeText(problem: GemmProblem): string {
  return FINISH + (storesVectors(problem) ? STORE_VECTORS : STORE_SCALARS);
}

function addendFunction(c: MatrixOperand | undefined, batch: readonly number[], beta: number): string {
  const head = 'fn addend(batch: u32, row: u32, col: u32) -> f32';
  if (!c) return `${head} { return 0.0; }\n`;
  const terms = ['c_batch(batch)'];
  if (c.rowStride > 0) terms.push(`row * ${c.rowStride}u`);
  if (c.colStride > 0) terms.push(`col * ${c.colStride}u`);
  const value = `f32(c[${terms.join(' + ')}])`;
  const scaled = beta === 1 ? value : `${floatLiteral(beta)} * ${value}`;
  return `${batchFunction('c_batch', c, batch)}${head} { return ${scaled}; }\n`;
}

const FINISH = /* wgsl */ `
fn finish(batch: u32, row: u32, col: u32, v: f32) -> f32 {
  return activation(ALPHA * v + addend(batch, row, col));
}
`;

const STORE_VECTORS = /* wgsl */ `
fn store(batch: u32, row: u32, col: u32, v: vec4<f32>) {
  if (row >= ROWS || col >= COLS) { return; }
  y[(y_batch(batch) + row * Y_ROW + col) / 4u] = Out(vec4<f32>(
    finish(batch, row, col, v.x),
    finish(batch, row, col + 1u, v.y),
    finish(batch, row, col + 2u, v.z),
    finish(batch, row, col + 3u, v.w),
  ));
}
`;

const STORE_SCALARS = /* wgsl */ `
fn store_one(batch: u32, row: u32, col: u32, v: f32) {
  if (row >= ROWS || col >= COLS) { return; }
  y[y_batch(batch) + row * Y_ROW + col * Y_COL] = Out(finish(batch, row, col, v));
}

fn store(batch: u32, row: u32, col: u32, v: vec4<f32>) {
  for (var i = 0u; i < 4u; i++) { store_one(batch, row, col + i, v[i]); }
}
`;
