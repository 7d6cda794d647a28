/**
 * Depthwise convolution where W is innermost (NCHW): an invocation computes a patch that is whole vectors wide, so that it
 * loads most of its input and stores all of its output four (two) elements at a time. The columns that a window reaches
 * beside these vectors are loaded one by one, and meet in L1 what a neighbour loads. For the rest see
 * patch.ts.
 *
 * For rows that divide into vectors, of the input and of the output.
 */
import { viewStrides, type TensorView } from '../view.js';
import { alias, constants, elementName, range } from '../wgsl.js';
import {
  PLACE_TEXT,
  meetingsAlong,
  patchKernel,
  residualText,
  type Patch,
  type PatchConfig,
} from './launch.js';
import { columnHeight, dividesAlong } from './patches.js';
import { depthwisePatchRefusal } from './patch.js';
import type { ConvGeometry } from '../conv/geometry.js';
import { liftedProblem, type ConvKernel, type ConvProblem } from '../conv/problem.js';
import { biasAndActivation } from '../conv/store.js';

/** 32-bit registers for weights, sums and a row of input. */
const REGISTERS = 160;

/** Elements of a vector along W that a view's rows divide into. */
function vectorOf(view: TensorView): number {
  return [4, 2].find((size) => dividesAlong(view, 4, size)) ?? 1;
}

/** Elements of one access, of a lifted problem. */
function unitOf({ x, y, residual }: ConvProblem): number {
  return Math.min(...[x, y, ...(residual ? [residual] : [])].map(vectorOf));
}

/** Why the kernel does not apply, or undefined. */
export function depthwiseRowsRefusal(problem: ConvProblem): string | undefined {
  const refused = depthwisePatchRefusal(problem);
  if (refused !== undefined) return refused;
  return unitOf(liftedProblem(problem)) === 1 ? 'rows along W do not divide into vectors' : undefined;
}

/** Why a patch is of no use, or undefined. Widths are in elements. */
export function depthwiseRowsPatchRefusal(
  problem: ConvProblem,
  { height, width }: Patch,
): string | undefined {
  const lifted = liftedProblem(problem);
  const { output, kernel } = lifted.geometry;
  const name = `a patch of ${height}x${width}`;
  const unit = unitOf(lifted);
  if (width % unit !== 0) return `${name} is not whole vectors of ${unit}`;
  if (height > output[1] || width > output[2]) return `${name} is larger than the output`;
  if (height === 1 && width === unit) return undefined;
  const columns = meetingsAlong(lifted.geometry, 2, width).length;
  const registers = kernel[1] * kernel[2] + height * width + columns;
  return registers > REGISTERS ? `${name} takes ${registers} registers` : undefined;
}

/** The default patch: one vector wide, and about eight rows that divide the output. */
export function depthwiseRowsPatch(problem: ConvProblem): Patch {
  const lifted = liftedProblem(problem);
  const patch = { height: columnHeight(lifted.geometry.output[1]), width: unitOf(lifted) };
  return depthwiseRowsPatchRefusal(problem, patch) === undefined ? patch : { ...patch, height: 1 };
}

const LOAD_INSIDE = /* wgsl */ `
fn x_vector(inside: bool, at: u32) -> Wide {
  if (!inside) { return Wide(); }
  return Wide(x[at]);
}

fn x_one(inside: bool, at: u32, i: u32) -> f32 {
  if (!inside) { return 0.0; }
  return f32(x[at][i]);
}
`;

const LOAD_AND_SELECT = /* wgsl */ `
fn x_vector(inside: bool, at: u32) -> Wide {
  let v = x[select(0u, at, inside)];
  return Wide(select(Stored(), v, inside));
}

fn x_one(inside: bool, at: u32, i: u32) -> f32 {
  let v = x[select(0u, at, inside)][i];
  return select(0.0, f32(v), inside);
}
`;

const MAIN = /* wgsl */ `
fn weight(tap: u32, c: u32) -> f32 { return f32(w[tap * OUT_CHANNELS + c]); }

fn put(n: u32, c: u32, h: u32, w: u32, v: Wide) {
  if (h >= OUT_H || w >= OUT_W) { return; }
  let sum = v + residual_at(n, c, h, w) + bias_at(c);
  y[y_index(n, c, 0u, h, w)] = Stored(activated(sum));
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let place = place_of(wid.x + wid.y * GRID_X, t);
  if (!place.used) { return; }
  let plane = x_index(place.n, place.c / MULTIPLIER, 0u, 0u, 0u);
  // The vector of the row that holds the input at stride times the first output's column: a whole one.
  let word = place.ow * STRIDE_W / UNIT;
  compute_patch(place, word, plane + place.h * X_ROW + word);
}
`;

const ACTIVATED: Readonly<Record<number, string>> = {
  2: /* wgsl */ `
fn activated(v: Wide) -> Wide { return Wide(activation(v.x), activation(v.y)); }
`,
  4: /* wgsl */ `
fn activated(v: Wide) -> Wide {
  return Wide(activation(v.x), activation(v.y), activation(v.z), activation(v.w));
}
`,
};

/** A vector of the input, relative to the first, and which of its elements are needed. */
interface Word {
  readonly name: string;
  readonly place: number;
  readonly elements: readonly number[];
}

/** What one row of a patch's input is made of. */
class Segment {
  readonly words: readonly Word[];
  readonly #unit: number;

  /** @param columns needed ones, relative to the first vector; negative in front of it */
  constructor(columns: readonly number[], unit: number) {
    this.#unit = unit;
    const places = [...new Set(columns.map((column) => Math.floor(column / unit)))];
    this.words = places.map((place, i) => {
      const own = columns.filter((column) => Math.floor(column / unit) === place);
      return { name: `v${i}`, place, elements: own.map((column) => column - place * unit) };
    });
  }

  /** The statements that load it from element `row`, for a row of the input that is `inside`. */
  loads(): string[] {
    return this.words.flatMap(({ name, place, elements }) => {
      const at = shifted('row', place);
      if (elements.length > 1) return [`let ${name} = x_vector(inside && in_${name}, ${at});`];
      return elements.map((i) => `let ${name}_${i} = x_one(inside && in_${name}, ${at}, ${i}u);`);
    });
  }

  /** The expression of one of its columns. */
  element(column: number): string {
    const place = Math.floor(column / this.#unit);
    const i = column - place * this.#unit;
    const word = this.words.find((candidate) => candidate.place === place);
    if (!word) throw new RangeError(`column ${column} is not in the segment`);
    return word.elements.length > 1 ? `${word.name}.${elementName(i)}` : `${word.name}_${i}`;
  }
}

function shifted(name: string, by: number): string {
  return `${name} ${by < 0 ? '-' : '+'} ${Math.abs(by)}u`;
}

/** `compute_patch(p, word, at)`: the outputs of a place, `word` and `at` being its first vector in the row and in x. */
function patchText(geometry: ConvGeometry, { height, width }: Patch, unit: number): string {
  const { kernel, strides, dilations, padsBegin } = geometry;
  const vectors = range(width / unit);
  const column = (j: number, kw: number): number => j * strides[2] + kw * dilations[2] - padsBegin[2];
  const needed = meetingsAlong(geometry, 2, width).map(({ place }) => place - padsBegin[2]);
  const segment = new Segment(needed, unit);
  const sums = range(height).flatMap((i) => vectors.map((v) => ({ name: `sum${i}_${v}`, i, v })));
  const lines = [
    ...range(kernel[1] * kernel[2]).map((tap) => `let w${tap} = weight(${tap}u, p.c);`),
    ...sums.map(({ name }) => `var ${name} = Wide();`),
    ...segment.words.map(
      ({ name, place }) => `let in_${name} = !LEAVES_W || ${shifted('word', place)} < IN_W / UNIT;`,
    ),
    ...meetingsAlong(geometry, 1, height).flatMap((row) => [
      `{`,
      `  let inside = !LEAVES_H || p.h + ${row.place}u < IN_H;`,
      `  let row = at + ${row.place}u * X_ROW;`,
      ...segment.loads().map((line) => `  ${line}`),
      ...vectors.flatMap((v) =>
        range(kernel[2]).map((kw) => {
          const elements = range(unit).map((j) => segment.element(column(v * unit + j, kw)));
          return `  let x${v}_${kw} = Wide(${elements.join(', ')});`;
        }),
      ),
      ...row.pairs.flatMap(([i, kh]) =>
        vectors.flatMap((v) =>
          range(kernel[2]).map((kw) => `  sum${i}_${v} += w${kh * kernel[2] + kw} * x${v}_${kw};`),
        ),
      ),
      `}`,
    ]),
    ...sums.map(({ name, i, v }) => `put(p.n, p.c, p.oh + ${i}u, p.ow + ${v * unit}u, ${name});`),
  ];
  const body = lines.map((line) => `  ${line}\n`).join('');
  return `\nfn compute_patch(p: Place, word: u32, at: u32) {\n${body}}\n`;
}

/** The kernel. @throws RangeError for a patch that `depthwiseRowsPatchRefusal` refuses */
export function depthwiseRowsKernel(config: PatchConfig): ConvKernel {
  const { patch } = config;
  const refused = depthwiseRowsPatchRefusal(config.problem, patch);
  if (refused !== undefined) throw new RangeError(refused);
  const problem = liftedProblem(config.problem);
  const { geometry, x, w } = problem;
  const unit = unitOf(problem);
  const { batch, outChannels } = geometry;
  return patchKernel(
    { ...config, problem },
    {
      numbering: { lanes: 1, planes: batch * outChannels, planeC: outChannels, stepC: 1 },
      unit,
      weights: w.type,
      declarations: [
        constants({
          MULTIPLIER: outChannels / geometry.channels,
          OUT_CHANNELS: outChannels,
          UNIT: unit,
          X_ROW: viewStrides(x)[3] / unit,
        }),
        alias('Stored', `vec${unit}<${x.type}>`),
        alias('Wide', `vec${unit}<f32>`),
      ],
      text: [
        residualText(problem),
        biasAndActivation(problem),
        ACTIVATED[unit],
        PLACE_TEXT,
        patchText(geometry, patch, unit),
        config.way?.selects ? LOAD_AND_SELECT : LOAD_INSIDE,
        MAIN,
      ],
    },
  );
}
