/**
 * The text of the tiled product's `main` (tiled-product.ts). It is generated, because it is written out: drivers do not unroll
 * loops over a tile's depth by themselves. On an H200 a product of 4096 x 4096 x 4096 reached 40.1 TFLOP/s with a loop,
 * 45.0 written out, and 46.6 with each depth's vectors read from workgroup memory before the last one's are multiplied.
 */
import type { Tile } from './tile.js';

/** Blocks of four rows (or columns) by four depths are what an invocation loads at once. */
export interface MainConfig {
  readonly tile: Tile;
  readonly threads: number;
  readonly rowDepthFastest: boolean;
  readonly colDepthFastest: boolean;
  /** Whether sums begin with `begin(batch, row, col)`, not at zero; without parts only. */
  readonly begins: boolean;
}

/** One load of an invocation, under way while a step is multiplied. */
interface Load {
  readonly operand: 'row' | 'col';
  readonly name: string;
  /** Which block it is: an expression of the invocation's number. */
  readonly block: string;
  /** When the invocation has one: undefined for always. */
  readonly when: string | undefined;
}

/** `main`, for a tile. Fixed texts between the parts that differ in length. */
export function mainText(config: MainConfig): string {
  const { tile, begins } = config;
  const loads = loadsOf(config);
  return [
    BEGIN,
    ...loads.map(({ operand, name, block }) => setup(config, operand, name, block)),
    LANES,
    ...(begins ? [] : sumNames(tile).map((name) => `  var ${name} = vec4<f32>();\n`)),
    ...loads.map(({ name }) => `  var ${name}: Block;\n`),
    '\n  let first = place.part * PART_DEPTH;\n  let end = min(first + PART_DEPTH, DEPTH);\n',
    fetch(loads, 'first', '  '),
    ...(begins ? [SUMS, ...beginText(tile)] : []),
    STEP,
    ...loads.map(({ operand, name, when }) => guarded(when, '    ', `put_${operand}(${name}, ${name}_at);`)),
    NEXT,
    fetch(loads, 'next', '      '),
    '    }\n',
    multiplyText(config),
    END_OF_STEP,
    begins ? '' : SUMS,
    ...storesText(tile),
    '}\n',
  ].join('');
}

/** How `main` begins, on subgroup matrices too. */
export const BEGIN = /* wgsl */ `
@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let group = wid.x + wid.y * GRID_X;
  if (group >= GROUPS) { return; }
  let place = place_of(group);
`;

const LANES = /* wgsl */ `
  let x = t / 32u % (X_THREADS / X_LANES) * X_LANES + t % X_LANES;
  let y = t / 32u / (X_THREADS / X_LANES) * (32u / X_LANES) + t % 32u / X_LANES;

`;

const STEP = /* wgsl */ `
  for (var k = first; ; ) {
`;

const NEXT = /* wgsl */ `
    workgroupBarrier();
    let next = k + TILE_DEPTH;
    if (next < end) {
`;

const END_OF_STEP = /* wgsl */ `
    k = next;
    if (k >= end) { break; }
    workgroupBarrier();
  }
`;

/** Where an invocation's sums are. */
const SUMS = /* wgsl */ `
  let row = place.row + 4u * y;
  let col = place.col + 4u * x;
  let batch = place.batch + place.part * BATCHES;
`;

/**
 * What each invocation loads. Where all blocks of both operands are no more than the invocations, one block each, the
 * first ones of rows and the others of columns; else its share of either.
 */
function loadsOf({ tile, threads }: MainConfig): Load[] {
  const rowBlocks = (tile.rows * tile.depth) / 16;
  const colBlocks = (tile.cols * tile.depth) / 16;
  if (rowBlocks + colBlocks <= threads) {
    return [
      { operand: 'row', name: 'row0', block: 't', when: `t < ${rowBlocks}u` },
      {
        operand: 'col',
        name: 'col0',
        block: `(t - ${rowBlocks}u)`,
        when: rowBlocks + colBlocks === threads ? `t >= ${rowBlocks}u` : `t - ${rowBlocks}u < ${colBlocks}u`,
      },
    ];
  }
  const shares = (operand: 'row' | 'col', blocks: number): Load[] =>
    Array.from({ length: Math.ceil(blocks / threads) }, (_, i) => {
      const block = i === 0 ? 't' : `(t + ${i * threads}u)`;
      const when = blocks >= (i + 1) * threads ? undefined : `${block} < ${blocks}u`;
      return { operand, name: `${operand}${i}`, block, when };
    });
  return [...shares('row', rowBlocks), ...shares('col', colBlocks)];
}

/** Where a block is in the operand and in the tile. */
function setup(config: MainConfig, operand: 'row' | 'col', name: string, block: string): string {
  const { rows, cols, depth } = config.tile;
  const fours = (operand === 'row' ? rows : cols) / 4;
  const depthFastest = operand === 'row' ? config.rowDepthFastest : config.colDepthFastest;
  const [four, k] = depthFastest
    ? [`${block} / ${depth / 4}u`, `${block} % ${depth / 4}u`]
    : [`${block} % ${fours}u`, `${block} / ${fours}u`];
  const swizzle = depthFastest ? ` ^ (${name}_k / 4u * ${operand.toUpperCase()}_SWIZZLE)` : '';
  return (
    `  let ${name}_four = ${four};\n  let ${name}_k = 4u * (${k});\n` +
    `  let ${name}_at = ${name}_k * ${operand.toUpperCase()}_PITCH + (${name}_four${swizzle});\n` +
    `  let ${name}_state = ${operand}_setup(place.${operand} + 4u * ${name}_four, place.batch);\n`
  );
}

function fetch(loads: readonly Load[], k: string, indent: string): string {
  return loads
    .map(({ operand, name, when }) =>
      guarded(when, indent, `${name} = ${operand}_load(${name}_state, ${k} + ${name}_k, place.batch);`),
    )
    .join('');
}

function guarded(when: string | undefined, indent: string, statement: string): string {
  return when === undefined ? `${indent}${statement}\n` : `${indent}if (${when}) { ${statement} }\n`;
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

function sumNames({ microRows, microCols }: Tile): string[] {
  return range(microRows).flatMap((r) => range(microCols / 4).map((h) => `c${r}_${h}`));
}

/** The product of a step's tiles: each depth's vectors are read before those of the depth before are multiplied. */
function multiplyText(config: MainConfig): string {
  const { depth, unroll = depth } = config.tile;
  const rounds = depth / unroll;
  const lines = range(unroll).map(
    (k) =>
      (k === 0 ? readsText(config, 0, rounds) : '') +
      (k + 1 < unroll ? readsText(config, k + 1, rounds) : '') +
      productsText(config.tile, k),
  );
  if (rounds === 1) return lines.join('');
  return `    for (var i = 0u; i < ${rounds}u; i++) {\n${lines.join('')}    }\n`;
}

/** Reads a round's k-th depth's vectors from workgroup memory. */
function readsText(config: MainConfig, k: number, rounds: number): string {
  const { microRows, microCols } = config.tile;
  const line = (operand: 'row' | 'col', name: string, i: number): string => {
    const place = rounds > 1 ? loopedPlace(config, operand, k, i) : placeText(config, operand, k, i);
    return `    let ${name}${k}_${i} = ${operand}_tile[${place}];\n`;
  };
  return [
    ...range(microRows / 4).map((i) => line('row', 'a', i)),
    ...range(microCols / 4).map((i) => line('col', 'b', i)),
  ].join('');
}

/** An invocation's i-th vector of a depth. */
function vectorText(operand: 'row' | 'col', i: number): string {
  const [lane, lanes] = operand === 'row' ? ['y', 'Y_THREADS'] : ['x', 'X_THREADS'];
  return i === 0 ? lane : `${lane} + ${i === 1 ? '' : `${i}u * `}${lanes}`;
}

/** Where an invocation's i-th vector lies at a depth. */
function placeText(config: MainConfig, operand: 'row' | 'col', k: number, i: number): string {
  const swizzle = isSwizzled(config, operand) ? Math.floor(k / 4) * (32 / config.tile.depth) : 0;
  const four = vectorText(operand, i);
  return `${k}u * ${operand.toUpperCase()}_PITCH + ${swizzle === 0 ? four : `((${four}) ^ ${swizzle}u)`}`;
}

/** The same at the k-th depth of the i-th round. Rounds of one depth share the swizzle of the depth that they are. */
function loopedPlace(config: MainConfig, operand: 'row' | 'col', k: number, i: number): string {
  const { depth, unroll = depth } = config.tile;
  const upper = operand.toUpperCase();
  const at = `(i * ${unroll}u + ${k}u)`;
  const fours = unroll % 4 === 0 ? `(i * ${unroll / 4}u + ${Math.floor(k / 4)}u)` : `(${at} / 4u)`;
  const swizzle = isSwizzled(config, operand) ? ` ^ (${fours} * ${upper}_SWIZZLE)` : '';
  return `${at} * ${upper}_PITCH + ((${vectorText(operand, i)})${swizzle})`;
}

function isSwizzled(config: MainConfig, operand: 'row' | 'col'): boolean {
  return operand === 'row' ? config.rowDepthFastest : config.colDepthFastest;
}

function productsText({ microRows, microCols }: Tile, k: number): string {
  return range(microRows)
    .map((r) => {
      const a = `a${k}_${Math.floor(r / 4)}.${'xyzw'[r % 4]}`;
      return `    ${range(microCols / 4)
        .map((h) => `c${r}_${h} += ${a} * b${k}_${h};`)
        .join(' ')}\n`;
    })
    .join('');
}

/** What sums begin with is loaded behind the first tiles' blocks: nothing waits for it before the first products. */
function beginText(tile: Tile): string[] {
  return sumPlaces(tile).map(({ name, row, col }) => `  var ${name} = begin(batch, ${row}, ${col});\n`);
}

function storesText(tile: Tile): string[] {
  return sumPlaces(tile).map(({ name, row, col }) => `  store(batch, ${row}, ${col}, ${name});\n`);
}

/** Rows in order within a block of four, and of each row all of its vectors: what pooling behind it counts on. */
function sumPlaces({ microRows, microCols }: Tile): { name: string; row: string; col: string }[] {
  return range(microRows).flatMap((r) =>
    range(microCols / 4).map((h) => ({
      name: `c${r}_${h}`,
      row: `row + ${Math.floor(r / 4)}u * (4u * Y_THREADS) + ${r % 4}u`,
      col: h === 0 ? 'col' : `col + ${h}u * (4u * X_THREADS)`,
    })),
  );
}
