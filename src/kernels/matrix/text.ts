/**
 * The text of the product on subgroup matrices (product.ts). Matrices are variables, not elements of arrays, and every
 * step of the depth is written out, because drivers do not unroll loops over them by themselves.
 */
import { BEGIN } from '../gemm/tile-text.js';
import { HALVES, MATRIX, matricesOf, matrixTileThreads, type MatrixTile, type Staging } from './tile.js';

/** `main` for a tile: fixed texts, and between them what there is one of per matrix or load. */
export function mainText(tile: MatrixTile, staging: Staging): string {
  const rows = operand('row', tile.rows, staging.rowsAlongDepth, tile);
  const cols = operand('col', tile.cols, staging.colsAlongDepth, tile);
  const sums = matrixNames(tile).flat();
  return [
    BEGIN,
    SUBGROUP_PLACE,
    rows.setup,
    cols.setup,
    ...sums.map((name) => `  var ${name}: Sums;\n`),
    '\n  let first = place.part * PART_DEPTH;\n  let end = min(first + PART_DEPTH, DEPTH);\n  var step = first;\n',
    rows.load('  '),
    cols.load('  '),
    LOOP,
    rows.put,
    cols.put,
    NEXT,
    rows.load('      '),
    cols.load('      '),
    '    }\n',
    multiplyText(tile, staging),
    END_OF_LOOP,
    storeText(tile),
    '}\n',
  ].join('');
}

const SUBGROUP_PLACE = /* wgsl */ `  let batch = place.batch;
  let sub_row = t / 32u / COL_SUBGROUPS * SUB_ROWS;
  let sub_col = t / 32u % COL_SUBGROUPS * SUB_COLS;
`;

// The loads of the next step are under way while this one is multiplied.
const LOOP = /* wgsl */ `
  while (step < end) {
`;

const NEXT = /* wgsl */ `
    workgroupBarrier();
    step += TILE_DEPTH;
    if (step < end) {
`;

const END_OF_LOOP = /* wgsl */ `
    workgroupBarrier();
  }
`;

/** How an invocation loads and stages its vectors of an operand. */
interface OperandText {
  readonly setup: string;
  readonly load: (indent: string) => string;
  readonly put: string;
}

/**
 * Neighbouring invocations take neighbouring vectors of a line, and the next lines follow: of all its vectors an
 * invocation shares either the depth (lines along the depth) or the row (lines along rows).
 */
function operand(name: 'row' | 'col', extent: number, alongDepth: boolean, tile: MatrixTile): OperandText {
  const threads = matrixTileThreads(tile);
  const line = (alongDepth ? tile.depth : extent) / HALVES;
  const between = threads / line;
  const count = (extent * tile.depth) / HALVES / threads;
  const numbers = Array.from({ length: count }, (_, i) => i);
  const further = (i: number, unit: string): string => (i === 0 ? '' : ` + ${i * between}u${unit}`);
  const states = alongDepth
    ? numbers.map(
        (i) =>
          `  let ${name}_state${i} = ${name}_setup(place.${name} + ${name}_line${further(i, '')}, batch);\n`,
      )
    : [`  let ${name}_state = ${name}_setup(place.${name} + ${name}_place * 8u, batch);\n`];
  return {
    setup: [
      `  let ${name}_line = t / ${line}u;\n  let ${name}_place = t % ${line}u;\n`,
      `  let ${name}_at = ${name === 'col' ? 'COL_BASE + ' : ''}${name}_line * ${name.toUpperCase()}_PITCH + ${name}_place;\n`,
      ...states,
      ...numbers.map((i) => `  var ${name}${i}: vec4<u32>;\n`),
    ].join(''),
    load: (indent) =>
      numbers
        .map((i) =>
          alongDepth
            ? `${indent}${name}${i} = ${name}_load(${name}_state${i}, step, step + ${name}_place * 8u, batch);\n`
            : `${indent}${name}${i} = ${name}_load(${name}_state, step, step + ${name}_line${further(i, '')}, batch);\n`,
        )
        .join(''),
    put: numbers
      .map((i) => `    staged[${name}_at${further(i, ` * ${name.toUpperCase()}_PITCH`)}] = ${name}${i};\n`)
      .join(''),
  };
}

/** Names of a subgroup's matrices of sums: by row of matrices. */
function matrixNames(tile: MatrixTile): string[][] {
  const [rows, cols] = matricesOf(tile);
  return Array.from({ length: rows }, (_, i) => Array.from({ length: cols }, (_, j) => `c${i}_${j}`));
}

/** A step's product: for each sixteen of the depth a row of right matrices, and then one left matrix after another. */
function multiplyText(tile: MatrixTile, { rowsAlongDepth, colsAlongDepth }: Staging): string {
  const names = matrixNames(tile);
  const lines: string[] = [];
  for (let k = 0; k < tile.depth; k += MATRIX) {
    for (const j of names[0].keys()) {
      const load = matrixLoad('Right', 'col', !colsAlongDepth, j * MATRIX, k, colsAlongDepth);
      lines.push(`let b${k}_${j} = ${load};`);
    }
    for (const [i, row] of names.entries()) {
      const load = matrixLoad('Left', 'row', rowsAlongDepth, i * MATRIX, k, rowsAlongDepth);
      lines.push(`let a${k}_${i} = ${load};`);
      for (const [j, sum] of row.entries()) {
        lines.push(`${sum} = subgroupMatrixMultiplyAccumulate(a${k}_${i}, b${k}_${j}, ${sum});`);
      }
    }
  }
  return lines.map((line) => `    ${line}\n`).join('');
}

/** A load of a matrix `at` rows (columns) from the subgroup's first and `k` from the step's beginning. */
function matrixLoad(
  type: 'Left' | 'Right',
  name: 'row' | 'col',
  rowMajor: boolean,
  at: number,
  k: number,
  alongDepth: boolean,
): string {
  const pitch = `${name.toUpperCase()}_PITCH`;
  const base = name === 'col' ? 'COL_BASE + ' : '';
  const place = alongDepth
    ? `(sub_${name} + ${at}u) * ${pitch} + ${k / HALVES}u`
    : `${k}u * ${pitch} + (sub_${name} + ${at}u) / 8u`;
  const major = rowMajor ? 'row_major' : 'col_major';
  return `subgroupMatrixLoad<${type}, ${major}>(&staged, ${base}${place}, ${pitch})`;
}

/**
 * The sums leave by strips of sixteen rows per subgroup through workgroup memory, where each invocation finds four
 * neighbours of a row: matrices can be stored as f32 alone, and nothing can be done to their elements before.
 */
function storeText(tile: MatrixTile): string {
  return matrixNames(tile)
    .map((row, i) => {
      const stores = row.map(
        (sum, j) =>
          `  subgroupMatrixStore<row_major>(&staged, strip + ${(j * MATRIX) / 4}u, ${sum}, STRIP_PITCH);\n`,
      );
      const head = i === 0 ? '\n  let strip = t / 32u * 16u * STRIP_PITCH;\n' : '  workgroupBarrier();\n';
      return `${head}${stores.join('')}  workgroupBarrier();\n  store_strip(place, sub_row + ${i * MATRIX}u, sub_col, t);\n`;
    })
    .join('');
}
