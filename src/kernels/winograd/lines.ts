/**
 * The one-dimensional transforms of Winograd's minimal filtering F(m, 3), as WGSL on lines of values; a tile is
 * transformed by its columns, then by its rows. Matrices: Lavin and Gray, "Fast Algorithms for Convolutional Neural
 * Networks", arXiv 1509.09308, sections 4.1 and 4.3, with what products have in common computed once.
 *
 * Everything is written out: a loop over an array of values would put that array into memory, for drivers do not unroll it.
 */

/** Outputs of a tile along an axis. */
export type TileSize = 2 | 4;

/** Inputs of a tile along an axis, and products of a tile along an axis. */
export function sideOf(size: TileSize): 4 | 6 {
  return size === 2 ? 4 : 6;
}

/** Names of a line's values, and of the structures that lines of so many are. */
const FIELDS = ['a', 'b', 'c', 'd', 'e', 'f'] as const;
const LINES: Readonly<Record<number, string>> = { 2: 'Two', 3: 'Three', 4: 'Four', 6: 'Six' };

/** B^T, G and A^T for two outputs. */
const TRANSFORMS_2 = /* wgsl */ `
fn input_line(x: Four) -> Four {
  return Four(x.a - x.c, x.b + x.c, x.c - x.b, x.b - x.d);
}

fn weights_line(g: Three) -> Four {
  let outer = g.a + g.c;
  return Four(g.a, 0.5 * (outer + g.b), 0.5 * (outer - g.b), g.c);
}

fn output_line(m: Four) -> Two {
  return Two(m.a + m.b + m.c, m.b - m.c - m.d);
}
`;

/**
 * For four outputs, by the Cook-Toom algorithm at the points 0, +-NEAR, +-FAR and infinity; their powers are exact in f32.
 * The paper has +-1 and +-2: these round half as much.
 */
const TRANSFORMS_4 = /* wgsl */ `
const NEAR = 0.625;
const FAR = 1.25;
const NEAR_2 = NEAR * NEAR;
const FAR_2 = FAR * FAR;

fn input_line(x: Six) -> Six {
  let near = x.e - FAR_2 * x.c;
  let near_odd = NEAR * (x.d - FAR_2 * x.b);
  let far = x.e - NEAR_2 * x.c;
  let far_odd = FAR * (x.d - NEAR_2 * x.b);
  return Six(
    x.e - (NEAR_2 + FAR_2) * x.c + NEAR_2 * FAR_2 * x.a,
    near + near_odd,
    near - near_odd,
    far + far_odd,
    far - far_odd,
    x.f - (NEAR_2 + FAR_2) * x.d + NEAR_2 * FAR_2 * x.b,
  );
}

fn weights_line(g: Three) -> Six {
  let scale = 0.5 / (FAR_2 - NEAR_2);
  let near = scale * (g.a / -NEAR_2 - g.c);
  let near_odd = scale / NEAR * g.b;
  let far = scale * (g.a / FAR_2 + g.c);
  let far_odd = scale / FAR * g.b;
  return Six(g.a / (NEAR_2 * FAR_2), near - near_odd, near + near_odd, far + far_odd, far - far_odd, g.c);
}

fn output_line(m: Six) -> Four {
  let near = m.b + m.c;
  let near_odd = NEAR * (m.b - m.c);
  let far = m.d + m.e;
  let far_odd = FAR * (m.d - m.e);
  return Four(
    m.a + near + far,
    near_odd + far_odd,
    NEAR_2 * near + FAR_2 * far,
    NEAR_2 * near_odd + FAR_2 * far_odd + m.f,
  );
}
`;

/** A transform of square tiles. */
export interface TilePass {
  readonly line: 'input_line' | 'weights_line' | 'output_line';
  /** Values of a tile along an axis, before and after. */
  readonly from: 3 | 4 | 6;
  readonly to: 2 | 4 | 6;
}

/** The passes of a tile size. */
export function passesOf(size: TileSize): Readonly<Record<'input' | 'weights' | 'output', TilePass>> {
  const side = sideOf(size);
  return {
    input: { line: 'input_line', from: side, to: side },
    weights: { line: 'weights_line', from: 3, to: side },
    output: { line: 'output_line', from: side, to: size },
  };
}

/** What stands in front of a pass: the structures, and the lines' transforms. `Value` has to be declared. */
export function lineText(size: TileSize): string {
  const structs = Object.entries(LINES).map(([length, name]) => {
    const fields = FIELDS.slice(0, Number(length)).map((field) => `${field}: Value`);
    return `struct ${name} { ${fields.join(', ')} }\n`;
  });
  return structs.join('') + (size === 2 ? TRANSFORMS_2 : TRANSFORMS_4);
}

/**
 * `fn transform_tile(p: Place)`: loads a tile with `load(p, i, j) -> Value`, transforms its columns, then its rows, and
 * hands the rows over to `put_row(p, i, row)`.
 */
export function passText({ line, from, to }: TilePass): string {
  const [source, target] = [LINES[from], LINES[to]];
  const loads = indices(from).map((i) => `load(p, ${i}u, j)`);
  const columns = indices(from).map((j) => `  let q${j} = ${line}(column(p, ${j}u));\n`);
  const rows = indices(to).map((i) => {
    const row = indices(from).map((j) => `q${j}.${FIELDS[i]}`);
    return `  put_row(p, ${i}u, ${line}(${source}(${row.join(', ')})));\n`;
  });
  return (
    `fn column(p: Place, j: u32) -> ${source} {\n  return ${source}(${loads.join(', ')});\n}\n\n` +
    `fn put_row(p: Place, i: u32, row: ${target}) {\n${putsOf(to)}}\n\n` +
    `fn transform_tile(p: Place) {\n${columns.join('')}${rows.join('')}}\n`
  );
}

/** A row's values one by one, to `put(p, i, j, value)`. */
function putsOf(length: number): string {
  return indices(length)
    .map((j) => `  put(p, i, ${j}u, row.${FIELDS[j]});\n`)
    .join('');
}

function indices(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}
