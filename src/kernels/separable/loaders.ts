/**
 * Loaders (conv/pixels.ts) for the products of a depthwise separable convolution: what they hand over is not in memory, each
 * makes it from windows of x. Windows are written out.
 *
 * Access: where images are innermost, a vec4 of images per tap. Where columns are, and rows are whole vectors, the vectors
 * that four neighbouring windows cover: three of a row for 3 taps at stride 1 or 2. Where channels are, a vec4 of channels per
 * column that the windows of four neighbouring positions meet, if these lie in one row, else per tap. Elements one by one of
 * anything else.
 */
import { unaryWgsl } from '../elementwise/functions.js';
import { vectorsAlong, type ConvGeometry } from '../conv/geometry.js';
import type { PixelLoader } from '../conv/pixels.js';
import { channelsInnermost } from '../conv/problem.js';
import { viewStrides } from '../view.js';
import { constants, elementName, range } from '../wgsl.js';
import { tapsOf, type SeparableProblem } from './problem.js';
import { tapPlaces } from './taps.js';

/** How windows are loaded. */
export type WindowAccess = 'images' | 'columns' | 'channels' | 'scalars';

/**
 * How a lifted problem's windows are loaded.
 * @param order layout order that positions are walked in
 */
export function windowAccess(
  { x, window, geometry }: SeparableProblem,
  order: readonly number[],
): WindowAccess {
  const { input, output } = window.geometry;
  if (channelsInnermost(x)) {
    const whole = geometry.channels % 4 === 0 || x.layout.block !== undefined;
    return whole && vectorsAlong(x, 1) ? 'channels' : 'scalars';
  }
  if (order.at(-1) === 0 && vectorsAlong(x, 0)) return 'images';
  const rows = order.at(-1) === 4 && [input[2], output[2]].every((extent) => extent % 4 === 0);
  return rows && vectorsAlong(x, 4) ? 'columns' : 'scalars';
}

/** A vector of x in f32, or zeros. */
const FETCH = /* wgsl */ `
fn pixels_fetch(at: u32, inside: bool) -> Fetched {
  if (!inside) { return Fetched(); }
  return Fetched(x[at]);
}

fn row_is_inside(h: u32) -> bool { return !WINDOW_LEAVES_H || h < WINDOW_IN_H; }

fn column_is_inside(w: u32) -> bool { return !WINDOW_LEAVES_W || w < WINDOW_IN_W; }

fn made(sum: vec4<f32>) -> Packed {
  return Packed(vec4<f32>(
    window_activation(sum.x),
    window_activation(sum.y),
    window_activation(sum.z),
    window_activation(sum.w),
  ));
}
`;

/** Four positions have one place: the first one's, whose column is `COLUMN` of x. */
const ONE_PLACE = /* wgsl */ `
struct PixelsState { at: u32, h: u32, w: u32 }

fn pixels_setup(first: u32, batch: u32) -> PixelsState {
  let p = position_of(min(first, POSITIONS - 4u));
  let h = p.z * WINDOW_STRIDE_H - WINDOW_PAD_H;
  let w = COLUMN;
  return PixelsState(x_index(p.x, 0u, 0u, h, w), h, w);
}
`;

/** Each of four positions has its own. */
const FOUR_PLACES = /* wgsl */ `
struct PixelsState { at: vec4<u32>, h: vec4<u32>, w: vec4<u32> }

fn pixels_setup(first: u32, batch: u32) -> PixelsState {
  var state: PixelsState;
  for (var i = 0u; i < 4u; i++) {
    let p = position_of(min(first + i * POSITION_STEP, POSITIONS - 1u));
    let h = p.z * WINDOW_STRIDE_H - WINDOW_PAD_H;
    let w = p.w * WINDOW_STRIDE_W - WINDOW_PAD_W;
    state.at[i] = x_index(p.x, 0u, 0u, h, w);
    state.h[i] = h;
    state.w[i] = w;
  }
  return state;
}
`;

/** A block of four channels, one after another. */
const FOUR_VECTORS = /* wgsl */ `
fn pixels_load(state: PixelsState, k: u32, batch: u32) -> Block {
  let tap = tap_at(0u, 0u);
  return Block(
    pixels_vector(state, tap, k),
    pixels_vector(state, tap, k + 1u),
    pixels_vector(state, tap, k + 2u),
    pixels_vector(state, tap, k + 3u),
  );
}
`;

const WINDOW_COLUMN = 'p.w * WINDOW_STRIDE_W - WINDOW_PAD_W';

/** Columns of the first of four neighbouring windows without padding: there vectors begin. */
const VECTOR_COLUMN = 'p.w * WINDOW_STRIDE_W';

/**
 * The loader of a lifted problem.
 * @param order layout order that positions are walked in
 * @param blocks whether blocks of channels are wanted (the tiled product) or single channels (the slim kernel)
 */
export function windowLoader(
  problem: SeparableProblem,
  order: readonly number[],
  blocks: boolean,
): PixelLoader<'taps'> {
  const access = windowAccess(problem, order);
  const { x, window } = problem;
  const { input, output, kernel, strides, dilations, padsBegin } = window.geometry;
  const unit = access === 'scalars' ? 1 : 4;
  const xStrides = viewStrides(x);
  // `x_index` leaves out an axis of one place, of a window's origin before it too.
  const step = (axis: 3 | 4): number => (x.dims[axis] === 1 && !x.within ? 0 : xStrides[axis] / unit);
  const reaches = (axis: 1 | 2): boolean => {
    const last = (output[axis] - 1) * strides[axis] - padsBegin[axis] + (kernel[axis] - 1) * dilations[axis];
    return padsBegin[axis] > 0 || last >= input[axis];
  };
  const alongRows = (order.at(-1) === 1 ? order.at(-2) : order.at(-1)) === 4;
  const neighbours = access === 'channels' && alongRows && output[2] % 4 === 0;
  const texts: Readonly<Record<WindowAccess, string>> = {
    images: ONE_PLACE.replace('COLUMN', WINDOW_COLUMN) + imagesText(problem),
    columns: ONE_PLACE.replace('COLUMN', VECTOR_COLUMN) + columnsText(problem),
    channels:
      (neighbours ? ONE_PLACE.replace('COLUMN', WINDOW_COLUMN) : FOUR_PLACES) +
      channelsText(problem, neighbours),
    scalars: FOUR_PLACES + scalarsText(problem),
  };
  return {
    kind: access === 'scalars' ? 'scalars' : access === 'channels' ? 'channels' : 'vectors',
    text: FETCH + texts[access] + (blocks && access !== 'channels' ? FOUR_VECTORS : ''),
    element: unit === 1 ? x.type : `vec4<${x.type}>`,
    unit,
    depthFastest: channelsInnermost(x),
    bindings: [{ name: 'taps', access: 'read', element: 'vec4<f32>' }],
    declarations: [
      `alias Fetched = ${unit === 1 ? 'f32' : 'vec4<f32>'};\n`,
      constants({
        X_ROW: step(3),
        X_COLUMN: access === 'columns' ? 1 : step(4),
        TAP_VECTORS: tapPlaces(window).vectors,
        WINDOW_IN_H: input[1],
        WINDOW_IN_W: input[2],
        WINDOW_STRIDE_H: strides[1],
        WINDOW_STRIDE_W: strides[2],
        WINDOW_PAD_H: padsBegin[1],
        WINDOW_PAD_W: padsBegin[2],
        WINDOW_LEAVES_H: reaches(1),
        WINDOW_LEAVES_W: reaches(2),
      }),
      unaryWgsl('window_activation', window.activation),
    ].join(''),
  };
}

/** `pixels_vector`, from the lines of a row of taps, which add to `sum`; `h` and `row` are the row's in x, in it or not. */
function vectorText({ window }: SeparableProblem, lines: readonly string[]): string {
  const { kernel, dilations } = window.geometry;
  const { rowVectors, bias } = tapPlaces(window);
  const taps = range(rowVectors).map(
    (i) => `  let t${i} = taps[c * TAP_VECTORS + kh * ${rowVectors}u + ${i}u];`,
  );
  return functionText('pixels_vector(state: PixelsState, tap: Tap, c: u32) -> Packed', [
    'if (c >= GROUP_CHANNELS) { return Packed(); }',
    'let at = state.at + x_step(0u, c, 0u, 0u, 0u);',
    `var sum = vec4<f32>(taps[c * TAP_VECTORS + ${Math.floor(bias / 4)}u].${elementName(bias % 4)});`,
    `for (var kh = 0u; kh < ${kernel[1]}u; kh++) {`,
    ...taps,
    `  let h = state.h + kh * ${dilations[1]}u;`,
    `  let row = at + kh * ${dilations[1]}u * X_ROW;`,
    ...lines.map((line) => `  ${line}`),
    '}',
    'return made(sum);',
  ]);
}

function functionText(head: string, lines: readonly string[]): string {
  return `\nfn ${head} {\n${lines.map((line) => `  ${line}\n`).join('')}}\n`;
}

/** A tap of the row. */
function tapName(tap: number): string {
  return `t${Math.floor(tap / 4)}.${elementName(tap % 4)}`;
}

function columnStep(w: number): string {
  return w === 0 ? '' : ` + ${w}u * X_COLUMN`;
}

function imagesText(problem: SeparableProblem): string {
  const { kernel, dilations } = problem.window.geometry;
  return vectorText(problem, [
    'let inside = row_is_inside(h);',
    ...range(kernel[2]).map((tap) => {
      const w = tap * dilations[2];
      return `sum += ${tapName(tap)} * pixels_fetch(row${columnStep(w)}, inside && column_is_inside(state.w + ${w}u));`;
    }),
  ]);
}

function scalarsText(problem: SeparableProblem): string {
  const { kernel, dilations } = problem.window.geometry;
  return vectorText(problem, [
    ...range(4).map((i) => `let inside${i} = row_is_inside(h.${elementName(i)});`),
    ...range(kernel[2]).map((tap) => {
      const w = tap * dilations[2];
      const four = range(4).map((i) => {
        const inside = `inside${i} && column_is_inside(state.w.${elementName(i)} + ${w}u)`;
        return `pixels_fetch(row.${elementName(i)}${columnStep(w)}, ${inside})`;
      });
      return `sum += ${tapName(tap)} * vec4<f32>(${four.join(', ')});`;
    }),
  ]);
}

function vectorName(vector: number): string {
  return vector < 0 ? `before${-vector}` : `v${vector}`;
}

/** The element at a column, counted from that of the first vector. */
function elementAt(column: number): string {
  return `${vectorName(Math.floor(column / 4))}.${elementName(((column % 4) + 4) % 4)}`;
}

/** @param from an expression */
function moved(from: string, by: number): string {
  if (by === 0) return from;
  return by < 0 ? `${from} - ${-by}u` : `${from} + ${by}u`;
}

/** The vectors of a row that four windows cover, then of every tap the four elements that they meet with it. */
function columnsText(problem: SeparableProblem): string {
  const { kernel, strides, dilations, padsBegin } = problem.window.geometry;
  const places = range(kernel[2]).map((tap) =>
    range(4).map((i) => i * strides[2] + tap * dilations[2] - padsBegin[2]),
  );
  const vectors = [...new Set(places.flat().map((place) => Math.floor(place / 4)))].sort((a, b) => a - b);
  return vectorText(problem, [
    'let inside = row_is_inside(h);',
    ...vectors.map((vector) => {
      const inside = `inside && column_is_inside(${moved('state.w', 4 * vector)})`;
      return `let ${vectorName(vector)} = pixels_fetch(${moved('row', vector)}, ${inside});`;
    }),
    ...places.map((four, tap) => `sum += ${tapName(tap)} * vec4<f32>(${four.map(elementAt).join(', ')});`),
  ]);
}

/** `pixels_load`: four channels of four positions. @param neighbours whether these lie in one row */
function channelsText({ window }: SeparableProblem, neighbours: boolean): string {
  const { kernel, dilations } = window.geometry;
  const taps = tapsOf(window);
  const sums = range(4);
  return functionText('pixels_load(state: PixelsState, k: u32, batch: u32) -> Block', [
    'if (k >= DEPTH) { return Block(); }',
    'let at = state.at + x_step(0u, k, 0u, 0u, 0u);',
    `let first = k / 4u * ${taps + 1}u;`,
    `let bias = taps[first + ${taps}u];`,
    ...sums.map((i) => `var sum${i} = bias;`),
    `for (var kh = 0u; kh < ${kernel[1]}u; kh++) {`,
    ...range(kernel[2]).map((tap) => `  let t${tap} = taps[first + kh * ${kernel[2]}u + ${tap}u];`),
    `  let h = state.h + kh * ${dilations[1]}u;`,
    `  let row = at + kh * ${dilations[1]}u * X_ROW;`,
    ...(neighbours ? neighbourLines(window.geometry) : apartLines(window.geometry)).map(
      (line) => `  ${line}`,
    ),
    '}',
    `return transposed(${sums.map((i) => `made(sum${i})`).join(', ')});`,
  ]);
}

/** Columns that windows share are loaded once. */
function neighbourLines({ kernel, strides, dilations }: ConvGeometry): string[] {
  const meetings = range(kernel[2]).flatMap((tap) =>
    range(4).map((i) => ({ tap, i, place: i * strides[2] + tap * dilations[2] })),
  );
  const columns = [...new Set(meetings.map(({ place }) => place))].sort((a, b) => a - b);
  return [
    'let inside = row_is_inside(h);',
    ...columns.flatMap((column) => [
      `let v${column} = pixels_fetch(row${columnStep(column)}, inside && column_is_inside(state.w + ${column}u));`,
      ...meetings
        .filter(({ place }) => place === column)
        .map(({ tap, i }) => `sum${i} += t${tap} * v${column};`),
    ]),
  ];
}

function apartLines({ kernel, dilations }: ConvGeometry): string[] {
  return range(4).flatMap((i) => {
    const of = elementName(i);
    return [
      `let inside${i} = row_is_inside(h.${of});`,
      ...range(kernel[2]).map((tap) => {
        const w = tap * dilations[2];
        const inside = `inside${i} && column_is_inside(state.w.${of} + ${w}u)`;
        return `sum${i} += t${tap} * pixels_fetch(row.${of}${columnStep(w)}, ${inside});`;
      }),
    ];
  });
}
